import { useEffect, useState } from 'react'

const EVERY = 30_000

/** How many notifications are new; it keeps itself up to date while the page is looked at. */
export const Unread = ({ count }: { readonly count: number }) => {
  const unread = useUnread(count)
  if (unread === 0) return null
  const shown = unread > 99 ? '99+' : String(unread)
  return (
    <span className="unread">
      <span aria-hidden="true">{shown}</span>
      <span className="visually-hidden">({shown} new)</span>
    </span>
  )
}

const useUnread = (count: number): number => {
  const [unread, setUnread] = useState(count)
  useEffect(() => setUnread(count), [count])
  useEffect(() => {
    const look = async () => {
      if (document.visibilityState !== 'visible') return
      const found = await askHowMany()
      if (found !== null) setUnread(found)
    }
    const timer = setInterval(look, EVERY)
    return () => clearInterval(timer)
  }, [])
  return unread
}

/** Null: it could not be asked just now. */
const askHowMany = async (): Promise<number | null> => {
  try {
    const answer = await fetch('/api/notifications/unread')
    const { unread } = (await answer.json()) as { unread?: unknown }
    return answer.ok && typeof unread === 'number' ? unread : null
  } catch {
    return null
  }
}

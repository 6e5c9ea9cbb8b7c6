import { useRevalidator } from '@remix-run/react'
import { useEffect, useRef, useState } from 'react'
import { LOOK_EVERY, MOST_LOOKS } from './progress'

/** Looks again and again while there is something to wait for, up to a bound; true once that is reached. */
export const useLooks = (waiting: boolean): boolean => {
  const { revalidate, state } = useRevalidator()
  const looks = useRef(0)
  const [gaveUp, setGaveUp] = useState(false)
  useEffect(() => {
    if (!waiting || state !== 'idle') return
    const timer = setTimeout(() => {
      if (looks.current >= MOST_LOOKS) return setGaveUp(true)
      looks.current += 1
      revalidate()
    }, LOOK_EVERY)
    return () => clearTimeout(timer)
  }, [waiting, state, revalidate])
  return gaveUp
}

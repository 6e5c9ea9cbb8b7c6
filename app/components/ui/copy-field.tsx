import { useEffect, useId, useRef, useState } from 'react'
import { Button } from './button'
import { useHydrated } from './use-hydrated'

/** A value to take away: selectable anywhere, and with a button where scripts run. */
export const CopyField = ({ label, value }: { readonly label: string; readonly value: string }) => {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const hydrated = useHydrated()
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), 2_000)
    return () => clearTimeout(timer)
  }, [said])

  const copy = async () => {
    input.current?.select()
    try {
      await navigator.clipboard.writeText(value)
      setSaid('Copied!')
    } catch {
      setSaid('Press Ctrl+C or \u2318C to copy')
    }
  }

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="copy">
        <input
          ref={input}
          id={id}
          className="control"
          readOnly
          value={value}
          onFocus={(event) => event.target.select()}
        />
        {hydrated && (
          <Button type="button" onClick={copy} aria-label={said === '' ? `Copy ${label}` : said}>
            {said === '' ? 'Copy' : said}
          </Button>
        )}
        <span className="visually-hidden" aria-live="polite">
          {said}
        </span>
      </div>
    </div>
  )
}

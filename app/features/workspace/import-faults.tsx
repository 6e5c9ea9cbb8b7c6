import { useEffect, useRef } from 'react'
import { Alert } from '~/components/ui'
import { formatNumber } from '~/lib/format'
import type { ImportFailure } from './import-fault'

/** What is wrong with a document: the first faults with their places. Takes the focus when it appears. */
export const ImportFaults = ({ failure }: { readonly failure: ImportFailure | undefined }) => {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (failure !== undefined) box.current?.focus()
  }, [failure])
  if (failure === undefined) return null
  const { title, faults, more, stopped } = failure
  return (
    // biome-ignore lint/a11y/noAutofocus: without JavaScript this is how the focus moves to what is wrong
    <div ref={box} tabIndex={-1} autoFocus className="form-errors">
      <Alert tone="danger" title={title}>
        {faults.length > 0 && (
          <>
            <p>Nothing was imported. Put this right in the file, then try again:</p>
            <ul className="faults">
              {faults.map(({ place, path, message }) => (
                <li key={`${path} ${message}`}>
                  <strong>{place}</strong> – {message}
                  {path !== '' && <code>{path}</code>}
                </li>
              ))}
              {more > 0 && (
                <li>
                  … and {stopped && 'at least '}
                  {formatNumber(more)} more.
                </li>
              )}
            </ul>
          </>
        )}
      </Alert>
    </div>
  )
}

import { useEffect, useRef } from 'react'
import { Alert } from './alert'

interface FormErrorsProps {
  /** What an action answered; nothing is shown while there is nothing wrong. */
  readonly failure:
    | { readonly formError: string; readonly fieldErrors: Readonly<Record<string, string>> }
    | undefined
  /** The labels of the fields, by name, to speak of them as the form does. */
  readonly labels: Readonly<Record<string, string>>
}

/** What is wrong with a form, above it: takes the focus when it appears and leads to each field. */
export const FormErrors = ({ failure, labels }: FormErrorsProps) => {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (failure !== undefined) box.current?.focus()
  }, [failure])
  if (failure === undefined) return null
  // In the order of the form, which is the order of its labels.
  const order = Object.keys(labels)
  const fields = Object.entries(failure.fieldErrors).sort(([a], [b]) => placeIn(order, a) - placeIn(order, b))
  return (
    // biome-ignore lint/a11y/noAutofocus: without JavaScript this is how the focus moves to what is wrong
    <div ref={box} tabIndex={-1} autoFocus className="form-errors">
      <Alert tone="danger" title={failure.formError}>
        {fields.length > 0 && (
          <ul>
            {fields.map(([name, message]) => (
              <li key={name}>
                {name in labels ? <a href={`#${name}`}>{labels[name]}</a> : name}: {message}
              </li>
            ))}
          </ul>
        )}
      </Alert>
    </div>
  )
}

const placeIn = (order: readonly string[], name: string): number => {
  const place = order.indexOf(name)
  return place === -1 ? order.length : place
}

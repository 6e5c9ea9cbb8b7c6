import { type ReactNode, useId } from 'react'
import type { BlockProps } from './blocks'
import { usePage } from './page-context'
import { keyed, PageLink, Section } from './parts'

type Field = BlockProps<'Form'>['fields'][number]

/** A form: where pages are published it takes answers; elsewhere it shows how it looks, and where it would lead. */
export const Form = ({
  id,
  title,
  text,
  fields,
  submit,
  href,
  note,
}: BlockProps<'Form'> & { readonly id: string | null }) => {
  const { sendTo } = usePage()
  const to = id === null ? null : sendTo(id)
  return (
    <Section title={title} text={text} className="fp-form">
      <SendForm to={to}>
        {keyed(fields).map(({ key, item }) => (
          <FormField key={key} name={`f${key}`} field={item} />
        ))}
        <button type="submit" className="fp-button">
          {submit}
        </button>
      </SendForm>
      {note !== undefined && <p className="fp-note">{note}</p>}
      {to === null && (
        <p className="fp-note">
          A preview: this form takes no answers.{' '}
          {href !== undefined && (
            <PageLink href={href} className="fp-link">
              Go to the page after it
            </PageLink>
          )}
        </p>
      )}
    </Section>
  )
}

/** The form around fields, with the trap for machines: a field that nobody sees, and how long it took. */
export const SendForm = ({ to, children }: { readonly to: string | null; readonly children: ReactNode }) =>
  to === null ? (
    <form className="fp-card">
      <fieldset disabled>{children}</fieldset>
    </form>
  ) : (
    <form className="fp-card" method="post" action={to} data-send="">
      <div className="fp-hidden" aria-hidden="true">
        <label>
          Leave this empty
          <input type="text" name="website" tabIndex={-1} autoComplete="off" />
        </label>
        <input type="hidden" name="took" value="" />
      </div>
      <fieldset>{children}</fieldset>
    </form>
  )

const FormField = ({ name, field }: { readonly name: string; readonly field: Field }) => {
  const id = useId()
  const label = (
    <label htmlFor={id}>
      {field.label}
      {!field.required && <span className="fp-quiet"> (optional)</span>}
    </label>
  )
  const wiring = { id, name, required: field.required === true }
  if (field.type === 'checkbox')
    return (
      <div className="fp-check">
        <input type="checkbox" value="yes" {...wiring} /> {label}
      </div>
    )
  return (
    <div className="fp-field">
      {label}
      <Control wiring={wiring} field={field} />
    </div>
  )
}

interface ControlProps {
  readonly wiring: { readonly id: string; readonly name: string; readonly required: boolean }
  readonly field: Field
}

const Control = ({ wiring, field }: ControlProps) => {
  if (field.type === 'textarea')
    return <textarea rows={4} placeholder={field.placeholder} maxLength={5_000} {...wiring} />
  if (field.type === 'select')
    return (
      <select defaultValue="" {...wiring}>
        <option value="">Choose…</option>
        {keyed(field.options ?? []).map(({ key, item }) => (
          <option key={key}>{item}</option>
        ))}
      </select>
    )
  return <input type={field.type} placeholder={field.placeholder} maxLength={500} {...wiring} />
}

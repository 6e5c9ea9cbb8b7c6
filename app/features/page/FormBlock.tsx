import { useId } from 'react'
import type { BlockProps } from './blocks'
import { keyed, PageLink, Section } from './parts'

type Field = BlockProps<'Form'>['fields'][number]

/** A form as it will look. It takes no answers here; where it would lead is a link. */
export const Form = ({ title, text, fields, submit, href, note }: BlockProps<'Form'>) => (
  <Section title={title} text={text} className="fp-form">
    <form className="fp-card">
      <fieldset disabled>
        {keyed(fields).map(({ key, item }) => (
          <FormField key={key} field={item} />
        ))}
        <button type="submit" className="fp-button">
          {submit}
        </button>
      </fieldset>
      {note !== undefined && <p className="fp-note">{note}</p>}
      <p className="fp-note">
        A preview: this form takes no answers.{' '}
        {href !== undefined && (
          <PageLink href={href} className="fp-link">
            Go to the page after it
          </PageLink>
        )}
      </p>
    </form>
  </Section>
)

const FormField = ({ field }: { readonly field: Field }) => {
  const id = useId()
  const label = (
    <label htmlFor={id}>
      {field.label}
      {!field.required && <span className="fp-quiet"> (optional)</span>}
    </label>
  )
  if (field.type === 'checkbox')
    return (
      <div className="fp-check">
        <input id={id} type="checkbox" /> {label}
      </div>
    )
  return (
    <div className="fp-field">
      {label}
      <Control id={id} field={field} />
    </div>
  )
}

const Control = ({ id, field }: { readonly id: string; readonly field: Field }) => {
  if (field.type === 'textarea') return <textarea id={id} rows={4} placeholder={field.placeholder} />
  if (field.type === 'select')
    return (
      <select id={id}>
        {keyed(field.options ?? []).map(({ key, item }) => (
          <option key={key}>{item}</option>
        ))}
      </select>
    )
  return <input id={id} type={field.type} placeholder={field.placeholder} />
}

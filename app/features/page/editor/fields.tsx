import type { CustomField, Field } from '@puckeditor/core'
import { useId } from 'react'

/** A page that a link may lead to. */
export interface LinkChoice {
  /** As it is kept: `page:KEY`. */
  readonly href: string
  /** With its funnel's name where there are several. */
  readonly label: string
}

/** A picture of the workspace's library. */
export interface PictureChoice {
  readonly address: string
  readonly name: string
}

const ELSEWHERE = 'elsewhere'

/** A page out of a list, or an address typed in. */
export const linkField = (label: string, pages: readonly LinkChoice[]): CustomField<string> => ({
  type: 'custom',
  label,
  render: ({ value, onChange, readOnly }) => (
    <Choice
      label={label}
      value={value ?? ''}
      onChange={onChange}
      readOnly={readOnly === true}
      choices={pages.map(({ href, label: name }) => ({ value: href, name }))}
      other="Another address…"
      placeholder="https://… or mailto:…"
    />
  ),
})

/** A picture out of the library, or an address typed in. */
export const pictureField = (label: string, pictures: readonly PictureChoice[]): CustomField<string> => ({
  type: 'custom',
  label,
  render: ({ value, onChange, readOnly }) => (
    <>
      <Choice
        label={label}
        value={value ?? ''}
        onChange={onChange}
        readOnly={readOnly === true}
        choices={pictures.map(({ address, name }) => ({ value: address, name }))}
        other="Another address…"
        placeholder="https://…"
      />
      {typeof value === 'string' && value.startsWith('/pictures/') && (
        <img src={value} alt="" className="page-field-picture" />
      )}
    </>
  ),
})

/** Texts of a list, one a line. */
export const linesField = (label: string): CustomField<readonly string[]> => ({
  type: 'custom',
  label,
  render: ({ value, onChange, readOnly }) => (
    <label className="page-field">
      {label}
      <textarea
        rows={4}
        readOnly={readOnly === true}
        value={Array.isArray(value) ? value.join('\n') : ''}
        onChange={(event) => onChange(event.target.value === '' ? [] : event.target.value.split('\n'))}
      />
    </label>
  ),
})

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly readOnly: boolean
  readonly choices: readonly { readonly value: string; readonly name: string }[]
  readonly other: string
  readonly placeholder: string
}

const Choice = ({ label, value, onChange, readOnly, choices, other, placeholder }: ChoiceProps) => {
  const id = useId()
  const known = choices.some((choice) => choice.value === value)
  return (
    <div className="page-field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        disabled={readOnly}
        value={known ? value : value === '' ? '' : ELSEWHERE}
        onChange={(event) => onChange(event.target.value === ELSEWHERE ? 'https://' : event.target.value)}
      >
        <option value="">None</option>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.name}
          </option>
        ))}
        <option value={ELSEWHERE}>{other}</option>
      </select>
      {!known && value !== '' && (
        <input
          aria-label={`${label}: address`}
          disabled={readOnly}
          value={value}
          placeholder={placeholder}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </div>
  )
}

export const line = (label: string): Field => ({ type: 'text', label })
export const words = (label: string): Field => ({ type: 'textarea', label })
export const flag = (label: string): Field => ({
  type: 'radio',
  label,
  options: [
    { label: 'No', value: false },
    { label: 'Yes', value: true },
  ],
})
export const oneOf = (label: string, options: Readonly<Record<string, string | number>>): Field => ({
  type: 'select',
  label,
  options: Object.entries(options).map(([name, value]) => ({ label: name, value })),
})
/** @param title the member that names one of them in the list */
export const several = (
  label: string,
  arrayFields: Readonly<Record<string, Field>>,
  defaultItemProps: Readonly<Record<string, unknown>>,
  title: string,
): Field =>
  ({
    type: 'array',
    label,
    arrayFields,
    defaultItemProps,
    getItemSummary: (item: Readonly<Record<string, unknown>>, place?: number) =>
      typeof item[title] === 'string' && item[title] !== '' ? item[title] : `${label} ${(place ?? 0) + 1}`,
  }) as Field

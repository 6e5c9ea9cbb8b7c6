import type { ComponentPropsWithoutRef, ReactNode } from 'react'
import { classes } from './classes'

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly hint?: ReactNode
  readonly error?: string | undefined
  /** Where several forms of a page have a field of the same name. */
  readonly id?: string
  readonly optional?: boolean
}

interface Wiring {
  readonly id: string
  readonly name: string
  readonly required: boolean
  readonly 'aria-invalid'?: true
  readonly 'aria-describedby'?: string
}

/** Label, hint and error around one control; the control is told of all three. */
const Field = ({
  name,
  label,
  hint,
  error,
  id = name,
  optional = false,
  children,
}: FieldProps & { readonly children: (wiring: Wiring) => ReactNode }) => {
  const hintId = hint === undefined ? null : `${id}-hint`
  const errorId = error === undefined ? null : `${id}-error`
  const describedBy = [hintId, errorId].filter(Boolean).join(' ')
  return (
    <div className={classes('field', error !== undefined && 'field-wrong')}>
      <label htmlFor={id}>
        {label}
        {optional && <span className="field-optional"> (optional)</span>}
      </label>
      {hintId !== null && (
        <p id={hintId} className="field-hint">
          {hint}
        </p>
      )}
      {children({
        id,
        name,
        required: !optional,
        ...(errorId === null ? {} : { 'aria-invalid': true }),
        ...(describedBy === '' ? {} : { 'aria-describedby': describedBy }),
      })}
      {errorId !== null && (
        <p id={errorId} className="field-error">
          {error}
        </p>
      )}
    </div>
  )
}

type Control<Tag extends 'input' | 'textarea' | 'select'> = FieldProps &
  Omit<ComponentPropsWithoutRef<Tag>, 'id' | 'name' | 'required'>

export const InputField = ({
  name,
  label,
  hint,
  error,
  id,
  optional,
  className,
  ...props
}: Control<'input'>) => (
  <Field {...given({ name, label, hint, error, id, optional })}>
    {(wiring) => <input {...props} {...wiring} className={classes('control', className)} />}
  </Field>
)

export const TextareaField = ({
  name,
  label,
  hint,
  error,
  id,
  optional,
  className,
  ...props
}: Control<'textarea'>) => (
  <Field {...given({ name, label, hint, error, id, optional })}>
    {(wiring) => <textarea rows={4} {...props} {...wiring} className={classes('control', className)} />}
  </Field>
)

export const SelectField = ({
  name,
  label,
  hint,
  error,
  id,
  optional,
  className,
  ...props
}: Control<'select'>) => (
  <Field {...given({ name, label, hint, error, id, optional })}>
    {(wiring) => <select {...props} {...wiring} className={classes('control', className)} />}
  </Field>
)

const given = ({
  id,
  optional,
  ...rest
}: { [K in keyof FieldProps]: FieldProps[K] | undefined }): FieldProps => ({
  ...(rest as FieldProps),
  ...(id === undefined ? {} : { id }),
  ...(optional === undefined ? {} : { optional }),
})

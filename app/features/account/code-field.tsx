import { InputField } from '~/components/ui'

interface CodeFieldProps {
  readonly hint: string
  readonly error?: string | undefined
  readonly id?: string
}

/** A code of an authenticator app; phones offer figures, and what a password manager has. */
export const CodeField = ({ hint, error, id }: CodeFieldProps) => (
  <InputField
    name="code"
    label="Code"
    hint={hint}
    error={error}
    autoComplete="one-time-code"
    autoCapitalize="none"
    spellCheck={false}
    maxLength={64}
    {...(id === undefined ? {} : { id })}
  />
)

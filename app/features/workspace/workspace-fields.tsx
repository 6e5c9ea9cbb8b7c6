import { FormErrors, InputField, TextareaField } from '~/components/ui'
import type { FormFailure } from '~/lib/forms'

const LABELS = { name: 'Name', description: 'Description' }

interface WorkspaceFieldsProps {
  readonly failure: FormFailure | undefined
  /** What stands there to begin with. */
  readonly values?: { readonly name: string; readonly description: string }
}

/** What a workspace is called, with what is wrong with it. Stands above the buttons of a form. */
export const WorkspaceFields = ({
  failure,
  values = { name: '', description: '' },
}: WorkspaceFieldsProps) => {
  const field = (name: keyof typeof LABELS) => ({
    name,
    label: LABELS[name],
    error: failure?.fieldErrors[name],
    defaultValue: failure?.values[name] ?? values[name],
  })
  return (
    <>
      <FormErrors failure={failure} labels={LABELS} />
      <InputField {...field('name')} maxLength={200} autoComplete="off" />
      <TextareaField
        {...field('description')}
        optional
        maxLength={10_000}
        hint="Buyers read it before they buy a copy."
      />
    </>
  )
}

/** What an action answers when it refused: shown by the form it came from. */
export interface FormFailure {
  readonly code: string
  readonly formError: string
  readonly fieldErrors: Readonly<Record<string, string>>
  /** What was typed, so that nothing is typed twice. */
  readonly values: Readonly<Record<string, string>>
}

/** The label of the one field that was wrong in a form of a row, for FormErrors. */
export const rowLabels = (
  failure: FormFailure | undefined,
  label: string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(failure?.fieldErrors ?? {}).map((name) => [name, label]))

/** The named fields of a form as text; missing ones and files are empty. */
export const textFields = <Name extends string>(
  form: FormData,
  names: readonly Name[],
): Record<Name, string> =>
  Object.fromEntries(names.map((name) => [name, textOf(form.get(name))])) as Record<Name, string>

const textOf = (value: FormDataEntryValue | null): string => (typeof value === 'string' ? value : '')

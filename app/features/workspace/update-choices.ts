import type { UpdateView } from '../../../server/domain/workspace/schemas'

export type UpdateItemView = NonNullable<UpdateView['update']>['items'][number]

/** The choices of a form or an address: fields named `choice KEY`. */
export const chosenIn = (fields: URLSearchParams): Record<string, string> => {
  const choices: Record<string, string> = {}
  for (const [name, value] of fields)
    if (name.startsWith('choice ') && name.length <= 507 && value.length <= 20 && value !== '')
      choices[name.slice(7)] = value
  return choices
}

/** The same of what is shown, so that what was looked at is what is sent. */
export const choicesOf = (items: readonly UpdateItemView[]): (readonly [string, string])[] =>
  items.flatMap((item) => [
    [item.key, item.choice] as const,
    ...item.clashes.map(({ key, choice }) => [key, choice] as const),
  ])

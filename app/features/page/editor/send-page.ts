import type { PageView } from '../../../../server/domain/workspace/schemas'
import type { EditedPage } from './page-settings'
import type { Sent } from './saver'

/** What somebody else saved, with who and when where that is known. */
export interface Theirs {
  readonly page: PageView
  readonly by: string | null
  readonly savedAt: string | null
}

interface Address {
  readonly workspaceId: string
  readonly pageId: string
}

/**
 * Sends what changed of a page.
 * @param base as it was when it was read or saved last
 */
export const sendPage = async (
  address: Address,
  { draft, base }: { readonly draft: EditedPage; readonly base: EditedPage },
  { from, over }: { readonly from: string; readonly over: boolean },
): Promise<Sent<Theirs>> => {
  const body = JSON.stringify({
    ...changes(draft.page, base.page),
    ...(same(draft.seo, base.seo) ? {} : { seo: emptied(changes(draft.seo, base.seo)) }),
    content: draft.content,
    editedFrom: from,
    ...(over ? { ownVersion: true } : {}),
  })
  try {
    const answer = await fetch(pageUrl(address), {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body,
      // A browser lets a page that is being closed send no more than 64 KiB.
      keepalive: body.length < 30_000,
    })
    const said = (await answer.json()) as PageView & Refusal
    if (answer.ok) return { result: 'saved', version: said.contentVersion }
    if (answer.status === 409 && said.code === 'PAGE_CHANGED' && said.current !== undefined)
      return {
        result: 'conflict',
        version: said.current.contentVersion,
        theirs: { page: said.current, ...(await whoSaved(address)) },
      }
    const why = wordsOf(said)
    return answer.status >= 500 || answer.status === 429
      ? { result: 'unreachable', why }
      : { result: 'refused', why }
  } catch {
    return { result: 'unreachable', why: 'The server cannot be reached.' }
  }
}

interface Refusal {
  readonly code?: string
  readonly message?: string
  readonly issues?: readonly { readonly path: readonly (string | number)[]; readonly message: string }[]
  readonly current?: PageView
}

const whoSaved = async (address: Address): Promise<Pick<Theirs, 'by' | 'savedAt'>> => {
  try {
    const answer = await fetch(`${pageUrl(address)}/versions?limit=1`)
    const { items } = (await answer.json()) as { items?: { by: string | null; savedAt: string }[] }
    const [last] = items ?? []
    return { by: last?.by ?? null, savedAt: last?.savedAt ?? null }
  } catch {
    return { by: null, savedAt: null }
  }
}

const FIELDS: Readonly<Record<string, string>> = { name: 'Name', slug: 'Slug', ogImage: 'Social picture' }

const wordsOf = ({ message = 'The server refused it.', issues = [] }: Refusal): string => {
  const [first] = issues
  if (first === undefined) return message
  const field = FIELDS[String(first.path.at(-1))]
  return field === undefined ? `${message} ${first.message}` : `${field}: ${first.message}`
}

const pageUrl = ({ workspaceId, pageId }: Address): string =>
  `/api/workspace/${encodeURIComponent(workspaceId)}/pages/${encodeURIComponent(pageId)}`

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const changes = <T extends object>(now: T, before: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(now).filter(([name, value]) => value !== before[name as keyof T]),
  ) as Partial<T>

/** What was emptied is taken away. */
const emptied = (values: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === '' || value === false ? null : value]),
  )

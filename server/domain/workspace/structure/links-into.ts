import { and, eq, inArray, notInArray } from 'drizzle-orm'
import { pageContents, pages } from '../../../../db/schema'
import type { Context } from '../../../kit/context'
import { refused } from '../../../kit/errors'
import { forEachLink } from '../contents'
import type { WorkspaceRow } from '../owned-workspace'
import { pageNoOf } from '../rules'

/**
 * Pages that others lead to are not removed: a visitor would land nowhere.
 * @throws DomainError 422 PAGE_LINKED, naming the pages to change first
 */
export const refuseDangling = async (
  ctx: Context,
  workspace: WorkspaceRow,
  gone: readonly number[],
): Promise<void> => {
  if (gone.length === 0) return
  const left = await ctx.db
    .select({ name: pages.name, hash: pages.contentHash })
    .from(pages)
    .where(and(eq(pages.workspaceId, workspace.id), notInArray(pages.pageNo, [...gone])))
  const leading = new Set<string>()
  // A few bodies at a time: they may be large.
  for (let from = 0; from < left.length; from += 50) {
    const some = left.slice(from, from + 50)
    const contents = await ctx.db
      .select()
      .from(pageContents)
      .where(
        inArray(
          pageContents.hash,
          some.map(({ hash }) => hash),
        ),
      )
    for (const { hash, body } of contents)
      forEachLink(body, [], (key) => {
        if (gone.includes(pageNoOf(key) ?? -1))
          for (const page of some) if (page.hash.equals(hash)) leading.add(page.name)
      })
  }
  if (leading.size === 0) return
  const names = [...leading].slice(0, 5).map((name) => `“${name}”`)
  const more = leading.size > names.length ? ` and ${leading.size - names.length} more` : ''
  throw refused(
    'PAGE_LINKED',
    `${names.join(', ')}${more} ${leading.size === 1 ? 'leads' : 'lead'} there. Change the links first.`,
  )
}

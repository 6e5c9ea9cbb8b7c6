import { and, desc, eq, lt, or } from 'drizzle-orm'
import { formSubmissions } from '../../../../db/schema'
import type { Context } from '../../../kit/context'
import { type Page, readCursor, toPage } from '../../../kit/pages'
import { textCell } from '../../balance'
import { workspaceFor } from '../owned-workspace'
import type { ListSubmissionsInput, Submission } from '../schemas'

/** What visitors filled in on the pages of one's own workspace, newest first. @throws DomainError 404; 400 for a cursor that is none */
export const listSubmissions = async (
  ctx: Context,
  { workspaceId, limit, cursor }: ListSubmissionsInput,
): Promise<Page<Submission>> => {
  const { id } = await workspaceFor(ctx, workspaceId, 'submissions.view')
  const after = readCursor(cursor)
  const rows = await ctx.db
    .select()
    .from(formSubmissions)
    .where(
      and(
        eq(formSubmissions.workspaceId, id),
        after === null
          ? undefined
          : or(
              lt(formSubmissions.createdAt, after.at),
              and(eq(formSubmissions.createdAt, after.at), lt(formSubmissions.id, after.id)),
            ),
      ),
    )
    .orderBy(desc(formSubmissions.createdAt), desc(formSubmissions.id))
    .limit(limit + 1)
  return toPage(
    rows,
    limit,
    (row) => ({ at: row.createdAt, id: row.id }),
    (row) => ({
      id: row.id,
      page: row.pageName,
      form: row.formTitle,
      answers: row.answers,
      receivedAt: row.createdAt.toISOString(),
    }),
  )
}

/** Fixed: programs read them by place. */
const COLUMNS = ['id', 'received_at', 'page', 'form', 'field', 'value']

/** The same as CSV (RFC 4180, UTF-8), a line for each answer; times in UTC. @throws DomainError 404 */
export const exportSubmissions = async (ctx: Context, workspaceId: string): Promise<string> => {
  const lines = [COLUMNS]
  for (let cursor: string | undefined; ; ) {
    const page = await listSubmissions(ctx, { workspaceId, limit: 500, cursor })
    for (const { id, receivedAt, page: name, form, answers } of page.items)
      for (const { label, value } of answers)
        lines.push([id, receivedAt, textCell(name), textCell(form), textCell(label), textCell(value)])
    if (page.nextCursor === null) return lines.map((cells) => `${cells.join(',')}\r\n`).join('')
    cursor = page.nextCursor
  }
}

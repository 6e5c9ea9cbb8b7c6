import { type SQL, sql } from 'drizzle-orm'
import { type Context, inTransaction } from '../../kit/context'

/** Milliseconds a content waits, longer than any transaction may last: statements end after a minute. */
const WAIT = 3_600_000
const AT_ONCE = 10_000

/** What points at a content, a column of every table that does (asked of the database by a test). */
export const POINTERS = [
  ['pages', 'content_hash'],
  ['pages', 'origin_hash'],
  ['page_versions', 'content_hash'],
  ['workspace_update_contents', 'content_hash'],
] as const

/**
 * Removes contents nothing points at, in two steps: it marks them, and an hour later, when every transaction that was
 * under way then has ended, it removes those that still wait. Who stores a marked content again, or lets go of one,
 * takes the mark away (contents.ts, a trigger), so that a clone, a save or a merge never points at what is removed.
 * Each step is a statement of its own: killed in between, it goes on the next time.
 * @returns how many were removed
 */
export const removeContents = async (ctx: Context): Promise<number> => {
  const removed = await remove(ctx)
  await unmark(ctx)
  await mark(ctx)
  return removed
}

const isPointedAt = (hash: SQL): SQL =>
  sql.join(
    POINTERS.map(
      ([table, column]) =>
        sql`exists (select from ${sql.identifier(table)} x where x.${sql.identifier(column)} = ${hash})`,
    ),
    sql` or `,
  )

const remove = async (ctx: Context): Promise<number> => {
  const before = sql`${new Date(ctx.now().getTime() - WAIT).toISOString()}::timestamptz`
  for (let all = 0; ; ) {
    // Asked once more of the row itself: whoever stores it at this moment has taken the mark away.
    const rows = await long(ctx, (tx) =>
      tx.db.execute(sql`
        delete from page_contents where orphaned_at < ${before} and hash in (
          select c.hash from page_contents c
          where c.orphaned_at < ${before} and c.orphaned_xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            and not (${isPointedAt(sql`c.hash`)})
          limit ${AT_ONCE})
        returning 1`),
    )
    all += rows.length
    if (rows.length < AT_ONCE) return all
  }
}

const unmark = (ctx: Context) =>
  long(ctx, (tx) =>
    tx.db.execute(sql`
      update page_contents c set orphaned_at = null, orphaned_xid = null
      where c.orphaned_at is not null and (${isPointedAt(sql`c.hash`)})`),
  )

/** Restored from a dump, a database counts its transactions anew: a mark from before it is made again. */
const mark = (ctx: Context) =>
  long(ctx, (tx) =>
    tx.db.execute(sql`
      update page_contents c set orphaned_at = ${ctx.now().toISOString()}::timestamptz,
        orphaned_xid = pg_current_xact_id()::text::bigint
      where (c.orphaned_at is null or c.orphaned_xid > pg_current_xact_id()::text::bigint)
        and not (${isPointedAt(sql`c.hash`)})`),
  )

/** It looks at all pages: that may take longer than a request. */
const long = <T>(ctx: Context, work: (ctx: Context) => Promise<T>): Promise<T> =>
  inTransaction(ctx, async (tx) => {
    await tx.db.execute(sql`select set_config('statement_timeout', '30min', true)`)
    return work(tx)
  })

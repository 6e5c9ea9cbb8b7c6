import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../../../db/client'
import type { Context } from '../../kit/context'
import { NaturalBatch } from '../../kit/natural-batch'
import { readLinkToken } from './link-token'
import { type Visitor, visitorHash } from './record-click'

/**
 * Counts that somebody opened the page of a seller's link: each visitor once a day (UTC). The seller's own visit counts
 * nothing. Resolves when it is durable; visits that come together are written together.
 * @throws DomainError 400 LINK_INVALID
 */
export const countLinkClick = async (ctx: Context, token: string, visitor: Visitor): Promise<void> => {
  const { linkId } = await readLinkToken(ctx, token)
  const day = ctx.now().toISOString().slice(0, 10)
  const viewer = 'userId' in ctx.actor ? ctx.actor.userId : null
  await batchOf(ctx.db).add({ linkId, day, viewer, visitor: visitorHash(ctx, visitor, day) })
}

/** Forgets who opened which link on days that are over: their hashes tell nobody apart any more. */
export const forgetLinkVisitors = async (ctx: Context): Promise<void> => {
  const today = ctx.now().toISOString().slice(0, 10)
  await ctx.db.execute(sql`delete from link_click_visitors where day < ${today}::date`)
}

interface Row {
  readonly linkId: string
  readonly day: string
  /** Who is signed in; null: nobody. */
  readonly viewer: string | null
  readonly visitor: string
}

/** In one order, so that two processes with the same visitors wait for each other instead of locking each other out. */
const count = (db: Db | Tx, rows: readonly Row[]): Promise<unknown> =>
  db.execute(sql`
    with new as (
      insert into link_click_visitors (day, link_id, visitor)
      select r.day, l.id, decode(r.visitor, 'hex')
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r("linkId" uuid, day date, viewer uuid, visitor text)
      join affiliate_links l on l.id = r."linkId" and l.seller_id is distinct from r.viewer
      order by r.day, l.id, r.visitor
      on conflict do nothing
      returning link_id)
    insert into link_clicks (link_id, clicks)
    select link_id, count(*) from new group by link_id order by link_id
    on conflict (link_id) do update set clicks = link_clicks.clicks + excluded.clicks`)

/** One for each connection pool. */
const batches = new WeakMap<Db | Tx, NaturalBatch<Row, undefined>>()
const batchOf = (db: Db | Tx): NaturalBatch<Row, undefined> => {
  const known = batches.get(db) ?? new NaturalBatch<Row, undefined>((rows) => count(db, rows).then(() => []))
  batches.set(db, known)
  return known
}

import { createHmac } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../../../db/client'
import type { ClickOrigin } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { derivedKey } from '../../kit/crypto'
import { NaturalBatch } from '../../kit/natural-batch'

/** Who clicked, as far as the day's figures need to tell visitors apart. */
export interface Visitor {
  readonly address: string
  readonly userAgent: string
}

export interface Click extends ClickOrigin {
  readonly affiliateId: string
  readonly visitor: Visitor
  readonly paidSearch: boolean
}

/**
 * Keeps a click: one for each visitor and day (UTC), so that a repeat changes nothing. Resolves when it is durable.
 * Clicks that come while others are being written wait for that and are then written together: the more there are, the
 * fewer statements each costs (no timer, so that a single one never waits).
 */
export const recordClick = (ctx: Context, { visitor, ...click }: Click): Promise<void> => {
  const clickedAt = ctx.now().toISOString()
  const day = clickedAt.slice(0, 10)
  const row = { ...click, day, clickedAt, visitor: visitorHash(ctx, visitor, day) }
  return batchOf(ctx.db).add(row)
}

/**
 * Truncated HMAC-SHA-256 of address and browser under a key that changes each day: neither is kept, and nobody is
 * recognized the next day.
 */
export const visitorHash = (ctx: Context, { address, userAgent }: Visitor, day: string): string =>
  createHmac('sha256', derivedKey(ctx.config.appSecret, `visitor:${day}`))
    .update(`${address}\n${userAgent}`)
    .digest('hex')
    .slice(0, 32)

type Row = Omit<Click, 'visitor'> & { day: string; clickedAt: string; visitor: string }

/** In one order, so that two processes with the same visitors wait for each other instead of locking each other out. */
const insert = (db: Db | Tx, rows: readonly Row[]): Promise<unknown> =>
  db.execute(sql`
    insert into clicks (day, affiliate_id, visitor, clicked_at, source, medium, campaign, landing_page, paid_search, xid)
    select day, "affiliateId", decode(visitor, 'hex'), "clickedAt", source, medium, campaign, "landingPage", "paidSearch",
      pg_current_xact_id()::text::bigint + (select r.shift from click_rollup r where r.id = 1)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as c(
      day date, "affiliateId" uuid, visitor text, "clickedAt" timestamptz, source text, medium text, campaign text,
      "landingPage" text, "paidSearch" boolean)
    order by day, "affiliateId", visitor
    on conflict do nothing`)

/** One for each connection pool. */
const batches = new WeakMap<Db | Tx, NaturalBatch<Row, undefined>>()
const batchOf = (db: Db | Tx): NaturalBatch<Row, undefined> => {
  const known = batches.get(db) ?? new NaturalBatch<Row, undefined>((rows) => insert(db, rows).then(() => []))
  batches.set(db, known)
  return known
}

import { createHmac } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../../../db/client'
import type { ClickOrigin } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { derivedKey } from '../../kit/crypto'

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
const visitorHash = (ctx: Context, { address, userAgent }: Visitor, day: string): string =>
  createHmac('sha256', derivedKey(ctx.config.appSecret, `visitor:${day}`))
    .update(`${address}\n${userAgent}`)
    .digest('hex')
    .slice(0, 32)

type Row = Omit<Click, 'visitor'> & { day: string; clickedAt: string; visitor: string }

/** What waits beyond this is turned away: figures may miss clicks, memory may not run out. */
const MOST_WAITING = 20_000
const MOST_AT_ONCE = 500

class Batch {
  private waiting: { row: Row; done: () => void; failed: (error: unknown) => void }[] = []
  private writing = false

  constructor(private readonly db: Db | Tx) {}

  add(row: Row): Promise<void> {
    if (this.waiting.length >= MOST_WAITING) return Promise.reject(new Error('too many clicks are waiting'))
    return new Promise((done, failed) => {
      this.waiting.push({ row, done, failed })
      if (!this.writing) void this.writeAll()
    })
  }

  private async writeAll(): Promise<void> {
    this.writing = true
    while (this.waiting.length > 0) {
      const some = this.waiting.splice(0, MOST_AT_ONCE)
      try {
        await insert(
          this.db,
          some.map(({ row }) => row),
        )
        for (const { done } of some) done()
      } catch (error) {
        for (const { failed } of some) failed(error)
      }
    }
    this.writing = false
  }
}

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
const batches = new WeakMap<Db | Tx, Batch>()
const batchOf = (db: Db | Tx): Batch => {
  const known = batches.get(db) ?? new Batch(db)
  batches.set(db, known)
  return known
}

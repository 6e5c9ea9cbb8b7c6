import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../../../db/client'
import type { affiliates } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { NaturalBatch } from '../../kit/natural-batch'

type Status = (typeof affiliates.$inferSelect)['status']

/** A pending affiliate's referrals are kept too. */
export const takesPart = ({ status }: { readonly status: Status }): boolean =>
  status === 'APPROVED' || status === 'PENDING'

type Clicked = { readonly id: string; readonly userId: string; readonly status: Status }

/** Who has a code, old ones included, if they take part; asked for together with whatever else is clicked on meanwhile. */
export const clickedAffiliate = async ({ db }: Context, code: string): Promise<Clicked | null> => {
  const batch = batches.get(db) ?? new NaturalBatch((codes: readonly string[]) => ofCodes(db, codes))
  batches.set(db, batch)
  const found = await batch.add(code)
  return found !== null && takesPart(found) ? found : null
}

/** One for each connection pool. */
const batches = new WeakMap<Db | Tx, NaturalBatch<string, Clicked | null>>()

const ofCodes = async (db: Db | Tx, codes: readonly string[]): Promise<(Clicked | null)[]> => {
  const rows = await db.execute<Clicked & { code: string }>(sql`
    select c.code, a.id, a.user_id as "userId", a.status from affiliate_codes c join affiliates a on a.id = c.affiliate_id
    where c.code in (select jsonb_array_elements_text(${JSON.stringify([...new Set(codes)])}::jsonb))`)
  const byCode = new Map([...rows].map((row) => [row.code, row]))
  return codes.map((code) => byCode.get(code) ?? null)
}

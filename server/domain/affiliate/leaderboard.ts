import { eq, sql } from 'drizzle-orm'
import { affiliates } from '../../../db/schema'
import { type Context, inSnapshot, inTransaction, signedIn } from '../../kit/context'
import { DomainError, notFound } from '../../kit/errors'
import { type MoneyJson, moneyToJson } from '../../kit/money'
import { recordActivity } from '../audit'
import { lockSelf } from '../identity'
import { programAt } from '../program'
import type { Leaderboard, LeaderboardInput } from './schemas'

const PLACES = 50

/**
 * Who brought the most customers in a month (UTC) or of all time, for affiliates: those who chose to be shown, under the
 * names they chose. Amounts only where an admin has switched them on.
 * @throws DomainError 404 AFFILIATE_NOT_FOUND for who has not joined, or is suspended
 */
export const leaderboard = (ctx: Context, { month }: LeaderboardInput): Promise<Leaderboard> =>
  inSnapshot(ctx, async (at) => {
    const own = await ownRow(at)
    if (own.status === 'SUSPENDED') throw notJoined()
    const [from, to] = month === undefined ? [EVER, NEVER] : monthOf(month)
    const rows = await at.db.execute<{ id: string; user_id: string; name: string; customers: number }>(sql`
      select a.id, a.user_id, a.public_name as name, count(*)::int as customers
      from affiliates a
      join attributions t on t.affiliate_id = a.id
      join lateral (
        select min(p.paid_at) as first from payments p
        where p.buyer_id = t.customer_id and p.captured_amount > p.refunded_amount and p.paid_at >= t.created_at
      ) paid on paid.first >= ${from}::timestamptz and paid.first < ${to}::timestamptz
      where a.public_name is not null and a.status = 'APPROVED'
      group by a.id
      order by customers desc, lower(a.public_name)
      limit ${PLACES}`)
    const { leaderboardAmounts } = await programAt(at)
    const earned = leaderboardAmounts ? await earnedOf(at, from, to) : null
    return {
      publicName: own.publicName,
      places: rows.map(({ id, user_id: userId, name, customers }) => ({
        // Who brought as many shares a place.
        place: rows.findIndex((other) => other.customers === customers) + 1,
        name,
        you: id === own.id,
        customers,
        earned: earned === null ? null : (earned.get(userId) ?? []),
      })),
    }
  })

const EVER = '0001-01-01T00:00:00Z'
const NEVER = '9999-12-31T00:00:00Z'

const monthOf = (month: string): [string, string] => {
  const from = new Date(`${month}-01T00:00:00Z`)
  const to = new Date(from)
  to.setUTCMonth(to.getUTCMonth() + 1)
  return [from.toISOString(), to.toISOString()]
}

const earnedOf = async (ctx: Context, from: string, to: string): Promise<Map<string, MoneyJson[]>> => {
  const rows = await ctx.db.execute<{ user_id: string; currency: string; amount: string }>(sql`
    select a.user_id, c.currency, sum(c.amount - c.reversed_amount)::text as amount
    from affiliates a
    join commissions c on c.beneficiary_id = a.user_id and c.kind in ('REFERRAL', 'OVERRIDE', 'BONUS')
    where a.public_name is not null and a.status = 'APPROVED'
      and c.created_at >= ${from}::timestamptz and c.created_at < ${to}::timestamptz
    group by a.user_id, c.currency order by c.currency`)
  const found = new Map<string, MoneyJson[]>()
  for (const { user_id: userId, currency, amount } of rows)
    found.set(userId, [...(found.get(userId) ?? []), moneyToJson({ amount: BigInt(amount), currency })])
  return found
}

/**
 * Puts the signed-in affiliate on the leaderboard under a name, or takes them off it.
 * @throws DomainError 404 AFFILIATE_NOT_FOUND; 409 NAME_TAKEN
 */
export const showOnLeaderboard = (
  ctx: Context,
  { publicName }: { publicName: string | null },
): Promise<{ publicName: string | null }> =>
  inTransaction(ctx, async (tx) => {
    await lockSelf(tx, signedIn(tx).userId, 'share')
    const own = await ownRow(tx)
    if (publicName !== null) {
      // One name at a time, so that of two at once the second finds it taken.
      await tx.db.execute(sql`select pg_advisory_xact_lock(hashtextextended('public-name', 0))`)
      const taken = sql`lower(${affiliates.publicName}) = lower(${publicName}) and ${affiliates.id} <> ${own.id}`
      if ((await tx.db.$count(affiliates, taken)) > 0) throw nameTaken()
    }
    if (own.publicName === publicName) return { publicName }
    await tx.db.update(affiliates).set({ publicName }).where(eq(affiliates.id, own.id))
    await recordActivity(tx, {
      action: 'leaderboard_name_set',
      description: publicName === null ? 'Left the leaderboard' : 'Is on the leaderboard',
      subject: { type: 'affiliate', id: own.id },
    })
    return { publicName }
  })

const nameTaken = (): DomainError => {
  const message = 'Somebody is on it under this name. Choose another.'
  return new DomainError(409, 'NAME_TAKEN', message, { issues: [{ path: ['publicName'], message }] })
}

const ownRow = async (ctx: Context) => {
  const [row] = await ctx.db
    .select({ id: affiliates.id, publicName: affiliates.publicName, status: affiliates.status })
    .from(affiliates)
    .where(eq(affiliates.userId, signedIn(ctx).userId))
  if (row === undefined) throw notJoined()
  return row
}

const notJoined = () => notFound('AFFILIATE_NOT_FOUND', 'You have not joined the affiliate programme.')

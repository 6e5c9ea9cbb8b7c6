import { and, desc, eq, gt, isNotNull, lt, sql } from 'drizzle-orm'
import { orders, payments, subscriptions } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import type { PaymentProvider } from '../../kit/ports'
import { enqueueJob } from '../../kit/queue'
import { applyCharge, readBackCharge, tellOfCharge } from './apply-charge'
import { applySubscription, seenSubscription } from './subscriptions'

const AT_ONCE = 100

/**
 * Has the provider asked about subscriptions of which something should have been heard: their period ended two hours
 * ago, or they tell nothing by themselves and were not looked at for a day.
 * @returns how many
 */
export const lookAtSubscriptions = (ctx: Context, provider: PaymentProvider): Promise<number> =>
  inTransaction(ctx, async (tx) => {
    const now = tx.now()
    const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString()
    const due = await tx.db.execute<{ id: string }>(sql`
      update subscriptions set looked_at = ${now.toISOString()} where id in (
        select id from subscriptions
        where provider = ${provider.name} and mode = ${provider.mode} and status <> 'CANCELLED'
          and ((current_period_end < ${ago(2)} and coalesce(looked_at, '-infinity') < ${ago(1)})
            or (${provider.doorbell !== undefined} and coalesce(looked_at, created_at) < ${ago(24)}))
        order by coalesce(looked_at, created_at), id limit ${AT_ONCE} for update skip locked)
      returning id`)
    for (const { id } of due)
      await enqueueJob(tx, {
        kind: 'payment.learnSubscription',
        key: `subscription:${id}:look`,
        payload: { subscriptionId: id },
      })
    return due.length
  })

/**
 * Asks what a subscription has become: what happened while its order was settled, what could not be read then, and
 * what nobody told of. Where nobody may ever tell, its charges are looked at too.
 * @throws Error while the provider cannot say; the job tries again.
 */
export const learnSubscription = async (ctx: Context, subscriptionId: string): Promise<void> => {
  const row = await ctx.db.query.subscriptions.findFirst({ where: eq(subscriptions.id, subscriptionId) })
  if (row === undefined) return
  const provider = ctx.outside.payments.get(row.provider)
  if (provider === undefined) throw new Error(`${row.provider} is switched off`)
  if (provider.mode !== row.mode) return
  await bookUntoldCharges(ctx, provider, row.externalId)
  const seen = await seenSubscription(ctx, provider, row.externalId)
  const found = await provider.fetchSubscription(row.externalId)
  if (found === null) return
  // Where nobody says when it ended, it ended when it was noticed: what is paid stays to its end.
  const ended = found.status === 'CANCELLED' && provider.doorbell !== undefined
  const snapshot = ended ? { ...found, endedAt: found.endedAt ?? ctx.now() } : found
  await inTransaction(ctx, async (tx) => void (await applySubscription(tx, provider, snapshot, { seen })))
}

/** The latest charge of a list is its first. */
const bookUntoldCharges = async (ctx: Context, provider: PaymentProvider, ref: string): Promise<void> => {
  const listed = await provider.doorbell?.listSubscriptionCharges(ref)
  for (const chargeId of [...(listed ?? [])].reverse()) {
    const booked = await ctx.db.query.payments.findFirst({
      columns: { id: true },
      where: and(
        eq(payments.provider, provider.name),
        eq(payments.mode, provider.mode),
        eq(payments.chargeId, chargeId),
      ),
    })
    if (booked !== undefined) continue
    const back = await readBackCharge(ctx, provider, chargeId, Number.POSITIVE_INFINITY)
    await inTransaction(ctx, async (tx) => {
      const verdict = await applyCharge(tx, provider, { chargeId, renewal: true }, back)
      if (verdict.status === 'QUARANTINED') await tellOfCharge(tx, provider.name, chargeId, verdict.outcome)
    })
  }
}

/** An order is looked at from this age on, in milliseconds: until then its webhook is on its way. */
const YOUNG = 10 * 60_000
/** And no longer than this: no provider's checkout lives on. */
const OLD = 3 * 86_400_000

/**
 * Has open orders looked up whose provider would tell of them, and did not. Those of a provider that may never call are
 * looked at anyway.
 * @returns how many
 */
export const lookAtOpenOrders = async (ctx: Context, provider: PaymentProvider): Promise<number> => {
  if (provider.doorbell !== undefined) return 0
  const now = ctx.now().getTime()
  const open = await ctx.db
    .select({ id: orders.id })
    .from(orders)
    .where(
      and(
        eq(orders.provider, provider.name),
        eq(orders.mode, provider.mode),
        eq(orders.status, 'OPEN'),
        isNotNull(orders.checkoutRef),
        lt(orders.createdAt, new Date(now - YOUNG)),
        gt(orders.createdAt, new Date(now - OLD)),
      ),
    )
    .orderBy(desc(orders.createdAt))
    .limit(AT_ONCE)
  for (const { id } of open)
    await enqueueJob(ctx, {
      kind: 'payment.syncCheckout',
      key: `order:${id}:look`,
      payload: { orderId: id },
    })
  return open.length
}

import { and, eq, gte, inArray, lt, or, sql } from 'drizzle-orm'
import { orders, payments, providerCustomers, subscriptions } from '../../../db/schema'
import type { Context } from '../../kit/context'
import type { ListedCharge, PaymentProvider } from '../../kit/ports'
import { isOurs } from './subscriptions'

/** A charge as it stands in our books, in minor units of its currency. */
export interface BookedCharge {
  readonly paymentId: string
  readonly chargeId: string | null
  readonly currency: string
  /** What the ledger has on the provider's account, with what came on top of the price. */
  readonly charged: bigint
  /** What is known to have been given back of it. */
  readonly refunded: bigint
  readonly paidAt: Date
}

/** What a provider lists, beside what is booked of it. */
export interface ComparedCharge {
  readonly charge: ListedCharge
  /** Null: it is not booked. */
  readonly booked: BookedCharge | null
}

type Named = Pick<PaymentProvider, 'name' | 'mode'>

/** Those of a list that are ours: booked, or of an order, a subscription or a customer of ours. */
export const compareCharges = async (
  ctx: Context,
  provider: Named,
  charges: readonly ListedCharge[],
): Promise<ComparedCharge[]> => {
  if (charges.length === 0) return []
  const booked = await bookedOf(
    ctx,
    provider,
    or(
      inArray(payments.chargeId, present(charges.map(({ ref }) => ref))),
      inArray(payments.paymentIntentId, present(charges.map(({ paymentIntentId }) => paymentIntentId))),
    ),
  )
  const names = await namesOf(ctx, provider, charges)
  return charges.flatMap((charge) => {
    const found = booked.find(
      ({ chargeId, paymentIntentId }) =>
        chargeId === charge.ref || (paymentIntentId !== null && paymentIntentId === charge.paymentIntentId),
    )
    const known = [charge.checkoutRef, charge.orderId, charge.subscriptionId, charge.customerRef].some(
      (name) => name !== null && names.has(name),
    )
    return found !== undefined || known ? [{ charge, booked: found ?? null }] : []
  })
}

/** Payments booked within a stretch of time, to be looked for in what the provider lists. */
export const bookedBetween = (
  ctx: Context,
  provider: Named,
  from: Date,
  to: Date,
): Promise<(BookedCharge & { readonly paymentIntentId: string | null })[]> =>
  bookedOf(
    ctx,
    provider,
    and(gte(payments.paidAt, from), lt(payments.paidAt, to), eq(payments.paidElsewhere, false)),
  )

const bookedOf = async (ctx: Context, provider: Named, which: ReturnType<typeof and>) => {
  const charged = sql<string>`(select coalesce(-sum(e.amount), 0) from ledger_transfers t
    join ledger_entries e on e.transfer_id = t.id join ledger_accounts a on a.id = e.account_id
    where t.reference_type = 'payment' and t.reference_id = ${payments}.id::text
      and t.kind in ('payment_captured', 'fee_on_top') and a.kind = 'provider')`
  // As the charge itself told, and as its refunds tell one by one: whichever is more, less what failed after all.
  const refunded = sql<string>`(select greatest(
      ${payments}.reported_refund_amount - coalesce(sum(r.amount) filter (where r.status in ('FAILED', 'CANCELED')
        and r.external_id is not null), 0),
      coalesce(sum(r.amount) filter (where r.status in ('PENDING', 'SUCCEEDED')), 0))
    from payment_refunds r where r.payment_id = ${payments}.id)`
  const rows = await ctx.db
    .select({
      paymentId: payments.id,
      chargeId: payments.chargeId,
      paymentIntentId: payments.paymentIntentId,
      currency: payments.currency,
      paidAt: payments.paidAt,
      charged,
      refunded,
    })
    .from(payments)
    .where(and(eq(payments.provider, provider.name), eq(payments.mode, provider.mode), which))
  return rows.map((row) => ({ ...row, charged: BigInt(row.charged), refunded: BigInt(row.refunded) }))
}

/** The names of ours among those that charges carry. */
const namesOf = async (
  ctx: Context,
  provider: Named,
  charges: readonly ListedCharge[],
): Promise<ReadonlySet<string>> => {
  const at = (table: typeof orders | typeof subscriptions | typeof providerCustomers) =>
    and(eq(table.provider, provider.name), eq(table.mode, provider.mode))
  const orderIds = charges.flatMap(({ orderId }) => (isOurs(orderId) ? orderId : []))
  const sold = await ctx.db
    .select({ id: orders.id, checkoutRef: orders.checkoutRef })
    .from(orders)
    .where(
      and(
        at(orders),
        or(
          inArray(orders.checkoutRef, present(charges.map(({ checkoutRef }) => checkoutRef))),
          inArray(orders.id, orderIds),
        ),
      ),
    )
  const subscribed = await ctx.db
    .select({ ref: subscriptions.externalId })
    .from(subscriptions)
    .where(
      and(
        at(subscriptions),
        inArray(subscriptions.externalId, present(charges.map(({ subscriptionId }) => subscriptionId))),
      ),
    )
  const customers = await ctx.db
    .select({ ref: providerCustomers.externalId })
    .from(providerCustomers)
    .where(
      and(
        at(providerCustomers),
        inArray(providerCustomers.externalId, present(charges.map(({ customerRef }) => customerRef))),
      ),
    )
  return new Set([
    ...sold.flatMap(({ id, checkoutRef }) => [id, ...present([checkoutRef])]),
    ...[...subscribed, ...customers].map(({ ref }) => ref),
  ])
}

const present = (names: readonly (string | null)[]): string[] => names.flatMap((name) => name ?? [])

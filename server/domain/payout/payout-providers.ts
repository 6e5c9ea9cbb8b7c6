import { eq } from 'drizzle-orm'
import { payoutMethods, withdrawals } from '../../../db/schema'
import type { Context } from '../../kit/context'
import type { PaymentProvider, PayoutDestination, PayoutService } from '../../kit/ports'
import { enqueueJob } from '../../kit/queue'
import type { PayoutDetails, PayoutKind } from './schemas'

/** A provider that sends money out. */
export type PayoutProvider = PaymentProvider & { readonly payouts: PayoutService }

/** Who sends what is to be paid this way; null: nobody, it is paid by hand. */
export const payoutProviderOf = (ctx: Context, kind: PayoutKind): PayoutProvider | null =>
  [...ctx.outside.payments.values()].find(
    (provider): provider is PayoutProvider => provider.payouts?.kind === kind,
  ) ?? null

/** The provider of that name, where it is on and sends money out. */
export const payoutProviderNamed = (ctx: Context, name: string | null): PayoutProvider | null => {
  const provider = name === null ? undefined : ctx.outside.payments.get(name)
  return provider?.payouts === undefined ? null : { ...provider, payouts: provider.payouts }
}

export const sendsPayouts = (ctx: Context, name: string): boolean => payoutProviderNamed(ctx, name) !== null

/** Which ways of being paid are sent by a provider that is on. */
export const sentKinds = (ctx: Context): readonly PayoutDestination['kind'][] =>
  [...ctx.outside.payments.values()].flatMap(({ payouts }) => (payouts === undefined ? [] : [payouts.kind]))

/** Where the money goes, in the provider's words; null: no provider pays there. */
export const destinationOf = (method: PayoutDetails): PayoutDestination | null => {
  switch (method.kind) {
    case 'STRIPE':
      return { kind: 'STRIPE', account: method.details.account }
    case 'MAMOPAY':
      return { kind: 'MAMOPAY', name: method.details.name, iban: method.details.iban }
    default:
      return null
  }
}

/** Has a withdrawal sent. False: no provider sends it, and it is left to the admins. */
export const enqueueSending = async (ctx: Context, withdrawalId: string): Promise<boolean> => {
  const [method] = await ctx.db
    .select({ kind: payoutMethods.kind })
    .from(withdrawals)
    .innerJoin(payoutMethods, eq(payoutMethods.id, withdrawals.methodId))
    .where(eq(withdrawals.id, withdrawalId))
  if (method === undefined || payoutProviderOf(ctx, method.kind) === null) return false
  await enqueueJob(ctx, {
    kind: 'payout.send',
    key: `payout:send:${withdrawalId}`,
    payload: { withdrawalId },
  })
  return true
}

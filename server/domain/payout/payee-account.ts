import { and, eq, isNull, lte, or } from 'drizzle-orm'
import { connectedAccounts } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import type { PayeeAccountSnapshot, PaymentProvider, PayoutService } from '../../kit/ports'
import { type PayoutProvider, payoutProviderOf } from './payout-providers'
import type { PayeeAccountView } from './schemas'

type Payees = NonNullable<PayoutService['payees']>
export type PayeeProvider = PayoutProvider & { readonly payouts: { readonly payees: Payees } }
export type AccountRow = typeof connectedAccounts.$inferSelect

/** The provider at which payees have accounts of their own; null: there is none. */
export const payeeProvider = (ctx: Context): PayeeProvider | null => {
  const provider = payoutProviderOf(ctx, 'STRIPE')
  const payees = provider?.payouts.payees
  return provider === null || payees === undefined
    ? null
    : { ...provider, payouts: { ...provider.payouts, payees } }
}

/** The signed-in user's account at a provider. */
export const ownAccount = async (
  ctx: Context,
  { name, mode }: Pick<PaymentProvider, 'name' | 'mode'>,
): Promise<AccountRow | undefined> => {
  const [row] = await ctx.db
    .select()
    .from(connectedAccounts)
    .where(
      and(
        eq(connectedAccounts.userId, signedIn(ctx).userId),
        eq(connectedAccounts.provider, name),
        eq(connectedAccounts.mode, mode),
      ),
    )
  return row
}

export const toAccountView = ({
  externalId,
  detailsSubmitted,
  payoutsEnabled,
}: AccountRow): PayeeAccountView => ({
  account: externalId,
  detailsSubmitted,
  payoutsEnabled,
})

/** An account as it is now. One that is there no more, or was taken from us, cannot be paid. */
export const readBackAccount = async (
  ctx: Context,
  payees: Payees,
  ref: string,
): Promise<{ account: PayeeAccountSnapshot; askedAt: Date }> => {
  const askedAt = ctx.now()
  const account = await payees.fetch(ref)
  return { askedAt, account: account ?? { ref, detailsSubmitted: false, payoutsEnabled: false } }
}

/**
 * Keeps what an account was like when it was asked about; what was asked earlier changes nothing. Each change there is
 * followed by an event, so the last question asked always comes after the last change.
 */
export const writeAccount = async (
  ctx: Context,
  { name, mode }: Pick<PaymentProvider, 'name' | 'mode'>,
  account: PayeeAccountSnapshot,
  askedAt: Date,
): Promise<void> => {
  const { detailsSubmitted, payoutsEnabled } = account
  await ctx.db
    .update(connectedAccounts)
    .set({ detailsSubmitted, payoutsEnabled, toldAt: askedAt, updatedAt: ctx.now() })
    .where(
      and(
        eq(connectedAccounts.provider, name),
        eq(connectedAccounts.mode, mode),
        eq(connectedAccounts.externalId, account.ref),
        or(isNull(connectedAccounts.toldAt), lte(connectedAccounts.toldAt, askedAt)),
      ),
    )
}

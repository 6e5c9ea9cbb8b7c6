import { and, eq, isNull } from 'drizzle-orm'
import { connectedAccounts, withdrawals } from '../../../db/schema'
import type { Context } from '../../kit/context'
import type { PayeeAccountSnapshot, PaymentProvider, PayoutSnapshot, ProviderEvent } from '../../kit/ports'
import { applyPayout, lockForPayout, type PayoutVerdict } from './apply-payout'
import { readBackAccount, writeAccount } from './payee-account'
import { isUuid } from './users'

type PayoutEvent = Extract<ProviderEvent, { kind: 'payout' | 'payee-account' }>

export const isOfPayouts = (event: ProviderEvent): event is PayoutEvent =>
  event.kind === 'payout' || event.kind === 'payee-account'

/** What an event was about, as the provider says when it is asked. */
export type CompletePayoutEvent =
  | { readonly kind: 'payout'; readonly withdrawalId: string; readonly told: PayoutSnapshot }
  | { readonly kind: 'account'; readonly account: PayeeAccountSnapshot; readonly askedAt: Date }
  | { readonly kind: 'set-aside'; readonly verdict: PayoutVerdict }

/**
 * Finds whose payout or account an event is about, and asks the provider what has become of it: of the event itself
 * only the names are believed. Call it outside any transaction: it waits for the network.
 * @throws Error when it is one of ours and the provider, or our own row, does not know it yet; the job tries again.
 */
export const completePayoutEvent = (
  ctx: Context,
  provider: PaymentProvider,
  event: PayoutEvent,
): Promise<CompletePayoutEvent> =>
  event.kind === 'payout' ? completePayout(ctx, provider, event) : completeAccount(ctx, provider, event)

const completePayout = async (
  ctx: Context,
  provider: PaymentProvider,
  event: Extract<PayoutEvent, { kind: 'payout' }>,
): Promise<CompletePayoutEvent> => {
  const row = await rowOf(ctx, provider.name, event)
  if (row === undefined) {
    if (event.withdrawalId === null && (await isOneUnnamed(ctx, provider.name)))
      throw new Error(`payout ${event.ref} may be of a withdrawal whose answer has not come yet`)
    return ignored('a payout that is not one of ours')
  }
  if (row.provider !== provider.name)
    return {
      kind: 'set-aside',
      verdict: {
        status: 'QUARANTINED',
        outcome: `payout ${event.ref} names withdrawal ${row.id}, which was not sent through ${provider.name}`,
        about: `payout:${row.id}:unsent`,
      },
    }
  const told = await provider.payouts?.find({ withdrawalId: row.id, ref: event.ref })
  if (told == null) throw new Error(`${provider.name} does not know payout ${event.ref} yet`)
  return { kind: 'payout', withdrawalId: row.id, told }
}

const rowOf = async (
  ctx: Context,
  provider: string,
  { ref, withdrawalId }: { ref: string; withdrawalId: string | null },
) => {
  const [named] =
    withdrawalId !== null && isUuid(withdrawalId)
      ? await ctx.db.select().from(withdrawals).where(eq(withdrawals.id, withdrawalId))
      : []
  if (named !== undefined) return named
  const [known] = await ctx.db
    .select()
    .from(withdrawals)
    .where(and(eq(withdrawals.provider, provider), eq(withdrawals.providerRef, ref)))
  return known
}

/** Some providers say no id of ours: while one of theirs has no name yet, any payout may be it. */
const isOneUnnamed = async (ctx: Context, provider: string): Promise<boolean> => {
  const [one] = await ctx.db
    .select({ id: withdrawals.id })
    .from(withdrawals)
    .where(
      and(
        eq(withdrawals.provider, provider),
        eq(withdrawals.status, 'PROCESSING'),
        isNull(withdrawals.providerRef),
      ),
    )
    .limit(1)
  return one !== undefined
}

const completeAccount = async (
  ctx: Context,
  provider: PaymentProvider,
  { account: { ref } }: Extract<PayoutEvent, { kind: 'payee-account' }>,
): Promise<CompletePayoutEvent> => {
  const [known] = await ctx.db
    .select({ id: connectedAccounts.id })
    .from(connectedAccounts)
    .where(
      and(
        eq(connectedAccounts.provider, provider.name),
        eq(connectedAccounts.mode, provider.mode),
        eq(connectedAccounts.externalId, ref),
      ),
    )
  if (known === undefined || provider.payouts?.payees === undefined)
    return ignored('an account that is not one of ours')
  return { kind: 'account', ...(await readBackAccount(ctx, provider.payouts.payees, ref)) }
}

const ignored = (outcome: string): CompletePayoutEvent => ({
  kind: 'set-aside',
  verdict: { status: 'IGNORED', outcome },
})

/** Does what an event says, in the transaction it is called in; idempotent whatever the order of arrival. */
export const applyPayoutEvent = async (
  ctx: Context,
  provider: PaymentProvider,
  event: CompletePayoutEvent,
): Promise<PayoutVerdict> => {
  switch (event.kind) {
    case 'set-aside':
      return event.verdict
    case 'payout':
      return applyPayout(ctx, await lockForPayout(ctx, event.withdrawalId), event.told)
    case 'account': {
      const { account } = event
      await writeAccount(ctx, provider, account, event.askedAt)
      return {
        status: 'PROCESSED',
        outcome: `account ${account.ref} ${account.payoutsEnabled ? 'can' : 'cannot'} be paid`,
      }
    }
  }
}

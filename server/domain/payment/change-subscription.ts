import { type Context, inTransaction } from '../../kit/context'
import { refused } from '../../kit/errors'
import type { PaymentProvider } from '../../kit/ports'
import type { Subscription } from './plan-subscription'
import { applySubscription, seenSubscription } from './subscriptions'

/**
 * Lets a subscription end with its period, or go on after all.
 * @throws DomainError 422 NOT_CHANGEABLE where its provider cannot, 503 PROVIDER_UNAVAILABLE
 */
export const setCancellation = async (ctx: Context, row: Subscription, cancel: boolean): Promise<void> => {
  const { provider, billing } = providerOf(ctx, row)
  if (row.cancelAtPeriodEnd === cancel) return
  await billing.setCancellation(row.externalId, cancel)
  await follow(ctx, provider, row)
}

/** @throws DomainError 422 NOT_CHANGEABLE where its provider cannot change a subscription */
export const providerOf = (ctx: Context, row: Subscription) => {
  const provider = ctx.outside.payments.get(row.provider)
  if (provider?.billing === undefined)
    throw refused(
      'NOT_CHANGEABLE',
      `A subscription that is paid through ${row.provider} cannot be changed here. Please write to us.`,
    )
  return { provider, billing: provider.billing }
}

/** Takes over at once what was just done. Where a webhook is faster, or the provider says nothing, that tells the same. */
export const follow = async (ctx: Context, provider: PaymentProvider, row: Subscription): Promise<void> => {
  const seen = await seenSubscription(ctx, provider, row.externalId)
  const snapshot = await provider.fetchSubscription(row.externalId).catch(() => null)
  if (snapshot === null) return
  await inTransaction(ctx, async (tx) => {
    const stale = (await seenSubscription(tx, provider, row.externalId)) !== seen
    if (!stale) await applySubscription(tx, provider, snapshot)
  })
}

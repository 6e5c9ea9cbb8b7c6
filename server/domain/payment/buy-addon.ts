import { type Context, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { ADDONS, addonWords } from '../../kit/plans'
import { limitTerms } from '../workspace'
import { type BuyerInput, chosenProvider, type OpenCheckout, openCheckout } from './open-checkout'
import type { AddonPurchaseInput } from './schemas'

/**
 * A checkout of so many of an add-on for the signed-in person's organization, paid each month. Further ones of the same
 * kind are subscriptions of their own.
 * @throws DomainError 401 SIGN_IN_REQUIRED, 422 NO_SUCH_LIMIT where the plan has none to be raised, 422 PROVIDER_OFF,
 *   422 PROVIDER_CANNOT_CHARGE, 503 PROVIDER_UNAVAILABLE.
 */
export const buyAddon = async (
  ctx: Context,
  { addon, quantity, provider: name, attempt }: AddonPurchaseInput & Pick<BuyerInput, 'attempt'>,
): Promise<OpenCheckout> => {
  const { userId, email } = signedIn(ctx)
  const { plan, limits, prices } = await limitTerms(ctx, userId)
  if (limits[ADDONS[addon].raises] === null)
    throw refused('NO_SUCH_LIMIT', `The plan ${plan} has no such limit, so there is nothing to raise.`)
  const price = { amount: BigInt(prices[addon]) * BigInt(quantity), currency: 'USD' }
  const provider = chosenProvider(ctx, name, price, 0)
  const { appUrl } = ctx.config
  const words = addonWords(addon, quantity)
  return openCheckout(
    ctx,
    provider,
    {
      // With the price in it: an open order of before is not for what it costs now.
      offerKey: `addon:${addon}:${quantity}:${price.amount}${price.currency}`,
      paymentType: 'ADDON_PURCHASE',
      affiliateLinkId: null,
      listingId: null,
      workspaceId: null,
      sellerId: null,
      commissionPercentage: null,
      planType: 'FREE',
      addon: { addon, quantity },
      offerMode: 'SUBSCRIPTION',
      priceAmount: price.amount,
      priceCurrency: price.currency,
      frequency: 'MONTHLY',
      frequencyInterval: 1,
      freeTrialPeriodInDays: 0,
      title: `Offshoot: ${words}`,
      description: 'It raises your limit as long as you keep it. It goes on each month until you cancel.',
      successUrl: ({ id }) =>
        provider.doorbell === undefined
          ? `${appUrl}/billing/success?session_id={CHECKOUT_SESSION_ID}`
          : `${appUrl}/billing/success?order=${id}`,
      cancelUrl: `${appUrl}/billing`,
      metadata: { addon, quantity: String(quantity) },
      details: { addon: { name: addon, quantity } },
    },
    // Signed in, the account buys, whatever was typed.
    { email, firstName: '', lastName: '', attempt },
  )
}

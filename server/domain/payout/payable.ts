import type { payoutMethods } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { refused } from '../../kit/errors'
import type { Money } from '../../kit/money'
import { openDetails } from './details'
import { ownAccount, payeeProvider } from './payee-account'
import { payoutProviderOf } from './payout-providers'
import { KIND_WORDS } from './rules'

type Method = Pick<typeof payoutMethods.$inferSelect, 'id' | 'kind' | 'sealed'>

/** Whether the provider says at present that money can be sent to these details. What is paid by hand always is. */
export const isReady = async (ctx: Context, method: Method): Promise<boolean> => {
  const provider = method.kind === 'STRIPE' ? payeeProvider(ctx) : null
  if (provider === null) return true
  const details = openDetails(ctx, method.id, method.sealed)
  const account = await ownAccount(ctx, provider)
  return (
    details.kind === 'STRIPE' && account?.externalId === details.details.account && account.payoutsEnabled
  )
}

/**
 * Makes sure that the signed-in user's details can be paid to, and with this amount.
 * @throws DomainError 422 PAYOUT_ACCOUNT_NOT_READY, AMOUNT_NOT_PAYABLE.
 */
export const checkPayable = async (ctx: Context, method: Method, money: Money): Promise<void> => {
  if (!(await isReady(ctx, method)))
    throw refused(
      'PAYOUT_ACCOUNT_NOT_READY',
      'Stripe does not pay to your account at present. Open your payout details and go on at Stripe, which says what is missing.',
    )
  const provider = payoutProviderOf(ctx, method.kind)
  if (provider !== null && !provider.payouts.canPay(money))
    throw refused(
      'AMOUNT_NOT_PAYABLE',
      `${KIND_WORDS[method.kind]} cannot pay out this amount of ${money.currency}. Choose another amount, or another way to be paid.`,
    )
}

import Stripe from 'stripe'
import { DomainError } from '../../kit/errors'
import {
  type PayeeAccountSnapshot,
  PayoutRefusedError,
  type PayoutRequest,
  type PayoutService,
  type PayoutSnapshot,
} from '../../kit/ports'
import { canPayOut, toStripeAmount } from './amounts'
import { asking, isMissing, refusalWords, underKey } from './errors'
import { type Json, members, record, text } from './json'
import { readAccount, readTransfer } from './snapshots'

/**
 * Money to the accounts payees have at Stripe (Connect): a transfer out of the platform's balance, which Stripe then
 * pays out to the payee's bank by itself. What has no answer throws DomainError 503 PROVIDER_UNAVAILABLE.
 */
export const stripePayouts = (stripe: () => Stripe): PayoutService => ({
  kind: 'STRIPE',
  canPay: canPayOut,

  send: async (request) => {
    const params = transferParams(request)
    const { idempotencyKey } = request
    const made = await stripe()
      .transfers.create(params, { idempotencyKey })
      .catch((error: unknown) => asking(() => Promise.reject(refusedForGood(error) ?? error)))
    return readable(readTransfer(toJson(made)))
  },

  find: ({ withdrawalId, ref }) =>
    asking(async () => {
      if (ref !== null) {
        const named = await retrieve(stripe(), ref)
        if (named !== null) return named
      }
      const page = await stripe().transfers.list({
        transfer_group: groupOf(withdrawalId),
        limit: 100,
        expand: ['data.balance_transaction'],
      })
      const ours = members(toJson(page)).filter(
        (transfer) => text(record(transfer.metadata).withdrawalId) === withdrawalId,
      )
      // Newest first, and there is one: a second would be somebody's by hand.
      const first = ours.at(-1)
      return first === undefined ? null : readable(readTransfer(first))
    }),

  payees: {
    create: ({ email, idempotencyKey }) =>
      asking(async () =>
        readableAccount(
          await underKey(idempotencyKey, (key) =>
            stripe().accounts.create(accountParams(email), { idempotencyKey: key }),
          ),
        ),
      ),

    fetch: (ref) =>
      asking(async () => {
        try {
          return readableAccount(await stripe().accounts.retrieve(ref))
        } catch (error) {
          // An account that was taken from the platform is forbidden, not missing.
          if (isMissing(error) || error instanceof Stripe.errors.StripePermissionError) return null
          throw error
        }
      }),

    onboardingUrl: ({ ref, returnUrl, refreshUrl }) =>
      asking(async () => {
        const { url } = await stripe().accountLinks.create({
          account: ref,
          type: 'account_onboarding',
          return_url: returnUrl,
          refresh_url: refreshUrl,
        })
        return url
      }),
  },
})

/** What used to be called Express: Stripe asks, answers for what it asked, and has a page for the payee. */
const accountParams = (email: string): Stripe.AccountCreateParams => ({
  email,
  controller: {
    fees: { payer: 'application' },
    losses: { payments: 'application' },
    requirement_collection: 'stripe',
    stripe_dashboard: { type: 'express' },
  },
  capabilities: { transfers: { requested: true } },
})

/** @throws PayoutRefusedError when Stripe cannot take the amount exactly, or it goes elsewhere. */
const transferParams = ({
  withdrawalId,
  amount,
  destination,
}: PayoutRequest): Stripe.TransferCreateParams => {
  if (destination.kind !== 'STRIPE') throw new PayoutRefusedError('Stripe pays to accounts at Stripe only.')
  if (!canPayOut(amount))
    throw new PayoutRefusedError(`Stripe cannot pay out this amount of ${amount.currency}.`)
  return {
    ...toStripeAmount(amount),
    destination: destination.account,
    transfer_group: groupOf(withdrawalId),
    metadata: { withdrawalId },
    expand: ['balance_transaction'],
  }
}

const groupOf = (withdrawalId: string): string => `withdrawal_${withdrawalId}`

const retrieve = async (stripe: Stripe, ref: string): Promise<PayoutSnapshot | null> => {
  try {
    const transfer = await stripe.transfers.retrieve(ref, { expand: ['balance_transaction'] })
    return readable(readTransfer(toJson(transfer)))
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/**
 * A request Stripe looked at and would not do: nothing left. A key that was used with other parameters says nothing
 * about what became of the first, nor does a refused key of ours, and neither ends a withdrawal.
 */
const refusedForGood = (error: unknown): PayoutRefusedError | null => {
  if (!(error instanceof Stripe.errors.StripeInvalidRequestError) || error.statusCode === 409) return null
  return new PayoutRefusedError(REFUSALS.get(error.code ?? '') ?? refusalWords(error))
}

const NOT_PAYABLE =
  'Stripe does not pay to this account at present. Open your payout details and go on at Stripe, which says what is missing.'
const REFUSALS: ReadonlyMap<string, string> = new Map([
  [
    'balance_insufficient',
    "The platform's balance at Stripe does not cover it at present. Please ask again in some days.",
  ],
  ['insufficient_capabilities_for_transfer', NOT_PAYABLE],
  ['account_invalid', NOT_PAYABLE],
  ['resource_missing', NOT_PAYABLE],
  [
    'transfers_not_allowed',
    'Stripe does not let the platform pay to this account, mostly because of its country.',
  ],
])

const readable = (snapshot: PayoutSnapshot | null): PayoutSnapshot => {
  if (snapshot === null) throw unreadable('the transfer has no amount that can be read')
  return snapshot
}

const readableAccount = (account: object): PayeeAccountSnapshot => {
  const snapshot = readAccount(toJson(account))
  if (snapshot === null) throw unreadable('the account has no id')
  return snapshot
}

const unreadable = (what: string) =>
  new DomainError(503, 'PROVIDER_UNAVAILABLE', `Stripe's answer could not be read: ${what}.`, {
    retryAfter: 60,
  })

const toJson = (object: object): Json => object as Json

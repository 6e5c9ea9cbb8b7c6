import { randomUUID } from 'node:crypto'
import { type PaymentProvider, PayoutRefusedError, type PayoutSnapshot } from '../../../server/kit/ports'
import { createStripeProvider } from '../../../server/providers/stripe'
import { connectedAccounts } from '../../schema'
import type { TestContext } from '../context'

/** How the remote end takes the next payouts. */
export type Temper = 'pays' | 'takes its time' | 'refuses' | 'is away' | 'loses the answer'

/** A remote end that pays out, keeps what it paid, and has no idea of keys: what is sent twice is paid twice. */
export interface PayoutHouse {
  readonly provider: PaymentProvider
  readonly paid: Map<string, PayoutSnapshot>
  /** Calls, in their order: 'send', 'find'. */
  readonly calls: string[]
  temper: Temper
  /** Of the next payouts. */
  fee: bigint | null
  /** Called at the beginning and the end of each call. */
  step: (where: string) => Promise<void> | void
  /** What has become of the payout of a withdrawal. */
  readonly change: (withdrawalId: string, more: Partial<PayoutSnapshot>) => PayoutSnapshot
}

export const makePayoutHouse = (): PayoutHouse => {
  const stripe = createStripeProvider({
    secretKey: 'sk_test_x',
    webhookSecrets: ['whsec_sandbox'],
    apiBase: 'http://127.0.0.1:9',
    mode: 'sandbox',
  })
  const paid = new Map<string, PayoutSnapshot>()
  const of = (withdrawalId: string) => [...paid.values()].find((one) => one.withdrawalId === withdrawalId)
  const house: PayoutHouse = {
    paid,
    calls: [],
    temper: 'pays',
    fee: null,
    step: () => {},
    change: (withdrawalId, more) => {
      const before = of(withdrawalId)
      if (before === undefined) throw new Error('nothing was sent')
      const after = { ...before, ...more }
      paid.set(after.ref, after)
      return after
    },
    provider: {
      ...stripe,
      payouts: {
        kind: 'STRIPE',
        canPay: ({ amount }) => amount % 7n !== 0n,
        send: async ({ withdrawalId, amount }) => {
          house.calls.push('send')
          await house.step('before sending')
          if (house.temper === 'is away') throw new Error('out of reach')
          if (house.temper === 'refuses') throw new PayoutRefusedError('This account cannot be paid.')
          const made: PayoutSnapshot = {
            ref: `tr_${randomUUID()}`,
            withdrawalId,
            amount,
            status: house.temper === 'takes its time' ? 'processing' : 'paid',
            returned: 0n,
            fee: house.fee,
            reason: null,
          }
          paid.set(made.ref, made)
          if (house.temper === 'loses the answer') throw new Error('the answer is lost')
          await house.step('after sending')
          return made
        },
        find: async ({ withdrawalId, ref }) => {
          house.calls.push('find')
          await house.step('before asking')
          if (house.temper === 'is away') throw new Error('out of reach')
          return (ref === null ? undefined : paid.get(ref)) ?? of(withdrawalId) ?? null
        },
        payees: {
          create: async () => ({ ref: 'acct_none', detailsSubmitted: false, payoutsEnabled: false }),
          fetch: async (ref) => ({ ref, detailsSubmitted: true, payoutsEnabled: true }),
          onboardingUrl: async () => 'https://connect.example',
        },
      },
    },
  }
  return house
}

/** A user's own account at Stripe, which can be paid unless it is said otherwise. */
export const givenAccount = async (ctx: TestContext, userId: string, payoutsEnabled = true) => {
  const externalId = `acct_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  await ctx.db.insert(connectedAccounts).values({
    id: randomUUID(),
    userId,
    provider: 'stripe',
    mode: 'sandbox',
    externalId,
    detailsSubmitted: payoutsEnabled,
    payoutsEnabled,
    createdAt: ctx.now(),
    updatedAt: ctx.now(),
  })
  return externalId
}

import { ApiError, missing } from './api-error'
import type { Decline } from './cards'
import { chargeIntent, declineIntent } from './charging'
import { inBillingTime } from './clock'
import { emit } from './events'
import type { Payer } from './payment-objects'
import type { SessionOrder } from './sessions'
import { addObject, changeObject, findObject, listObjects } from './store'
import { newRef, type StripeObject, seconds, type World } from './world'

/** Stripe's test accounts for bank debits. */
export const PAYING_ACCOUNT = '000123456789'
export const DECLINING_ACCOUNT = '000111111116'
export const isTestAccount = (number: string): boolean =>
  number === PAYING_ACCOUNT || number === DECLINING_ACCOUNT

/** How long the bank takes, by the sandbox's clock. */
const DAYS = 4
const TYPE = 'sandbox.debit'

/** A debit that a bank has not answered yet. */
interface Debit extends StripeObject {
  readonly session: string
  readonly intent: string
  readonly payer: Payer
  readonly account: string
  /** Unix seconds; null: it has answered. */
  readonly answersAt: number | null
}

export const takesDebit = (session: StripeObject, order: SessionOrder): boolean =>
  order.recurring === null && Number(session.amount_total) > 0

export const addDebit = async (
  world: World,
  given: Pick<Debit, 'session' | 'intent' | 'payer' | 'account'>,
): Promise<void> => {
  const { now } = await inBillingTime(world)
  await addObject(world, {
    ...given,
    id: `${given.session}:debit`,
    object: TYPE,
    answersAt: seconds(now()) + DAYS * 86_400,
  })
}

/** What falls due by the clock: each account does what its number says. */
export const dueDebits = async (
  world: World,
): Promise<{ at: number; happens: (at: World) => Promise<void> }[]> =>
  ((await listObjects(world, { types: [TYPE], limit: 1_000 })) as Debit[]).flatMap((one) =>
    one.answersAt === null
      ? []
      : [
          {
            at: one.answersAt,
            happens: (at: World) => answerDebit(at, one.session, one.account === PAYING_ACCOUNT),
          },
        ],
  )

/** Sessions whose bank has not answered. */
export const waitingDebits = async (world: World): Promise<ReadonlySet<string>> => {
  const debits = (await listObjects(world, { types: [TYPE], limit: 1_000 })) as Debit[]
  return new Set(debits.flatMap(({ answersAt, session }) => (answersAt === null ? [] : [session])))
}

/** The bank pays, or does not. @throws ApiError 404 without a debit, 400 when it has answered. */
export const answerDebit = async (world: World, sessionId: string, pays: boolean): Promise<void> => {
  const debit = (await findObject(world, `${sessionId}:debit`, TYPE, { lock: true })) as Debit | null
  const session = await findObject(world, sessionId, 'checkout.session', { lock: true })
  const intent = debit === null ? null : await findObject(world, debit.intent, 'payment_intent')
  if (debit === null || session === null || intent === null) throw missing('checkout.session', sessionId)
  if (debit.answersAt === null) throw new ApiError(400, 'The bank has answered already.')
  await changeObject(world, debit, { answersAt: null })
  if (pays) {
    await chargeIntent(world, intent, debit.payer, newRef(world, 'pm'))
    const paid = await changeObject(world, session, { payment_status: 'paid' })
    await emit(world, 'checkout.session.async_payment_succeeded', paid)
  } else {
    await declineIntent(world, intent, debit.payer, newRef(world, 'pm'), NO_MONEY)
    await emit(world, 'checkout.session.async_payment_failed', session)
  }
}

const NO_MONEY: Decline = {
  code: 'payment_intent_payment_attempt_failed',
  declineCode: 'insufficient_funds',
  message: 'The bank account has insufficient funds.',
}

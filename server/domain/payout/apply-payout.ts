import { eq } from 'drizzle-orm'
import { withdrawals } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { type Money, moneyToJson } from '../../kit/money'
import type { PayoutSnapshot } from '../../kit/ports'
import { enqueueMail } from '../../kit/queue'
import { decimal, postTransfer } from '../balance'
import { type Move, moveLocked } from './move-withdrawal'
import { providerWords, sentAmount } from './rules'

export type WithdrawalRow = typeof withdrawals.$inferSelect

/** What became of what a provider said: for the inbox and the admin, in words. */
export interface PayoutVerdict {
  readonly status: 'PROCESSED' | 'IGNORED' | 'QUARANTINED'
  readonly outcome: string
  /** What the admin is told of once, however often and by whomever it is said. */
  readonly about?: string
}

/** A withdrawal that is known to be there, for as long as this transaction runs. */
export const lockForPayout = async (ctx: Context, id: string): Promise<WithdrawalRow> => {
  const [row] = await ctx.db.select().from(withdrawals).where(eq(withdrawals.id, id)).for('update')
  if (row === undefined) throw new Error(`withdrawal ${id} is gone`)
  return row
}

/**
 * Books what a provider says of a withdrawal it was handed; call it with the row locked. A state is only ever moved on,
 * so that an answer, a webhook and a poll may come in any order and any number. What does not fit (another amount,
 * a second payout for one withdrawal, a part that came back) moves nothing and is an admin's.
 */
export const applyPayout = async (
  ctx: Context,
  row: WithdrawalRow,
  told: PayoutSnapshot,
): Promise<PayoutVerdict> => {
  const oddity = whatIsOdd(row, told)
  if (oddity !== null) return aside(row, oddity.what, oddity.words)
  const named = { ...row, providerRef: told.ref }
  if (row.status === 'PROCESSING' || row.providerRef === null)
    await ctx.db
      .update(withdrawals)
      .set({ providerRef: told.ref, updatedAt: ctx.now() })
      .where(eq(withdrawals.id, row.id))
  switch (told.status) {
    case 'processing':
      return done(row, row.status === 'PROCESSING' ? 'on its way' : 'already further')
    case 'paid':
      if (row.status === 'FAILED') return aside(row, 'late', 'was paid though it had failed before')
      return done(row, (await pay(ctx, named, told)) ? 'paid' : 'already paid')
    case 'failed':
      return fail(ctx, named, told)
    case 'returned':
      return giveBack(ctx, named, told)
  }
}

const whatIsOdd = (row: WithdrawalRow, told: PayoutSnapshot): { what: string; words: string } | null => {
  if (row.provider === null)
    return { what: 'unsent', words: `was paid out as ${told.ref}, and nobody sent it` }
  if (told.withdrawalId !== null && told.withdrawalId !== row.id)
    return { what: 'other', words: `does not belong to payout ${told.ref}` }
  if (row.providerRef !== null && row.providerRef !== told.ref)
    return { what: 'twice', words: `was sent as ${row.providerRef}, and ${told.ref} speaks of it too` }
  if (told.amount.amount !== sentAmount(row) || told.amount.currency !== row.currency)
    return {
      what: 'amount',
      words: `is ${moneyWords({ amount: sentAmount(row), currency: row.currency })}, and payout ${told.ref} is ${moneyWords(told.amount)}`,
    }
  return null
}

/** Whether it became paid now. */
const pay = async (ctx: Context, row: WithdrawalRow, told: PayoutSnapshot): Promise<boolean> => {
  const now = row.status === 'PROCESSING'
  if (now)
    await moveLocked(ctx, row, {
      to: 'PAID',
      set: { paidAt: ctx.now(), reference: told.ref },
      money: 'paid',
      mail: 'withdrawal-paid',
      action: 'withdrawal_paid',
    })
  await bookProviderFee(ctx, row, told.fee)
  return now
}

/** What the provider takes for itself is ours to bear. It may say so later than that it paid. */
const bookProviderFee = async (ctx: Context, row: WithdrawalRow, fee: bigint | null): Promise<void> => {
  if (fee === null || row.providerFee !== null || row.provider === null) return
  await ctx.db.update(withdrawals).set({ providerFee: fee }).where(eq(withdrawals.id, row.id))
  if (fee === 0n) return
  await postTransfer(ctx, {
    key: `withdrawal:${row.id}:provider-fee`,
    kind: 'withdrawal_fee',
    currency: row.currency,
    referenceType: 'withdrawal',
    referenceId: row.id,
    notes: `Fee of ${providerWords(row.provider)}`,
    entries: [
      { account: { kind: 'fees' }, amount: -fee },
      { account: { kind: 'provider', name: row.provider }, amount: fee },
    ],
  })
}

const BACK: Pick<Move, 'money' | 'mail'> = { money: 'back', mail: 'withdrawal-failed' }

/** It never left; or, once it was told to be paid, it came back. */
const fail = async (ctx: Context, row: WithdrawalRow, told: PayoutSnapshot): Promise<PayoutVerdict> => {
  const reason = told.reason ?? 'The provider could not pay it.'
  if (row.status === 'PAID') {
    await moveLocked(ctx, row, { to: 'RETURNED', set: { reason }, ...BACK, action: 'withdrawal_returned' })
    return done(row, 'failed after it was paid')
  }
  if (row.status !== 'PROCESSING') return done(row, 'already ended')
  await moveLocked(ctx, row, { to: 'FAILED', set: { reason }, ...BACK, action: 'withdrawal_failed' })
  await bookProviderFee(ctx, row, told.fee)
  return done(row, 'failed')
}

/** It was paid, so it passes through there: the books and mails are the same, whichever word came first. */
const giveBack = async (ctx: Context, row: WithdrawalRow, told: PayoutSnapshot): Promise<PayoutVerdict> => {
  if (row.status === 'FAILED') return aside(row, 'late', 'came back though it had failed before')
  const paid = (await pay(ctx, row, told)) || row.status === 'PAID'
  if (told.returned < told.amount.amount)
    return aside(
      row,
      `part:${told.returned}`,
      `came back in part: ${moneyWords({ ...told.amount, amount: told.returned })} of ${moneyWords(told.amount)}. Its owner's balance is as it was`,
    )
  if (!paid) return done(row, 'already returned')
  const reason = told.reason ?? `${providerWords(row.provider ?? '')} took the payment back.`
  await moveLocked(
    ctx,
    { ...row, status: 'PAID' },
    { to: 'RETURNED', set: { reason }, ...BACK, action: 'withdrawal_returned' },
  )
  return done(row, 'returned')
}

const done = ({ id }: WithdrawalRow, what: string): PayoutVerdict => ({
  status: 'PROCESSED',
  outcome: `withdrawal ${id}: ${what}`,
})

const aside = ({ id }: WithdrawalRow, what: string, words: string): PayoutVerdict => ({
  status: 'QUARANTINED',
  outcome: `withdrawal ${id} ${words}`,
  about: `payout:${id}:${what}`,
})

const moneyWords = (money: Money): string => `${decimal(moneyToJson(money))} ${money.currency}`

/** Under the inbox's own key: what an answer and a webhook both say is told once. */
export const alertOddPayout = async (
  ctx: Context,
  provider: string,
  { outcome, about = '' }: PayoutVerdict,
): Promise<void> => {
  if (ctx.config.admin === null) return
  await enqueueMail(ctx, {
    key: `alert:webhook:${provider}:${about}`,
    to: ctx.config.admin.email,
    template: 'admin-alert',
    data: { title: 'A withdrawal needs you', text: `${providerWords(provider)} says: ${outcome}.` },
  })
}

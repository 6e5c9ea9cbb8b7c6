import { and, eq, isNull } from 'drizzle-orm'
import { payoutMethods, withdrawals } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { conflict, notFound, refused } from '../../kit/errors'
import { NotSentError, PayoutRefusedError, type PayoutSnapshot } from '../../kit/ports'
import { enqueueMail } from '../../kit/queue'
import { alertOddPayout, applyPayout, lockForPayout, type WithdrawalRow } from './apply-payout'
import { openDetails } from './details'
import { moveLocked } from './move-withdrawal'
import {
  destinationOf,
  enqueueSending,
  type PayoutProvider,
  payoutProviderNamed,
  payoutProviderOf,
} from './payout-providers'
import { readWithdrawal, toAdminView } from './queries'
import { providerWords, sentAmount, TURN_MS } from './rules'
import type { AdminWithdrawalView, WithdrawalIdInput } from './schemas'
import { isUuid } from './users'

/**
 * Sends an approved withdrawal through its provider, and books what the provider says. That it is being sent is
 * committed before the provider hears of it: whoever comes after a crash or a lost answer asks the provider first, and
 * sends again, under the same key, only what it does not know. While one worker has its turn another does nothing.
 * What is on hold, paid by hand or at its end is left as it is.
 * @throws Error when the provider gave no answer that can be relied upon; `followWithdrawals` comes back to it.
 */
export const sendWithdrawal = async (ctx: Context, withdrawalId: string): Promise<void> => {
  const turn = await inTransaction(ctx, (tx) => takeTurn(tx, withdrawalId))
  if (turn === null) return
  const { row, provider } = turn
  const asked = { withdrawalId, ref: row.providerRef }
  const known = turn.first ? null : await provider.payouts.find(asked)
  if (known === null && row.providerRef !== null)
    throw new Error(`${provider.name} does not know payout ${row.providerRef} of withdrawal ${withdrawalId}`)
  const told = known ?? (await sendOnce(ctx, turn))
  if (told === null) return
  await inTransaction(ctx, async (tx) => {
    // Where it goes is ours to know, whether or not the answer names it.
    const verdict = await applyPayout(tx, await lockForPayout(tx, withdrawalId), {
      ...told,
      withdrawalId: told.withdrawalId ?? withdrawalId,
    })
    if (verdict.status === 'QUARANTINED') await alertOddPayout(tx, provider.name, verdict)
  })
}

/**
 * Has an admin's word that what stands still is looked after now: sent, or asked about.
 * @throws DomainError 404 WITHDRAWAL_NOT_FOUND; 409 WITHDRAWAL_STATE when there is nothing to send;
 * 422 PAID_BY_HAND.
 */
export const sendAgain = async (ctx: Context, { id }: WithdrawalIdInput): Promise<AdminWithdrawalView> => {
  const [row] = isUuid(id) ? await ctx.db.select().from(withdrawals).where(eq(withdrawals.id, id)) : []
  if (row === undefined) throw notFound('WITHDRAWAL_NOT_FOUND', 'There is no such withdrawal.')
  if (row.status !== 'APPROVED' && row.status !== 'PROCESSING')
    throw conflict('WITHDRAWAL_STATE', 'There is nothing to send: it is not approved, or it has ended.')
  const enqueued = row.batchId === null && (await inTransaction(ctx, (tx) => enqueueSending(tx, row.id)))
  if (!enqueued)
    throw refused('PAID_BY_HAND', 'No provider sends this one: pay it by hand, and mark it paid.')
  return toAdminView(ctx, await readWithdrawal(ctx, row.id))
}

interface Turn {
  readonly row: WithdrawalRow
  readonly provider: PayoutProvider
  readonly method: typeof payoutMethods.$inferSelect
  /** Nobody has handed it to the provider before: there is nothing to ask for. */
  readonly first: boolean
}

/** Null: there is nothing to do, or another worker is at it. */
const takeTurn = async (ctx: Context, id: string): Promise<Turn | null> => {
  const row = await lockForPayout(ctx, id)
  const [method] = await ctx.db.select().from(payoutMethods).where(eq(payoutMethods.id, row.methodId))
  if (method === undefined) throw new Error(`withdrawal ${id} without its details`)
  const now = ctx.now()
  if (row.status === 'APPROVED') {
    const provider = payoutProviderOf(ctx, method.kind)
    if (provider === null) return null
    await moveLocked(ctx, row, {
      to: 'PROCESSING',
      set: { provider: provider.name, sentAt: now },
      action: 'withdrawal_sent',
    })
    return { row: { ...row, provider: provider.name, sentAt: now }, provider, method, first: true }
  }
  // What is in a batch is paid by hand.
  if (row.status !== 'PROCESSING' || row.provider === null) return null
  const provider = payoutProviderNamed(ctx, row.provider)
  if (provider === null) throw new Error(`${row.provider} is switched off`)
  if (row.sentAt === null) {
    const [again] = await ctx.db
      .update(withdrawals)
      .set({ sentAt: now, updatedAt: now })
      .where(eq(withdrawals.id, id))
      .returning()
    return { row: again ?? row, provider, method, first: true }
  }
  if (row.providerRef === null) {
    if (row.updatedAt.getTime() > now.getTime() - TURN_MS) return null
    await ctx.db.update(withdrawals).set({ updatedAt: now }).where(eq(withdrawals.id, id))
  }
  return { row, provider, method, first: false }
}

/** Null: the provider refused it, which is booked. */
const sendOnce = async (ctx: Context, { row, provider, method }: Turn): Promise<PayoutSnapshot | null> => {
  const destination = destinationOf(openDetails(ctx, method.id, method.sealed))
  if (destination === null) throw new Error(`withdrawal ${row.id} goes to no provider`)
  try {
    return await provider.payouts.send({
      withdrawalId: row.id,
      amount: { amount: sentAmount(row), currency: row.currency },
      destination,
      idempotencyKey: `withdrawal:${row.id}`,
    })
  } catch (error) {
    if (error instanceof NotSentError) await noteUnsent(ctx, row.id)
    if (!(error instanceof PayoutRefusedError)) throw error
    await inTransaction(ctx, (tx) => bookRefusal(tx, row.id, provider.name, error.message))
    return null
  }
}

/** The provider did not hear of it: whoever comes next sends it without asking. */
const noteUnsent = async (ctx: Context, id: string): Promise<void> => {
  await ctx.db
    .update(withdrawals)
    .set({ sentAt: null, updatedAt: ctx.now() })
    .where(and(eq(withdrawals.id, id), eq(withdrawals.status, 'PROCESSING'), isNull(withdrawals.providerRef)))
}

const bookRefusal = async (ctx: Context, id: string, provider: string, reason: string): Promise<void> => {
  const row = await lockForPayout(ctx, id)
  if (row.status !== 'PROCESSING' || row.providerRef !== null) return
  await moveLocked(ctx, row, {
    to: 'FAILED',
    set: { reason },
    money: 'back',
    mail: 'withdrawal-failed',
    action: 'withdrawal_failed',
  })
  if (ctx.config.admin === null) return
  await enqueueMail(ctx, {
    key: `alert:payout:${id}:refused`,
    to: ctx.config.admin.email,
    template: 'admin-alert',
    data: {
      title: 'A withdrawal could not be sent',
      text: `${providerWords(provider)} refused withdrawal ${id}, and the money is back on its owner's balance: ${reason}`,
    },
  })
}

import { eq } from 'drizzle-orm'
import { users, withdrawals } from '../../../db/schema'
import { announce } from '../../kit/announce'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { conflict, notFound, refused } from '../../kit/errors'
import { moneyToJson, safeNumber } from '../../kit/money'
import { enqueueMail, type MailTemplates } from '../../kit/queue'
import { recordActivity } from '../audit'
import { type Account, postTransfer } from '../balance'
import { byHand } from './by-hand'
import { enqueueSending, sendsPayouts } from './payout-providers'
import { readWithdrawal, toAdminView } from './queries'
import { mayBecome, providerWords } from './rules'
import type { AdminWithdrawalView, WithdrawalStatus } from './schemas'
import { isUuid } from './users'

type Row = typeof withdrawals.$inferSelect

export interface Move {
  readonly id: string
  readonly to: WithdrawalStatus
  /** By its owner, for whom everyone else's are not there; else by an admin, who decides on nothing of their own. */
  readonly by: 'owner' | 'admin'
  /** Narrower than what the states allow. */
  readonly from?: readonly WithdrawalStatus[]
  readonly set?: Partial<
    Pick<
      Row,
      'reason' | 'reference' | 'approvedBy' | 'approvedAt' | 'paidAt' | 'provider' | 'sentAt' | 'batchId'
    >
  >
  /** Where the money goes in the same moment: back to the balance, or out of the house. */
  readonly money?: 'back' | 'paid'
  readonly mail?: 'withdrawal-approved' | 'withdrawal-rejected' | 'withdrawal-paid' | 'withdrawal-failed'
  /** For the log, such as `withdrawal_approved`. */
  readonly action: string
}

/**
 * Takes a withdrawal to its next state, with its money, its line of the log and its mail, all or none. One that is there
 * already stays as it is.
 * @throws DomainError 404 WITHDRAWAL_NOT_FOUND; 422 OWN_WITHDRAWAL, REFERENCE_NEEDED; 409 WITHDRAWAL_STATE.
 */
export const moveWithdrawal = (ctx: Context, move: Move): Promise<AdminWithdrawalView> =>
  inTransaction(ctx, async (tx) => {
    const row = await lockWithdrawal(tx, move)
    if (row.status !== move.to) {
      refuseWhileSent(tx, row, move)
      await moveLocked(tx, row, move)
    } else refuseOther(row, move)
    return toAdminView(tx, await readWithdrawal(tx, row.id))
  })

/** What a provider is sending, nobody decides on by hand, but where the provider cannot say what becomes of it. */
const refuseWhileSent = (ctx: Context, row: Row, { to, set }: Move): void => {
  const { status, provider } = row
  if (status !== 'PROCESSING' || provider === null || !sendsPayouts(ctx, provider)) return
  const words = providerWords(provider)
  const hand = byHand(ctx, row)
  if (hand === null)
    throw conflict(
      'WITHDRAWAL_STATE',
      `This is not possible: the withdrawal is being sent through ${words}, and ends as ${words} says.`,
    )
  if (!hand.open)
    throw conflict(
      'WITHDRAWAL_STATE',
      `This is not possible yet: the withdrawal was just sent through ${words}. An hour after that you can say what became of it.`,
    )
  if (to === 'PAID' && !set?.reference)
    throw refused('REFERENCE_NEEDED', `Say what the payment is called at ${words} or at your bank.`)
}

/** The withdrawal, held against other moves until the transaction ends. Errors as `moveWithdrawal`, but for its state. */
export const lockWithdrawal = async (ctx: Context, { id, by }: Pick<Move, 'id' | 'by'>): Promise<Row> => {
  const { userId } = signedIn(ctx)
  const [row] = isUuid(id)
    ? await ctx.db.select().from(withdrawals).where(eq(withdrawals.id, id)).for('update')
    : []
  if (row === undefined || (by === 'owner' && row.userId !== userId))
    throw notFound('WITHDRAWAL_NOT_FOUND', 'There is no such withdrawal.')
  if (by === 'admin' && row.userId === userId)
    throw refused('OWN_WITHDRAWAL', 'Nobody decides on a withdrawal of their own. Another admin can.')
  return row
}

/**
 * The move itself, of a row that this transaction has locked and that is in another state.
 * @throws DomainError 409 WITHDRAWAL_STATE.
 */
export const moveLocked = async (ctx: Context, row: Row, move: Omit<Move, 'id' | 'by'>): Promise<void> => {
  const { to, set = {} } = move
  if (!mayBecome(row.status, to) || (move.from !== undefined && !move.from.includes(row.status)))
    throw wrongState(row)
  await ctx.db
    .update(withdrawals)
    .set({ ...set, status: to, updatedAt: ctx.now() })
    .where(eq(withdrawals.id, row.id))
  await moveMoney(ctx, row, move)
  if (to === 'APPROVED') await enqueueSending(ctx, row.id)
  const [owner] = await ctx.db.select().from(users).where(eq(users.id, row.userId))
  if (owner === undefined) throw new Error(`withdrawal ${row.id} without an owner`)
  const { reason = null, reference = null } = set
  await recordActivity(ctx, {
    action: move.action,
    description: `A withdrawal went from ${row.status} to ${to}`,
    organizationId: owner.organizationId,
    subject: { type: 'withdrawal', id: row.id },
    before: { status: row.status, reason: row.reason, reference: row.reference },
    after: { status: to, reason: reason ?? row.reason, reference: reference ?? row.reference },
  })
  await announce(ctx, [
    {
      userId: row.userId,
      kind: 'withdrawal.updated',
      key: `withdrawal:${row.id}:${to}:${ctx.now().getTime()}`,
      data: { withdrawalId: row.id, status: to, amount: moneyToJson(row) },
    },
  ])
  if (move.mail === undefined) return
  const data: MailTemplates['withdrawal-failed'] = {
    firstName: owner.firstName,
    amount: safeNumber(row.amount),
    fee: safeNumber(row.fee),
    currency: row.currency,
    reason: reason ?? '',
    reference: reference ?? '',
  }
  // Held and released, it is approved twice; the owner is told once.
  await enqueueMail(ctx, {
    key: `withdrawal:${row.id}:${to}`,
    to: owner.email,
    template: move.mail,
    data,
  })
}

/** Done twice is done once; done twice differently is a mistake that must be seen. */
const refuseOther = (row: Row, { set = {} }: Pick<Move, 'set'>): void => {
  const { reference = '' } = set
  if (reference !== '' && reference !== row.reference) throw wrongState(row)
}

const wrongState = (row: Row) =>
  conflict('WITHDRAWAL_STATE', `This is not possible: the withdrawal is ${STATE_WORDS[row.status]}.`)

const STATE_WORDS: Readonly<Record<WithdrawalStatus, string>> = {
  REQUESTED: 'not approved yet',
  APPROVED: 'approved',
  ON_HOLD: 'on hold',
  PROCESSING: 'being paid',
  PAID: 'paid',
  FAILED: 'ended, because paying it failed',
  REJECTED: 'rejected',
  CANCELLED: 'cancelled',
  RETURNED: 'returned',
}

/** Under one key for every way back: whatever happens, the money comes back once. */
const moveMoney = async (
  ctx: Context,
  row: Row,
  { money, to }: Pick<Move, 'money' | 'to'>,
): Promise<void> => {
  if (money === undefined) return
  const waiting: Account = { kind: 'withdrawing', userId: row.userId }
  const available: Account = { kind: 'available', userId: row.userId }
  // What was sent through a provider left its account there, whoever says so; what it did not hear of did not.
  const out: Account =
    row.provider === null || row.sentAt === null
      ? { kind: 'paid_out' }
      : { kind: 'provider', name: row.provider }
  const fees: Account = { kind: 'fees' }
  const { amount, fee } = row
  await postTransfer(ctx, {
    key: `withdrawal:${row.id}:${money}`,
    kind: money === 'paid' ? 'withdrawal_paid' : 'withdrawal_back',
    currency: row.currency,
    referenceType: 'withdrawal',
    referenceId: row.id,
    notes: money === 'paid' ? 'Withdrawal paid' : `Withdrawal ${to.toLowerCase()}`,
    entries:
      money === 'paid'
        ? [
            { account: waiting, amount: -amount },
            { account: out, amount: amount - fee },
            { account: fees, amount: fee },
          ]
        : row.status === 'PAID'
          ? [
              { account: out, amount: fee - amount },
              { account: fees, amount: -fee },
              { account: available, amount, lineType: 'WITHDRAWAL' },
            ]
          : [
              { account: waiting, amount: -amount },
              { account: available, amount, lineType: 'WITHDRAWAL' },
            ],
  })
}

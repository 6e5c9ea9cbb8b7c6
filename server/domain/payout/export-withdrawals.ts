import { and, asc, eq, notInArray } from 'drizzle-orm'
import { payoutMethods, users, withdrawals } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import { recordActivity } from '../audit'
import { decimal, textCell } from '../balance'
import { openDetails } from './details'
import { sentKinds } from './payout-providers'
import type { ExportWithdrawalsInput } from './schemas'

interface Line {
  readonly withdrawal: typeof withdrawals.$inferSelect
  readonly user: Pick<typeof users.$inferSelect, 'firstName' | 'lastName' | 'email'>
  readonly kind: string
  readonly masked: string
  /** In clear; nothing where it is not to be paid. */
  readonly details: Readonly<Record<string, string | undefined>>
}

/** Fixed: programs read them by place. */
const COLUMNS: readonly (readonly [name: string, cell: (line: Line) => string])[] = [
  ['id', ({ withdrawal }) => withdrawal.id],
  ['status', ({ withdrawal }) => withdrawal.status],
  ['requested_at', ({ withdrawal }) => withdrawal.createdAt.toISOString()],
  ['payee', ({ user }) => textCell(`${user.firstName} ${user.lastName}`)],
  ['payee_email', ({ user }) => textCell(user.email)],
  ['currency', ({ withdrawal }) => withdrawal.currency],
  // What is to be paid: the fee is kept of what was asked for.
  ['amount_minor', ({ withdrawal }) => String(withdrawal.amount - withdrawal.fee)],
  ['amount', ({ withdrawal }) => decimal(moneyToJson(netOf(withdrawal)))],
  ['method', ({ kind }) => kind],
  ['paypal_email', ({ details }) => textCell(details.email ?? '')],
  ['account_holder', ({ details }) => textCell(details.name ?? '')],
  ['iban', ({ details }) => textCell(details.iban ?? '')],
  ['bic', ({ details }) => textCell(details.bic ?? '')],
  ['stripe_account', ({ details }) => textCell(details.account ?? '')],
  ['note', ({ details }) => textCell(details.note ?? '')],
  ['requested_minor', ({ withdrawal }) => String(withdrawal.amount)],
  ['fee_minor', ({ withdrawal }) => String(withdrawal.fee)],
  ['paid_to', ({ masked }) => textCell(masked)],
]

const netOf = ({ amount, fee, currency }: Line['withdrawal']) => ({ amount: amount - fee, currency })

/** What a provider is about to send belongs into no batch: it would be paid twice. */
const paidByHand = (ctx: Context) => notInArray(payoutMethods.kind, [...sentKinds(ctx)])

/**
 * Withdrawals in one state, as CSV (RFC 4180, UTF-8), oldest first. The approved ones are a batch to be paid at PayPal or
 * a bank, with the payout details in clear and without what a provider sends by itself; of every other state the details
 * are masked, so that nothing is paid that must not be. Who took it, and which were in it, stands in the log.
 */
export const exportWithdrawals = (ctx: Context, { status }: ExportWithdrawalsInput): Promise<string> =>
  inTransaction(ctx, async (tx) => {
    const rows = await tx.db
      .select({ withdrawal: withdrawals, method: payoutMethods, user: users })
      .from(withdrawals)
      .innerJoin(payoutMethods, eq(payoutMethods.id, withdrawals.methodId))
      .innerJoin(users, eq(users.id, withdrawals.userId))
      .where(and(eq(withdrawals.status, status), status === 'APPROVED' ? paidByHand(tx) : undefined))
      .orderBy(asc(withdrawals.createdAt), asc(withdrawals.id))
    const lines = rows.map(({ withdrawal, method, user }) => ({
      withdrawal,
      user,
      kind: method.kind,
      masked: method.masked,
      details: status === 'APPROVED' ? openDetails(tx, method.id, method.sealed).details : {},
    }))
    await recordActivity(tx, {
      action: 'withdrawals_exported',
      description: `Withdrawals were exported with their payout details${status === 'APPROVED' ? '' : ' masked'}: ${rows.length}`,
      after: { status, withdrawals: rows.map(({ withdrawal }) => withdrawal.id) },
    })
    return [COLUMNS.map(([name]) => name), ...lines.map((line) => COLUMNS.map(([, cell]) => cell(line)))]
      .map((cells) => `${cells.join(',')}\r\n`)
      .join('')
  })

import { asc, eq, type SQL } from 'drizzle-orm'
import { payoutMethods, users, withdrawals } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import { decimal, textCell } from '../balance'
import { openDetails } from './details'

interface Line {
  readonly withdrawal: typeof withdrawals.$inferSelect
  readonly user: Pick<typeof users.$inferSelect, 'firstName' | 'lastName' | 'email'>
  readonly method: typeof payoutMethods.$inferSelect
}

/** In clear; nothing where it is not to be paid. */
type Details = Readonly<Record<string, string | undefined>>

/** Fixed: programs read them by place. */
const COLUMNS: readonly (readonly [name: string, cell: (line: Line, details: Details) => string])[] = [
  ['id', ({ withdrawal }) => withdrawal.id],
  ['status', ({ withdrawal }) => withdrawal.status],
  ['requested_at', ({ withdrawal }) => withdrawal.createdAt.toISOString()],
  ['payee', ({ user }) => textCell(`${user.firstName} ${user.lastName}`)],
  ['payee_email', ({ user }) => textCell(user.email)],
  ['currency', ({ withdrawal }) => withdrawal.currency],
  // What is to be paid: the fee is kept of what was asked for.
  ['amount_minor', ({ withdrawal }) => String(withdrawal.amount - withdrawal.fee)],
  ['amount', ({ withdrawal }) => decimal(moneyToJson(netOf(withdrawal)))],
  ['method', ({ method }) => method.kind],
  ['paypal_email', (_, details) => textCell(details.email ?? '')],
  ['account_holder', (_, details) => textCell(details.name ?? '')],
  ['iban', (_, details) => textCell(details.iban ?? '')],
  ['bic', (_, details) => textCell(details.bic ?? '')],
  ['stripe_account', (_, details) => textCell(details.account ?? '')],
  ['note', (_, details) => textCell(details.note ?? '')],
  ['requested_minor', ({ withdrawal }) => String(withdrawal.amount)],
  ['fee_minor', ({ withdrawal }) => String(withdrawal.fee)],
  ['paid_to', ({ method }) => textCell(method.masked)],
]

const netOf = ({ amount, fee, currency }: Line['withdrawal']) => ({ amount: amount - fee, currency })

/**
 * Withdrawals as CSV (RFC 4180, UTF-8), oldest first.
 * @param inClear which of them with their payout details; of the others they are masked
 */
export const withdrawalsCsv = async (
  ctx: Context,
  which: SQL,
  inClear: (withdrawal: Line['withdrawal']) => boolean,
): Promise<string> => {
  const lines: Line[] = await ctx.db
    .select({ withdrawal: withdrawals, method: payoutMethods, user: users })
    .from(withdrawals)
    .innerJoin(payoutMethods, eq(payoutMethods.id, withdrawals.methodId))
    .innerJoin(users, eq(users.id, withdrawals.userId))
    .where(which)
    .orderBy(asc(withdrawals.createdAt), asc(withdrawals.id))
  const cellsOf = (line: Line) => {
    const { id, sealed } = line.method
    const details = inClear(line.withdrawal) ? openDetails(ctx, id, sealed).details : {}
    return COLUMNS.map(([, cell]) => cell(line, details))
  }
  return [COLUMNS.map(([name]) => name), ...lines.map(cellsOf)]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('')
}

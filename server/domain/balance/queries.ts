import { and, desc, eq, gte, isNotNull, lt, type SQL, sql } from 'drizzle-orm'
import { ledgerAccounts, ledgerEntries, ledgerTransfers } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import type { Balance, LineType, Transaction, TransactionsFilter, TransactionsInput } from './schemas'

/**
 * What the platform owes a user, one row per currency they ever had a movement in, by code.
 * `totalEarned` is what was credited, less what refunds took back and disputes hold: what is pending is not in it,
 * withdrawals and an admin's adjustments do not change it. Nothing here is summed over entries.
 */
export const getBalances = async (ctx: Context, userId: string): Promise<Balance[]> => {
  const rows = await ctx.db.execute<BalanceRow>(sql`
    select currency,
      coalesce(sum(balance) filter (where kind = 'available'), 0)::text available,
      coalesce(sum(balance) filter (where kind = 'pending'), 0)::text pending,
      coalesce(sum(balance) filter (where kind = 'withdrawing'), 0)::text withdrawing,
      coalesce(sum(earned), 0)::text earned
    from ledger_accounts where user_id = ${userId} and version > 0 group by currency order by currency`)
  return rows.map(({ currency, ...figures }) => {
    const money = (figure: string) => moneyToJson({ amount: BigInt(figure), currency })
    return {
      currency,
      balance: money(figures.available),
      pendingCommissions: money(figures.pending),
      totalEarned: money(figures.earned),
      inWithdrawal: money(figures.withdrawing),
    }
  })
}

type BalanceRow = Record<'currency' | 'available' | 'pending' | 'withdrawing' | 'earned', string>

/**
 * A user's statement, newest first: by time, then by the account's own count, so that in one currency each line's
 * balance before is the balance after of the line below it.
 * @throws DomainError 400 when the cursor is not one of this list.
 */
export const listTransactions = async (
  ctx: Context,
  { userId, limit, cursor, ...filter }: TransactionsInput & { userId: string },
): Promise<Page<Transaction>> => {
  const rows = await ctx.db
    .select(lineColumns)
    .from(ledgerEntries)
    .innerJoin(ledgerAccounts, eq(ledgerAccounts.id, ledgerEntries.accountId))
    .innerJoin(ledgerTransfers, eq(ledgerTransfers.id, ledgerEntries.transferId))
    .where(and(...linesOf(userId, filter), after(cursor)))
    .orderBy(desc(ledgerEntries.createdAt), desc(ledgerEntries.accountId), desc(ledgerEntries.seq))
    .limit(limit + 1)
  return toPage(
    rows,
    limit,
    (row) => ({ at: row.createdAt, id: `${row.accountId}.${row.seq}` }),
    toTransaction,
  )
}

export const lineColumns = {
  id: ledgerEntries.id,
  accountId: ledgerEntries.accountId,
  seq: ledgerEntries.seq,
  type: ledgerEntries.lineType,
  amount: ledgerEntries.amount,
  currency: ledgerEntries.currency,
  balanceBefore: ledgerEntries.balanceBefore,
  balanceAfter: ledgerEntries.balanceAfter,
  referenceType: ledgerTransfers.referenceType,
  referenceId: ledgerTransfers.referenceId,
  notes: ledgerTransfers.notes,
  createdAt: ledgerEntries.createdAt,
}

interface LineRow {
  readonly id: bigint
  readonly type: LineType | null
  readonly amount: bigint
  readonly currency: string
  readonly balanceBefore: bigint | null
  readonly balanceAfter: bigint | null
  readonly referenceType: string
  readonly referenceId: string
  readonly notes: string
  readonly createdAt: Date
}

/** A row of `lineColumns` as it leaves the house. */
export const toTransaction = (row: LineRow): Transaction => {
  const { type, currency, balanceBefore, balanceAfter } = row
  if (type === null || balanceBefore === null || balanceAfter === null)
    throw new Error(`entry ${row.id} is no line`)
  const money = (amount: bigint) => moneyToJson({ amount, currency })
  return {
    id: String(row.id),
    type,
    amount: money(row.amount),
    balanceBefore: money(balanceBefore),
    balanceAfter: money(balanceAfter),
    referenceType: row.referenceType,
    referenceId: row.referenceId,
    notes: row.notes,
    createdAt: row.createdAt.toISOString(),
  }
}

const linesOf = (userId: string, { type, from, to, currency }: TransactionsFilter): (SQL | undefined)[] => [
  eq(ledgerAccounts.userId, userId),
  eq(ledgerAccounts.kind, 'available'),
  isNotNull(ledgerEntries.seq),
  type && eq(ledgerEntries.lineType, type),
  from && gte(ledgerEntries.createdAt, from),
  to && lt(ledgerEntries.createdAt, to),
  currency === undefined ? undefined : eq(ledgerAccounts.currency, currency),
]

const after = (cursor: string | undefined): SQL | undefined => {
  const last = readCursor(cursor)
  if (last === null) return undefined
  const [, account, seq] = /^(\d{1,18})\.(\d{1,18})$/.exec(last.id) ?? []
  if (account === undefined || seq === undefined)
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return sql`(${ledgerEntries.createdAt}, ${ledgerEntries.accountId}, ${ledgerEntries.seq})
    < (${last.at.toISOString()}::timestamptz, ${account}::bigint, ${seq}::bigint)`
}

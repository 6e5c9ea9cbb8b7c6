import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import { ledgerAccounts, ledgerEntries, ledgerTransfers } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import {
  type Balance,
  LineType,
  type Transaction,
  type TransactionsFilter,
  type TransactionsInput,
} from './schemas'

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
  const newest = newestLines(ctx, userId, filter, cursor, limit + 1)
  const rows = await ctx.db
    .select(lineColumns)
    .from(newest)
    .innerJoin(ledgerEntries, eq(ledgerEntries.id, newest.id))
    .innerJoin(ledgerTransfers, eq(ledgerTransfers.id, ledgerEntries.transferId))
    .orderBy(desc(newest.createdAt), desc(newest.accountId), desc(newest.seq))
  return toPage(
    rows,
    limit,
    (row) => ({ at: row.createdAt, id: `${row.accountId}.${row.seq}` }),
    toTransaction,
  )
}

/** The newest line of one currency that is older than `to`, with its place in the chain. */
export const newestLine = async (
  ctx: Context,
  userId: string,
  filter: { readonly currency: string; readonly to: Date },
) => {
  const newest = newestLines(ctx, userId, filter, undefined, 1)
  const [line] = await ctx.db
    .select({ seq: ledgerEntries.seq, balanceAfter: ledgerEntries.balanceAfter, hash: ledgerEntries.hash })
    .from(newest)
    .innerJoin(ledgerEntries, eq(ledgerEntries.id, newest.id))
  return line
}

/**
 * The newest lines that fit, out of the newest few of each account and type: each of those is read from the end of one
 * index, so that a page costs the same however long the statement is.
 */
const newestLines = (
  ctx: Context,
  userId: string,
  { type, from, to, currency }: TransactionsFilter,
  cursor: string | undefined,
  limit: number,
) => {
  const types = type === undefined ? LineType.options : [type]
  const few = ctx.db
    .select({
      id: ledgerEntries.id,
      accountId: ledgerEntries.accountId,
      seq: ledgerEntries.seq,
      createdAt: ledgerEntries.createdAt,
    })
    .from(ledgerEntries)
    .where(
      and(
        eq(ledgerEntries.accountId, ledgerAccounts.id),
        eq(ledgerEntries.lineType, sql`kinds.kind`),
        from && gte(ledgerEntries.createdAt, from),
        to && lt(ledgerEntries.createdAt, to),
        after(cursor),
      ),
    )
    .orderBy(desc(ledgerEntries.createdAt), desc(ledgerEntries.seq))
    .limit(limit)
    .as('few')
  return ctx.db
    .select({ id: few.id, accountId: few.accountId, seq: few.seq, createdAt: few.createdAt })
    .from(ledgerAccounts)
    .crossJoin(sql`unnest(${`{${types.join()}}`}::balance_transaction_type[]) kinds(kind)`)
    .crossJoinLateral(few)
    .where(
      and(
        eq(ledgerAccounts.userId, userId),
        eq(ledgerAccounts.kind, 'available'),
        currency === undefined ? undefined : eq(ledgerAccounts.currency, currency),
      ),
    )
    .orderBy(desc(few.createdAt), desc(few.accountId), desc(few.seq))
    .limit(limit)
    .as('newest')
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

const after = (cursor: string | undefined): SQL | undefined => {
  const last = readCursor(cursor)
  if (last === null) return undefined
  const [, account, seq] = /^(\d{1,18})\.(\d{1,18})$/.exec(last.id) ?? []
  if (account === undefined || seq === undefined)
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const at = last.at.toISOString()
  // The first half is what the index is read by.
  return sql`${ledgerEntries.createdAt} <= ${at}::timestamptz
    and (${ledgerEntries.createdAt}, ${ledgerEntries.accountId}, ${ledgerEntries.seq})
      < (${at}::timestamptz, ${account}::bigint, ${seq}::bigint)`
}

import { and, desc, eq, isNull, lt, or, type SQL } from 'drizzle-orm'
import { payoutMethods, users, withdrawals } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { getBalances } from '../balance'
import { minimumWithdrawal } from './rules'
import type {
  AdminWithdrawalsInput,
  AdminWithdrawalView,
  PayoutMethodView,
  PayoutTerms,
  WithdrawalView,
} from './schemas'
import { isUuid } from './users'

/** Where the signed-in user is paid, masked, and the least that is paid out. */
export const payoutTerms = async (ctx: Context): Promise<PayoutTerms> => {
  const { userId } = signedIn(ctx)
  const [method] = await ctx.db
    .select()
    .from(payoutMethods)
    .where(and(eq(payoutMethods.userId, userId), isNull(payoutMethods.replacedAt)))
  const balances = await getBalances(ctx, userId)
  return {
    method: method === undefined ? null : toMethodView(method, ctx.now()),
    minimums: balances.map(({ currency }) =>
      moneyToJson({ amount: minimumWithdrawal(ctx.config.minWithdrawal, currency), currency }),
    ),
  }
}

type MethodRow = typeof payoutMethods.$inferSelect

export const toMethodView = (row: MethodRow, now: Date): PayoutMethodView => ({
  kind: row.kind,
  masked: row.masked,
  createdAt: row.createdAt.toISOString(),
  holdUntil: holdOf(row, now),
})

/** Until when nothing is withdrawn to these details; null once that is over. */
export const holdOf = ({ holdUntil }: Pick<MethodRow, 'holdUntil'>, now: Date): string | null =>
  holdUntil !== null && holdUntil > now ? holdUntil.toISOString() : null

/** The signed-in user's withdrawals, newest first. */
export const listWithdrawals = async (
  ctx: Context,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<WithdrawalView>> => {
  const rows = await rowsOf(ctx, [eq(withdrawals.userId, signedIn(ctx).userId), after(cursor)], limit)
  return toPage(rows, limit, keysetOf, toView)
}

/** Everyone's withdrawals, newest first; for admins. */
export const listAllWithdrawals = async (
  ctx: Context,
  { limit, cursor, status }: AdminWithdrawalsInput,
): Promise<Page<AdminWithdrawalView>> => {
  const rows = await rowsOf(ctx, [status && eq(withdrawals.status, status), after(cursor)], limit)
  return toPage(rows, limit, keysetOf, toAdminView)
}

const rowsOf = (ctx: Context, conditions: (SQL | undefined)[], limit: number) =>
  ctx.db
    .select(columns)
    .from(withdrawals)
    .innerJoin(payoutMethods, eq(payoutMethods.id, withdrawals.methodId))
    .innerJoin(users, eq(users.id, withdrawals.userId))
    .where(and(...conditions))
    .orderBy(desc(withdrawals.createdAt), desc(withdrawals.id))
    .limit(limit + 1)

const after = (cursor: string | undefined): SQL | undefined => {
  const last = readCursor(cursor)
  if (last === null) return undefined
  if (!isUuid(last.id)) throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return or(
    lt(withdrawals.createdAt, last.at),
    and(eq(withdrawals.createdAt, last.at), lt(withdrawals.id, last.id)),
  )
}

const columns = {
  withdrawal: withdrawals,
  kind: payoutMethods.kind,
  masked: payoutMethods.masked,
  user: { id: users.id, firstName: users.firstName, lastName: users.lastName, email: users.email },
}

interface WithdrawalRow {
  readonly withdrawal: typeof withdrawals.$inferSelect
  readonly kind: MethodRow['kind']
  readonly masked: string
  readonly user: { id: string; firstName: string; lastName: string; email: string }
}

/** One withdrawal that is known to be there. */
export const readWithdrawal = async (ctx: Context, id: string): Promise<WithdrawalRow> => {
  const [row] = await rowsOf(ctx, [eq(withdrawals.id, id)], 1)
  if (row === undefined) throw new Error(`withdrawal ${id} is gone`)
  return row
}

const keysetOf = ({ withdrawal }: WithdrawalRow) => ({ at: withdrawal.createdAt, id: withdrawal.id })

export const toView = ({ withdrawal: row, kind, masked }: WithdrawalRow): WithdrawalView => ({
  id: row.id,
  amount: moneyToJson(row),
  fee: moneyToJson({ amount: row.fee, currency: row.currency }),
  status: row.status,
  method: { kind, masked },
  reason: row.reason,
  reference: row.reference === '' ? null : row.reference,
  createdAt: row.createdAt.toISOString(),
  approvedAt: row.approvedAt?.toISOString() ?? null,
  paidAt: row.paidAt?.toISOString() ?? null,
})

export const toAdminView = (row: WithdrawalRow): AdminWithdrawalView => ({
  ...toView(row),
  user: { id: row.user.id, name: `${row.user.firstName} ${row.user.lastName}`, email: row.user.email },
})

import { and, asc, desc, eq, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { payoutDocuments, payoutMethods, taxProfiles, users, withdrawals } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { minWithdrawalsOf } from '../affiliate'
import { getBalances } from '../balance'
import { programAt } from '../program'
import { byHand } from './by-hand'
import { openDetails } from './details'
import { isReady } from './payable'
import { ownAccount, payeeProvider, toAccountView } from './payee-account'
import { minimumWithdrawal, needsDocument, providerWords } from './rules'
import type {
  AdminWithdrawalsInput,
  AdminWithdrawalView,
  DocumentView,
  PayoutMethodView,
  PayoutTerms,
  WithdrawalView,
} from './schemas'
import { isUuid } from './users'

/** Where the signed-in user is paid, masked; the least that is paid out, what it costs, and what is needed for it. */
export const payoutTerms = async (ctx: Context): Promise<PayoutTerms> => {
  const { userId } = signedIn(ctx)
  const [method] = await ctx.db
    .select()
    .from(payoutMethods)
    .where(and(eq(payoutMethods.userId, userId), isNull(payoutMethods.replacedAt)))
  const program = await programAt(ctx)
  const fee = method === undefined ? undefined : program.payoutFees[method.kind]
  const least = { minWithdrawals: await minWithdrawalsOf(ctx, userId) }
  const currencies = (await getBalances(ctx, userId)).map(({ currency }) => currency)
  const documents = method === undefined ? [] : await documentsOf(ctx, method.id)
  const provider = payeeProvider(ctx)
  const account = provider === null ? undefined : await ownAccount(ctx, provider)
  return {
    stripe: provider === null ? null : { account: account === undefined ? null : toAccountView(account) },
    method: method === undefined ? null : await methodView(ctx, method),
    minimums: currencies.map((currency) =>
      moneyToJson({ amount: minimumWithdrawal(ctx.config.minWithdrawal, currency, least), currency }),
    ),
    fees: currencies.map((currency) => ({
      fixed: { amount: fee?.fixed[currency] ?? 0, currency },
      percentage: Number(fee?.percentage ?? 0),
    })),
    documents,
    documentNeeded:
      method !== undefined &&
      documents.length === 0 &&
      needsDocument(program, openDetails(ctx, method.id, method.sealed)),
    hasTaxDetails: await hasTaxDetails(ctx, userId),
  }
}

/** Has this user given the tax details that a withdrawal past the threshold needs? */
export const hasTaxDetails = async (ctx: Context, userId: string): Promise<boolean> => {
  const [profile] = await ctx.db
    .select({ id: taxProfiles.id })
    .from(taxProfiles)
    .where(and(eq(taxProfiles.userId, userId), isNull(taxProfiles.replacedAt)))
  return profile !== undefined
}

/** What is attached to payout details, oldest first, without the contents. */
const documentsOf = async (ctx: Context, methodId: string): Promise<DocumentView[]> => {
  const { id, name, mediaType, bytes, createdAt } = payoutDocuments
  const rows = await ctx.db
    .select({ id, name, mediaType, bytes, createdAt })
    .from(payoutDocuments)
    .where(eq(payoutDocuments.methodId, methodId))
    .orderBy(asc(createdAt), asc(id))
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }))
}

type MethodRow = typeof payoutMethods.$inferSelect

export const methodView = async (ctx: Context, row: MethodRow): Promise<PayoutMethodView> => ({
  kind: row.kind,
  masked: row.masked,
  createdAt: row.createdAt.toISOString(),
  holdUntil: holdOf(row, ctx.now()),
  ready: await isReady(ctx, row),
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
  return toPage(rows, limit, keysetOf, (row) => toAdminView(ctx, row))
}

const rowsOf = (ctx: Context, conditions: (SQL | undefined)[], limit: number) =>
  ctx.db
    .select(columns)
    .from(withdrawals)
    .innerJoin(payoutMethods, eq(payoutMethods.id, withdrawals.methodId))
    .innerJoin(users, eq(users.id, withdrawals.userId))
    .leftJoin(firstAdmins, eq(firstAdmins.id, withdrawals.firstApprovedBy))
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

const firstAdmins = alias(users, 'first_admins')

const columns = {
  withdrawal: withdrawals,
  kind: payoutMethods.kind,
  masked: payoutMethods.masked,
  user: { id: users.id, firstName: users.firstName, lastName: users.lastName, email: users.email },
  firstAdmin: { firstName: firstAdmins.firstName, lastName: firstAdmins.lastName },
  documents: sql<DocumentView[]>`(select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name,
    'mediaType', d.media_type, 'bytes', d.bytes, 'createdAt', d.created_at) order by d.created_at, d.id), '[]')
    from payout_documents d where d.method_id = ${withdrawals.methodId})`,
}

interface WithdrawalRow {
  readonly withdrawal: typeof withdrawals.$inferSelect
  readonly kind: MethodRow['kind']
  readonly masked: string
  readonly user: { id: string; firstName: string; lastName: string; email: string }
  readonly firstAdmin: { firstName: string; lastName: string } | null
  readonly documents: readonly DocumentView[]
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
  sentThrough: row.provider === null ? null : providerWords(row.provider),
  sentAt: row.sentAt?.toISOString() ?? null,
})

export const toAdminView = (ctx: Context, row: WithdrawalRow): AdminWithdrawalView => ({
  ...toView(row),
  firstApproval:
    row.firstAdmin === null || row.withdrawal.firstApprovedAt === null
      ? null
      : {
          by: `${row.firstAdmin.firstName} ${row.firstAdmin.lastName}`,
          at: row.withdrawal.firstApprovedAt.toISOString(),
        },
  documents: row.documents.map((document) => ({
    ...document,
    createdAt: new Date(document.createdAt).toISOString(),
  })),
  providerReference: row.withdrawal.providerRef,
  byHand: byHand(ctx, row.withdrawal),
  user: { id: row.user.id, name: `${row.user.firstName} ${row.user.lastName}`, email: row.user.email },
})

import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { commissions, ledgerTransfers, payments, workspaces } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { invalid, notFound } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import type { CommissionsInput, CommissionView } from './schemas'

type Commission = typeof commissions.$inferSelect

/**
 * One's own commissions, newest first.
 * @throws DomainError 400 for a foreign cursor.
 */
export const listCommissions = async (
  ctx: Context,
  { status, batch, limit, cursor }: CommissionsInput,
): Promise<Page<CommissionView>> => {
  const { userId } = signedIn(ctx)
  const rows = await commissionsWhere(
    ctx,
    and(
      eq(commissions.beneficiaryId, userId),
      status && eq(commissions.status, status),
      batch === undefined ? undefined : creditedIn(ctx, batch),
      after(cursor),
    ),
  )
    .orderBy(desc(commissions.createdAt), desc(commissions.id))
    .limit(limit + 1)
  return toPage(rows, limit, ({ commission }) => ({ at: commission.createdAt, id: commission.id }), toView)
}

/**
 * A commission of one's own, or for an admin anybody's.
 * @throws DomainError 404 COMMISSION_NOT_FOUND, for somebody else's too.
 */
export const oneCommission = async (
  ctx: Context,
  id: string,
): Promise<{ commission: Commission; view: CommissionView }> => {
  const { userId } = signedIn(ctx)
  const [row] = z.uuid().safeParse(id).success
    ? await commissionsWhere(
        ctx,
        and(
          eq(commissions.id, id),
          ctx.actor.kind === 'admin' ? undefined : eq(commissions.beneficiaryId, userId),
        ),
      )
    : []
  if (row === undefined) throw notFound('COMMISSION_NOT_FOUND', 'There is no such commission.')
  return { commission: row.commission, view: toView(row) }
}

const commissionsWhere = (ctx: Context, where: SQL | undefined) =>
  ctx.db
    .select({ commission: commissions, workspace: workspaces.name })
    .from(commissions)
    .leftJoin(payments, eq(payments.id, commissions.paymentId))
    .leftJoin(workspaces, eq(workspaces.id, payments.workspaceId))
    .where(where)

/** Each commission keeps the transfer that credited it. */
const creditedIn = (ctx: Context, batch: string): SQL => {
  const transfers = ctx.db
    .select({ id: sql`${ledgerTransfers.id}::text` })
    .from(ledgerTransfers)
    .where(and(eq(ledgerTransfers.referenceType, 'commission_batch'), eq(ledgerTransfers.referenceId, batch)))
  return sql`${commissions.explanation}->>'creditedBy' in ${transfers}`
}

const toView = ({
  commission: row,
  workspace,
}: {
  commission: Commission
  workspace: string | null
}): CommissionView => {
  const money = (amount: bigint) => moneyToJson({ amount, currency: row.currency })
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    workspace: workspace === null ? null : { name: workspace },
    amount: money(row.amount),
    reversed: money(row.reversedAmount),
    held: money(row.heldAmount),
    net: money(row.amount - row.reversedAmount),
    review: row.suspicion === null ? null : { state: row.verdict ?? 'HELD', reason: row.verdictReason },
    holdUntil: row.holdUntil.toISOString(),
    creditedAt: row.creditedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  }
}

const after = (cursor: string | undefined): SQL | undefined => {
  const last = readCursor(cursor)
  if (last === null) return undefined
  if (!z.uuid().safeParse(last.id).success)
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return sql`(${commissions.createdAt}, ${commissions.id}) < (${last.at.toISOString()}::timestamptz, ${last.id}::uuid)`
}

import { and, desc, eq, lt, or } from 'drizzle-orm'
import { affiliateGroups, affiliates, users } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { invalid, notFound, refused } from '../../kit/errors'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { groupTerms } from './group-terms'
import type { AdminAffiliateView, AffiliatesInput, AffiliateView, ProgramTerms } from './schemas'

type Row = typeof affiliates.$inferSelect

/** The signed-in user's account in the programme; null: they have not joined. */
export const ownAffiliate = async (ctx: Context): Promise<AffiliateView | null> => {
  const [row] = await ctx.db
    .select()
    .from(affiliates)
    .where(eq(affiliates.userId, signedIn(ctx).userId))
  return row === undefined ? null : toAffiliate(ctx, row)
}

/**
 * What joining is about, for whoever thinks of it; by an invite the terms of its group, and for who has joined those that
 * are theirs. @throws DomainError 422 INVITE_OVER
 */
export const programTerms = async (
  ctx: Context,
  { invite }: { invite?: string | undefined } = {},
): Promise<ProgramTerms> => {
  const terms = await groupTerms(ctx, (await ownGroup(ctx)) ?? (await groupOfInvite(ctx, invite)))
  return {
    rate: terms.rate,
    cookieDays: terms.windowDays,
    holdDays: terms.holdDays,
    minWithdrawal: ctx.config.minWithdrawal,
    minWithdrawals: Object.entries(terms.minWithdrawals)
      .sort()
      .map(([currency, amount]) => ({ amount, currency })),
    group: terms.group?.name ?? null,
  }
}

/** Undefined: not signed in, or not joined. */
const ownGroup = async (ctx: Context): Promise<string | null | undefined> => {
  if (!('userId' in ctx.actor)) return undefined
  const [own] = await ctx.db
    .select({ groupId: affiliates.groupId })
    .from(affiliates)
    .where(eq(affiliates.userId, ctx.actor.userId))
  return own?.groupId
}

/** The group an invite leads to. @throws DomainError 422 INVITE_OVER */
export const groupOfInvite = async (ctx: Context, invite: string | undefined): Promise<string | null> => {
  if (invite === undefined) return null
  const [group] = await ctx.db.select().from(affiliateGroups).where(eq(affiliateGroups.invite, invite))
  if (group === undefined || group.closedAt !== null)
    throw refused(
      'INVITE_OVER',
      'This invite is over. Ask whoever sent it for a new one, or join without it.',
    )
  return group.id
}

/** Everyone in the programme, newest first; for admins. @throws DomainError 400 for a cursor of another list. */
export const listAffiliates = async (
  ctx: Context,
  { status, limit, cursor }: AffiliatesInput,
): Promise<Page<AdminAffiliateView>> => {
  const last = readCursor(cursor)
  if (last !== null && !isUuid(last.id))
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const rows = await selectAffiliates(ctx)
    .where(
      and(
        status === undefined ? undefined : eq(affiliates.status, status),
        last === null
          ? undefined
          : or(
              lt(affiliates.createdAt, last.at),
              and(eq(affiliates.createdAt, last.at), lt(affiliates.id, last.id)),
            ),
      ),
    )
    .orderBy(desc(affiliates.createdAt), desc(affiliates.id))
    .limit(limit + 1)
  return toPage(
    rows,
    limit,
    ({ affiliate }) => ({ at: affiliate.createdAt, id: affiliate.id }),
    (row) => toAdminAffiliate(ctx, row),
  )
}

/** One of them. @throws DomainError 404 AFFILIATE_NOT_FOUND */
export const readAffiliate = async (ctx: Context, id: string): Promise<AdminAffiliateView> => {
  const [row] = isUuid(id) ? await selectAffiliates(ctx).where(eq(affiliates.id, id)) : []
  if (row === undefined) throw notFound('AFFILIATE_NOT_FOUND', 'There is no such affiliate.')
  return toAdminAffiliate(ctx, row)
}

/** Everyone in the programme, with who they are. */
export const selectAffiliates = (ctx: Context) =>
  ctx.db
    .select({
      affiliate: affiliates,
      user: { id: users.id, firstName: users.firstName, lastName: users.lastName, email: users.email },
      group: affiliateGroups.name,
    })
    .from(affiliates)
    .innerJoin(users, eq(users.id, affiliates.userId))
    .leftJoin(affiliateGroups, eq(affiliateGroups.id, affiliates.groupId))

/** Any other text is the id of nothing. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)

/** An account as its owner sees it. */
export const toAffiliate = (ctx: Context, row: Row): AffiliateView => ({
  id: row.id,
  affiliateCode: row.code,
  referralLink: `${ctx.config.appUrl}/?ref=${row.code}`,
  status: row.status,
  reason: row.statusReason,
  createdAt: row.createdAt.toISOString(),
})

const toAdminAffiliate = (
  ctx: Context,
  {
    affiliate,
    user,
    group,
  }: {
    affiliate: Row
    user: { id: string; firstName: string; lastName: string; email: string }
    group: string | null
  },
): AdminAffiliateView => ({
  ...toAffiliate(ctx, affiliate),
  paymentEmail: affiliate.paymentEmail,
  group,
  decidedAt: affiliate.statusChangedAt?.toISOString() ?? null,
  user: { id: user.id, name: `${user.firstName} ${user.lastName}`, email: user.email },
})

import { asc, desc, eq, max, sql } from 'drizzle-orm'
import { affiliateGroups, affiliateGroupTerms, affiliates, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict, DomainError, notFound } from '../../kit/errors'
import { recordActivity } from '../audit'
import { highestShares, lockShares, sumOf } from '../program'
import { isUuid, readAffiliate } from './affiliate-queries'
import type {
  AdminAffiliateView,
  ChangeGroupInput,
  GroupView,
  MakeGroupInput,
  MoveToGroupInput,
} from './schemas'

type Terms = Omit<MakeGroupInput, 'name'>

/** A group of affiliates with terms of its own. @throws DomainError 409 GROUP_NAME_TAKEN; 422 SHARES_TOO_HIGH */
export const makeGroup = (ctx: Context, { name, ...terms }: MakeGroupInput): Promise<GroupView> =>
  inTransaction(ctx, async (tx) => {
    const [group] = await tx.db
      .insert(affiliateGroups)
      .values({
        id: newId(tx),
        name,
        invite: Buffer.from(tx.outside.random(12)).toString('base64url'),
        createdBy: signedIn(tx).userId,
        createdAt: tx.now(),
      })
      .onConflictDoNothing({ target: affiliateGroups.name })
      .returning()
    if (group === undefined) throw conflict('GROUP_NAME_TAKEN', 'There is a group of this name.')
    await addTerms(tx, group, terms, null)
    return oneGroup(tx, group.id)
  })

/**
 * Other terms from now on: for customers who come from then on. Whoever was referred before keeps what is pinned to
 * them. @throws DomainError 404 GROUP_NOT_FOUND; 422 SHARES_TOO_HIGH
 */
export const changeGroup = (ctx: Context, { id, ...terms }: ChangeGroupInput): Promise<GroupView> =>
  inTransaction(ctx, async (tx) => {
    const group = await lockedGroup(tx, id)
    const { terms: before } = await oneGroup(tx, id)
    await addTerms(tx, group, terms, before)
    return oneGroup(tx, id)
  })

/** Nobody joins by its invite any more, or again; its members stay. @throws DomainError 404 GROUP_NOT_FOUND */
export const openGroup = (ctx: Context, { id, open }: { id: string; open: boolean }): Promise<GroupView> =>
  inTransaction(ctx, async (tx) => {
    const group = await lockedGroup(tx, id)
    if ((group.closedAt === null) !== open) {
      await tx.db
        .update(affiliateGroups)
        .set({ closedAt: open ? null : tx.now() })
        .where(eq(affiliateGroups.id, id))
      await recordActivity(tx, {
        action: open ? 'affiliate_group_opened' : 'affiliate_group_closed',
        description: `${open ? 'Opened' : 'Closed'} the invite of the group “${group.name}”`,
        subject: { type: 'affiliate_group', id },
      })
    }
    return oneGroup(tx, id)
  })

const lockedGroup = async (ctx: Context, id: string) => {
  const [group] = isUuid(id)
    ? await ctx.db.select().from(affiliateGroups).where(eq(affiliateGroups.id, id)).for('no key update')
    : []
  if (group === undefined) throw noGroup()
  return group
}

const noGroup = () => notFound('GROUP_NOT_FOUND', 'There is no such group.')

const addTerms = async (
  ctx: Context,
  group: typeof affiliateGroups.$inferSelect,
  terms: Terms,
  before: GroupView['terms'] | null,
): Promise<void> => {
  await lockShares(ctx)
  const was = sumOf(await highestShares(ctx))
  const { rate, windowDays, holdDays, minWithdrawals, reason } = terms
  const [last] = await ctx.db
    .select({ at: max(affiliateGroupTerms.createdAt) })
    .from(affiliateGroupTerms)
    .where(eq(affiliateGroupTerms.groupId, group.id))
  await ctx.db.insert(affiliateGroupTerms).values({
    id: newId(ctx),
    groupId: group.id,
    ratePercentage: rate,
    windowDays,
    holdDays,
    minWithdrawals,
    reason,
    createdBy: signedIn(ctx).userId,
    // The newest are those that hold, so never of the same moment as the ones before.
    createdAt: new Date(Math.max(ctx.now().getTime(), (last?.at?.getTime() ?? 0) + 1)),
  })
  const shares = await highestShares(ctx)
  if (sumOf(shares) > 10_000 && sumOf(shares) > was) throw tooHigh(shares.sale / 100, shares.override / 100)
  await recordActivity(ctx, {
    action: before === null ? 'affiliate_group_made' : 'affiliate_group_changed',
    description: `${before === null ? 'Made' : 'Changed'} the group “${group.name}”`,
    subject: { type: 'affiliate_group', id: group.id },
    ...(before === null ? {} : { before }),
    after: { name: group.name, rate, windowDays, holdDays, minWithdrawals, reason },
  })
}

const tooHigh = (sale: number, override: number): DomainError => {
  const message = `All shares of one payment are at most 100 %: a seller may have ${sale} %, and those above the affiliate ${override} %.`
  return new DomainError(422, 'SHARES_TOO_HIGH', message, { issues: [{ path: ['rate'], message }] })
}

/**
 * Puts an affiliate into a group, or out of any: its terms count for customers who come from then on.
 * @throws DomainError 404 AFFILIATE_NOT_FOUND, GROUP_NOT_FOUND
 */
export const moveToGroup = (
  ctx: Context,
  { id, groupId, reason }: MoveToGroupInput,
): Promise<AdminAffiliateView> =>
  inTransaction(ctx, async (tx) => {
    const group = groupId === null ? null : await lockedGroup(tx, groupId)
    const [row] = isUuid(id)
      ? await tx.db.select().from(affiliates).where(eq(affiliates.id, id)).for('no key update')
      : []
    if (row === undefined) throw notFound('AFFILIATE_NOT_FOUND', 'There is no such affiliate.')
    if (row.groupId !== groupId) {
      await tx.db.update(affiliates).set({ groupId }).where(eq(affiliates.id, id))
      await recordActivity(tx, {
        action: 'affiliate_moved_to_group',
        description: group === null ? 'An affiliate left their group' : `An affiliate is of “${group.name}”`,
        subject: { type: 'affiliate', id },
        before: { groupId: row.groupId },
        after: { groupId, reason },
      })
    }
    return readAffiliate(tx, id)
  })

/** All groups by name, each with its terms of all times; for admins. */
export const listGroups = async (ctx: Context): Promise<{ items: GroupView[] }> => {
  const rows = await ctx.db.select().from(affiliateGroups).orderBy(asc(affiliateGroups.name)).limit(200)
  return { items: await Promise.all(rows.map(({ id }) => oneGroup(ctx, id))) }
}

const oneGroup = async (ctx: Context, id: string): Promise<GroupView> => {
  const [group] = await ctx.db.select().from(affiliateGroups).where(eq(affiliateGroups.id, id))
  const versions = await ctx.db
    .select({
      terms: affiliateGroupTerms,
      by: sql<string>`concat(${users.firstName}, ' ', ${users.lastName})`,
    })
    .from(affiliateGroupTerms)
    .innerJoin(users, eq(users.id, affiliateGroupTerms.createdBy))
    .where(eq(affiliateGroupTerms.groupId, id))
    .orderBy(desc(affiliateGroupTerms.createdAt), desc(affiliateGroupTerms.id))
    .limit(100)
  const history = versions.map(({ terms, by }) => ({
    rate: terms.ratePercentage,
    windowDays: terms.windowDays,
    holdDays: terms.holdDays,
    minWithdrawals: Object.entries(terms.minWithdrawals)
      .sort()
      .map(([currency, amount]) => ({ amount, currency })),
    reason: terms.reason,
    by,
    from: terms.createdAt.toISOString(),
  }))
  const [terms] = history
  if (group === undefined || terms === undefined) throw noGroup()
  return {
    id,
    name: group.name,
    inviteLink: `${ctx.config.appUrl}/affiliate?invite=${group.invite}`,
    open: group.closedAt === null,
    members: await ctx.db.$count(affiliates, eq(affiliates.groupId, id)),
    terms,
    history,
  }
}

import { eq } from 'drizzle-orm'
import { organizations, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { basisPoints } from '../../kit/money'
import { mailOtherAdmins, recordActivity } from '../audit'
import { highestShares, lockShares } from '../program'
import { lockUser, toUserView, type UserRow, userNotFound } from './accounts'
import type { AdminUserView, UpdateUserInput } from './schemas'
import { shortenSessions } from './sessions'

/**
 * What an admin may set: the seller's rate for links made from now on, the plan granted to the user's organization, the role.
 * Every other admin is told by mail of a new one.
 * @throws DomainError 404 USER_NOT_FOUND; 422 OWN_ADMIN_ROLE, LAST_ADMIN, COMMISSION_TOO_HIGH.
 */
export const updateUser = (ctx: Context, input: UpdateUserInput): Promise<AdminUserView> =>
  inTransaction(ctx, async (ctx) => {
    if (!UUID.test(input.id)) throw userNotFound()
    if (input.commissionPercentage !== undefined) await lockShares(ctx)
    if (input.role === 'USER') await lockAdmins(ctx)
    const user = await lockUser(ctx, input.id)
    const organization = await lockOrganization(ctx, user.organizationId)
    await refuseTooHigh(ctx, input.commissionPercentage)
    if (input.role === 'USER' && user.role === 'ADMIN') await refuseLosingAdmins(ctx, user)

    const before = {
      commissionPercentage: user.commissionPercentage,
      grantedPlan: organization.grantedPlan,
      role: user.role,
    }
    const after = {
      commissionPercentage: input.commissionPercentage ?? before.commissionPercentage,
      grantedPlan: input.planType ?? before.grantedPlan,
      role: input.role ?? before.role,
    }
    if (JSON.stringify(before) !== JSON.stringify(after)) await save(ctx, user, before, after)
    return {
      ...toUserView(
        { ...user, role: after.role },
        { ...organization, grantedPlan: after.grantedPlan },
        ctx.now(),
      ),
      commissionPercentage: Number(after.commissionPercentage),
    }
  })

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

interface Settings {
  readonly commissionPercentage: string
  readonly grantedPlan: AdminUserView['planType'] | null
  readonly role: AdminUserView['role']
}

const save = async (ctx: Context, user: UserRow, before: Settings, after: Settings): Promise<void> => {
  const { commissionPercentage, grantedPlan, role } = after
  const granted = role === 'ADMIN' && before.role !== 'ADMIN'
  const adminSince = granted ? ctx.now() : role === 'USER' ? null : user.adminSince
  await ctx.db.update(users).set({ commissionPercentage, role, adminSince }).where(eq(users.id, user.id))
  await ctx.db.update(organizations).set({ grantedPlan }).where(eq(organizations.id, user.organizationId))
  if (granted) {
    await shortenSessions(ctx, user.id)
    await tellOtherAdmins(ctx, user)
  }
  await recordActivity(ctx, {
    action: 'user_updated',
    description: `${user.firstName} ${user.lastName} was changed by an admin`,
    organizationId: user.organizationId,
    subject: { type: 'user', id: user.id },
    before,
    after,
  })
}

/** Nobody makes their own second admin unseen. */
const tellOtherAdmins = (ctx: Context, { id, firstName, lastName, email }: UserRow): Promise<void> => {
  const by = signedIn(ctx)
  return mailOtherAdmins(ctx, {
    key: `admin-made:${newId(ctx)}`,
    title: 'There is a new admin',
    text: `${by.email} has made ${firstName} ${lastName} (${email}) an admin. For 24 hours their approval does not count where two admins are needed. If you know nothing of it, take the role back: ${ctx.config.appUrl}/admin/users`,
    except: [by.userId, id],
  })
}

const lockOrganization = async (ctx: Context, id: string) => {
  const [organization] = await ctx.db
    .select()
    .from(organizations)
    .where(eq(organizations.id, id))
    .for('update')
  if (!organization) throw new Error(`organization ${id} is gone`)
  return organization
}

/** In one order, so that two admins who demote each other at once come one after the other. */
const lockAdmins = (ctx: Context) =>
  ctx.db.select({ id: users.id }).from(users).where(eq(users.role, 'ADMIN')).orderBy(users.id).for('update')

const refuseLosingAdmins = async (ctx: Context, user: UserRow): Promise<void> => {
  if ('userId' in ctx.actor && ctx.actor.userId === user.id)
    throw refused('OWN_ADMIN_ROLE', 'You cannot take your own admin role. Another admin can.')
  const admins = await ctx.db.select({ id: users.id }).from(users).where(eq(users.role, 'ADMIN'))
  if (admins.length <= 1) throw refused('LAST_ADMIN', 'This is the last admin.')
}

/** The shares of one payment never exceed it: what the seller gets must leave room for the referral, now and later. */
const refuseTooHigh = async (ctx: Context, commissionPercentage: string | undefined): Promise<void> => {
  if (commissionPercentage === undefined) return
  const { referral, override } = await highestShares(ctx)
  const left = 10_000 - referral - override
  if (basisPoints(commissionPercentage) > left)
    throw refused(
      'COMMISSION_TOO_HIGH',
      `Referrals take their share too: at most ${left / 100} % is left for the seller.`,
    )
}

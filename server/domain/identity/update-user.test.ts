import { and, eq, like } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, mails, organizations, users } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { inTransaction, newId } from '../../kit/context'
import { planOf } from './queries'
import { actorOfSession } from './sessions'
import { setPaidPlan } from './set-paid-plan'
import { signIn } from './sign-in'
import { updateUser } from './update-user'

const database = useDatabase()

const world = async () => {
  const visitor = testContext(database.db)
  const admin = await makeUser(visitor, { role: 'ADMIN' })
  return { ctx: visitor.as(admin.actor), admin, user: await makeUser(visitor) }
}

describe('an admin', () => {
  it('sets rate, plan and role of a user, and the log keeps before and after', async () => {
    const { ctx, admin, user } = await world()
    const input = { id: user.id, commissionPercentage: '12.50', planType: 'AGENCY', role: 'ADMIN' } as const
    expect(await updateUser(ctx, input)).toEqual({
      id: user.id,
      email: user.email,
      firstName: 'Ann',
      lastName: 'Example',
      role: 'ADMIN',
      planType: 'AGENCY',
      commissionPercentage: 12.5,
    })
    expect(await planOf(ctx, user.id)).toBe('AGENCY')
    const log = await ctx.db.select().from(activityLog).where(eq(activityLog.subjectId, user.id))
    expect(log).toMatchObject([
      {
        action: 'user_updated',
        userId: admin.id,
        actorKind: 'admin',
        organizationId: user.organizationId,
        before: { commissionPercentage: '20.00', grantedPlan: 'FREE', role: 'USER' },
        after: { commissionPercentage: '12.50', grantedPlan: 'AGENCY', role: 'ADMIN' },
      },
    ])
  })

  it('is not alone in knowing of a new one: every other admin gets a mail, and the role has its moment', async () => {
    const { ctx, admin, user } = await world()
    const [other, gone] = [await makeUser(ctx, { role: 'ADMIN' }), await makeUser(ctx, { role: 'ADMIN' })]
    await ctx.db.update(users).set({ closedAt: ctx.now(), passwordHash: null }).where(eq(users.id, gone.id))
    const mailsTo = async ({ email }: { email: string }) =>
      JSON.stringify(
        await ctx.db
          .select({ data: mails.data })
          .from(mails)
          .where(and(eq(mails.to, email), like(mails.key, 'admin-made:%'))),
      )
    const since = async () =>
      (await ctx.db.select({ since: users.adminSince }).from(users).where(eq(users.id, user.id)))[0]?.since
    await updateUser(ctx, { id: user.id, role: 'ADMIN' })
    const mail = await mailsTo(other)
    expect(mail).toContain(user.email)
    expect(mail).toContain(admin.email)
    for (const one of [admin, user, gone]) expect(await mailsTo(one)).not.toContain(user.email)
    expect(await since()).toEqual(ctx.now())
    await updateUser(ctx, { id: user.id, role: 'ADMIN', commissionPercentage: '11.00' })
    expect(await mailsTo(other)).toBe(mail)
    await updateUser(ctx, { id: user.id, role: 'USER' })
    expect(await since()).toBeNull()
    await updateUser(ctx, { id: user.id, role: 'ADMIN' })
    expect((await mailsTo(other)).split(user.email)).toHaveLength(3)
  })

  it('leaves alone what is not named, and logs nothing where nothing changes', async () => {
    const { ctx, user } = await world()
    await updateUser(ctx, { id: user.id, planType: 'BUSINESS' })
    const answer = await updateUser(ctx, { id: user.id, commissionPercentage: '20.00', role: 'USER' })
    expect(answer).toMatchObject({ planType: 'BUSINESS', role: 'USER', commissionPercentage: 20 })
    expect(await ctx.db.$count(activityLog, eq(activityLog.subjectId, user.id))).toBe(1)
  })

  it('grants a plan that neither the end of a trial nor a missing subscription takes back', async () => {
    const { ctx, user } = await world()
    await updateUser(ctx, { id: user.id, planType: 'AGENCY' })
    ctx.clock.advance(400 * 86_400_000)
    await setPaidPlan(ctx, user.organizationId, 'FREE')
    expect(await planOf(ctx, user.id)).toBe('AGENCY')
  })

  it('is answered with the higher plan when the user pays for one', async () => {
    const { ctx, user } = await world()
    await setPaidPlan(ctx, user.organizationId, 'AGENCY')
    expect((await updateUser(ctx, { id: user.id, planType: 'BUSINESS' })).planType).toBe('AGENCY')
    const [organization] = await ctx.db
      .select()
      .from(organizations)
      .where(eq(organizations.id, user.organizationId))
    expect(organization?.grantedPlan).toBe('BUSINESS')
  })

  it('finds no user of an unknown or impossible id', async () => {
    const { ctx } = await world()
    for (const id of [newId(ctx), 'nobody', '1', "' or 1=1"])
      await expect(updateUser(ctx, { id, role: 'USER' })).rejects.toMatchObject({
        status: 404,
        code: 'USER_NOT_FOUND',
      })
  })

  it('cannot set a rate that leaves nothing for the referral', async () => {
    const { ctx, user } = await world()
    await updateUser(ctx, { id: user.id, commissionPercentage: '85.00' })
    const tooHigh = updateUser(ctx, { id: user.id, commissionPercentage: '85.01', planType: 'AGENCY' })
    await expect(tooHigh).rejects.toMatchObject({ status: 422, code: 'COMMISSION_TOO_HIGH' })
    expect(await planOf(ctx, user.id)).toBe('FREE')
  })

  it('cannot take their own admin role, but may change the rest of themselves', async () => {
    const { ctx, admin } = await world()
    const own = updateUser(ctx, { id: admin.id, role: 'USER' })
    await expect(own).rejects.toMatchObject({ status: 422, code: 'OWN_ADMIN_ROLE' })
    expect(await updateUser(ctx, { id: admin.id, role: 'ADMIN', planType: 'AGENCY' })).toMatchObject({
      role: 'ADMIN',
    })
  })

  it('is left when two admins take each other’s role at once', async () => {
    const { ctx, admin } = await world()
    await ctx.db.update(users).set({ role: 'USER' }).where(eq(users.role, 'ADMIN'))
    await ctx.db.update(users).set({ role: 'ADMIN' }).where(eq(users.id, admin.id))
    const other = await makeUser(ctx, { role: 'ADMIN' })
    const results = await inTransaction(ctx, async (first) => {
      await updateUser(first, { id: other.id, role: 'USER' })
      const second = Promise.allSettled([updateUser(ctx.as(other.actor), { id: admin.id, role: 'USER' })])
      // Time for the second to go ahead without waiting for the first, if it would.
      await Promise.race([second, new Promise((resume) => setTimeout(resume, 300))])
      return { second }
    }).then(({ second }) => second)
    expect(results).toMatchObject([{ status: 'rejected', reason: { code: 'LAST_ADMIN' } }])
    expect(await ctx.db.$count(users, eq(users.role, 'ADMIN'))).toBe(1)
  })

  it('who was just made one has sessions as short as an admin’s', async () => {
    const { ctx, user } = await world()
    const { session } = await signIn(ctx, { email: user.email, password: TEST_PASSWORD })
    await updateUser(ctx, { id: user.id, role: 'ADMIN' })
    expect((await actorOfSession(ctx, session.id)).actor.kind).toBe('admin')
    ctx.clock.advance(2 * 3_600_000)
    expect((await actorOfSession(ctx, session.id)).actor.kind).toBe('visitor')
  })
})

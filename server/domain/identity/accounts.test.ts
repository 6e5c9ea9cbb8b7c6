import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, authTokens, mails, organizations, sessions, users } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { type Context, inTransaction, newId } from '../../kit/context'
import { ensureAdmin } from './ensure-admin'
import { findOrCreateBuyer } from './find-or-create-buyer'
import { me, planOf } from './queries'
import { resetPassword } from './reset-password'
import { actorOfSession } from './sessions'
import { setPaidPlan } from './set-paid-plan'
import { signIn } from './sign-in'
import { issueToken, mailedLinkToken } from './tokens'

const database = useDatabase()
const DAY = 86_400_000
const usersOf = (ctx: Context, email: string) => ctx.db.select().from(users).where(eq(users.email, email))

describe('the buyer of a paid order', () => {
  const input = { firstName: 'Ben', lastName: 'Buyer', plan: 'FREE' as const, orderId: 'ORDER' }

  it('gets an account without trial and password, with the plan they paid for, and a link that opens it', async () => {
    const ctx = testContext(database.db, { actor: { kind: 'webhook', provider: 'stripe' } })
    const buyer = await inTransaction(ctx, (ctx) =>
      findOrCreateBuyer(ctx, { ...input, email: 'Ben@Example.COM', plan: 'BUSINESS' }),
    )
    expect(buyer).toMatchObject({ created: true, email: 'ben@example.com', firstName: 'Ben' })
    expect(await usersOf(ctx, 'ben@example.com')).toMatchObject([
      { passwordHash: null, emailVerifiedAt: null },
    ])
    const [organization] = await ctx.db
      .select()
      .from(organizations)
      .where(eq(organizations.id, buyer.organizationId))
    expect(organization).toMatchObject({
      paidPlan: 'BUSINESS',
      trialEndsAt: null,
      name: "Ben Buyer's Organization",
    })
    const log = await ctx.db.select().from(activityLog).where(eq(activityLog.userId, buyer.userId))
    expect(log).toMatchObject([
      { action: 'user_registered', actorKind: 'webhook', after: { orderId: 'ORDER' } },
    ])
    expect(await ctx.db.$count(mails)).toBe(0)
    ctx.clock.advance(7 * DAY - 1)
    const token = mailedLinkToken(ctx, buyer.openTokenId ?? '')
    await resetPassword(ctx, { token, password: 'teapot-gravel-comet-7' })
    expect((await signIn(ctx, { email: buyer.email, password: 'teapot-gravel-comet-7' })).user.planType).toBe(
      'BUSINESS',
    )
  })

  it('is the owner of the address when it has an account, whose plan and password stay', async () => {
    const ctx = testContext(database.db)
    const user = await makeUser(ctx, { email: 'known@x.test', plan: 'AGENCY' })
    const buyer = await findOrCreateBuyer(ctx, { ...input, email: 'KNOWN@x.test' })
    expect(buyer).toEqual({
      userId: user.id,
      organizationId: user.organizationId,
      firstName: 'Ann',
      email: 'known@x.test',
      created: false,
      closed: false,
      openTokenId: null,
    })
    expect(await planOf(ctx, user.id)).toBe('AGENCY')
  })

  it('gets a link as well when the account was never opened or verified', async () => {
    const ctx = testContext(database.db)
    await makeUser(ctx, { email: 'unverified@x.test', verified: false })
    await makeUser(ctx, { email: 'closed@x.test', password: false, verified: false })
    for (const email of ['unverified@x.test', 'closed@x.test']) {
      const buyer = await findOrCreateBuyer(ctx, { ...input, email })
      const [token] = await ctx.db
        .select()
        .from(authTokens)
        .where(eq(authTokens.id, buyer.openTokenId ?? newId(ctx)))
      expect(token).toMatchObject({ purpose: 'OPEN_PURCHASE', userId: buyer.userId, email })
    }
  })

  it('has one account after two purchases at once, and each mail a link', async () => {
    const ctx = testContext(database.db)
    const before = await ctx.db.$count(organizations)
    const buyers = await Promise.all(
      Array.from({ length: 4 }, () =>
        inTransaction(ctx, (ctx) => findOrCreateBuyer(ctx, { ...input, email: 'race@x.test' })),
      ),
    )
    expect(new Set(buyers.map(({ userId }) => userId)).size).toBe(1)
    expect(buyers.filter(({ created }) => created)).toHaveLength(1)
    expect(new Set(buyers.map(({ openTokenId }) => openTokenId)).size).toBe(4)
    expect(await ctx.db.$count(organizations)).toBe(before + 1)
  })

  it('leaves nothing when the sale fails', async () => {
    const ctx = testContext(database.db)
    const sale = inTransaction(ctx, async (ctx) => {
      await findOrCreateBuyer(ctx, { ...input, email: 'undone@x.test' })
      throw new Error('no copy')
    })
    await expect(sale).rejects.toThrow('no copy')
    expect(await usersOf(ctx, 'undone@x.test')).toEqual([])
  })
})

describe('the admin of the settings', () => {
  const admin = (name: string) => ({ email: `${name}@X.test`, password: 'the settings say so' })

  it('is made once, verified, by however many processes at once', async () => {
    const ctx = testContext(database.db)
    await Promise.all([1, 2, 3].map(() => ensureAdmin(ctx, admin('root'))))
    await ensureAdmin(ctx, { ...admin('root'), password: 'another one' })
    expect(await usersOf(ctx, 'root@x.test')).toHaveLength(1)
    const { user } = await signIn(ctx, { email: 'root@x.test', password: 'the settings say so' })
    expect(user.role).toBe('ADMIN')
  })

  it('takes over an account nobody has proven to own, its password and links included', async () => {
    const ctx = testContext(database.db)
    const squatter = await makeUser(ctx, { email: 'squat@x.test', verified: false })
    const tokenId = await issueToken(ctx, {
      userId: squatter.id,
      purpose: 'RESET_PASSWORD',
      email: squatter.email,
      ttl: DAY / 24,
    })
    await ensureAdmin(ctx, admin('squat'))
    await expect(signIn(ctx, { email: squatter.email, password: TEST_PASSWORD })).rejects.toMatchObject({
      status: 401,
    })
    await signIn(ctx, { email: squatter.email, password: 'the settings say so' })
    const reset = resetPassword(ctx, {
      token: mailedLinkToken(ctx, tokenId),
      password: 'teapot-gravel-comet-7',
    })
    await expect(reset).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  it('keeps the password of a verified account, whose sessions become as short as an admin’s', async () => {
    const ctx = testContext(database.db)
    const user = await makeUser(ctx, { email: 'own@x.test' })
    const { session } = await signIn(ctx, { email: user.email, password: TEST_PASSWORD })
    await ensureAdmin(ctx, admin('own'))
    expect((await actorOfSession(ctx, session.id)).actor.kind).toBe('admin')
    await signIn(ctx, { email: user.email, password: TEST_PASSWORD })
    ctx.clock.advance(2 * 3_600_000)
    expect((await actorOfSession(ctx, session.id)).actor.kind).toBe('visitor')
    const change = and(eq(activityLog.userId, user.id), eq(activityLog.action, 'user_updated'))
    expect(await ctx.db.$count(activityLog, change)).toBe(1)
  })
})

describe('who is signed in', () => {
  it('is told who they are, with plan and organization', async () => {
    const ctx = testContext(database.db)
    const trialEndsAt = new Date(ctx.now().getTime() + DAY)
    const user = await makeUser(ctx, { trialEndsAt })
    expect(await me(ctx.as(user.actor))).toEqual({
      id: user.id,
      email: user.email,
      firstName: 'Ann',
      lastName: 'Example',
      role: 'USER',
      planType: 'BUSINESS',
      organization: {
        id: user.organizationId,
        name: "Ann Example's Organization",
        trialEndsAt: trialEndsAt.toISOString(),
      },
    })
    const other = await makeUser(ctx)
    expect((await me(ctx.as(other.actor))).organization.trialEndsAt).toBeNull()
  })

  it('is nobody as a visitor, or when the account is gone', async () => {
    const ctx = testContext(database.db)
    await expect(me(ctx)).rejects.toMatchObject({ status: 401 })
    const user = await makeUser(ctx)
    await ctx.db.delete(users).where(eq(users.id, user.id))
    await expect(me(ctx.as(user.actor))).rejects.toMatchObject({ status: 401, code: 'SIGN_IN_REQUIRED' })
    expect(await ctx.db.$count(sessions, eq(sessions.userId, user.id))).toBe(0)
  })
})

describe('the plan of a user', () => {
  it('follows trial and payment', async () => {
    const ctx = testContext(database.db)
    const user = await makeUser(ctx, { trialEndsAt: new Date(ctx.now().getTime() + DAY) })
    expect(await planOf(ctx, user.id)).toBe('BUSINESS')
    ctx.clock.advance(DAY)
    expect(await planOf(ctx, user.id)).toBe('FREE')
    await setPaidPlan(ctx, user.organizationId, 'AGENCY')
    await setPaidPlan(ctx, user.organizationId, 'AGENCY')
    expect(await planOf(ctx, user.id)).toBe('AGENCY')
    const log = await ctx.db
      .select()
      .from(activityLog)
      .where(eq(activityLog.organizationId, user.organizationId))
    expect(log).toMatchObject([{ before: { paidPlan: 'FREE' }, after: { paidPlan: 'AGENCY' } }])
  })

  it('is asked for of users and set for organizations that are there', async () => {
    const ctx = testContext(database.db)
    await expect(planOf(ctx, newId(ctx))).rejects.toMatchObject({ status: 404, code: 'USER_NOT_FOUND' })
    await expect(setPaidPlan(ctx, newId(ctx), 'FREE')).rejects.toMatchObject({
      status: 404,
      code: 'ORGANIZATION_NOT_FOUND',
    })
  })
})

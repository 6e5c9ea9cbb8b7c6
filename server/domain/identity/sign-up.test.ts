import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, authTokens, mails, organizations, users } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import type { Context } from '../../kit/context'
import { signUp } from './sign-up'
import { mailedLinkToken } from './tokens'

const database = useDatabase()

const form = { password: TEST_PASSWORD, firstName: 'Ann', lastName: 'Lee' }
const mailsTo = (ctx: Context, email: string) => ctx.db.select().from(mails).where(eq(mails.to, email))
const usersOf = (ctx: Context, email: string) => ctx.db.select().from(users).where(eq(users.email, email))

describe('signing up', () => {
  it('makes an organization on trial, a user, a line in the log and one mail', async () => {
    const ctx = testContext(database.db, { env: { AFFILIATE_COMMISSION_PERCENTAGE: '22.5' } })
    const answer = await signUp(ctx, { ...form, email: 'Ann@X.test' })
    expect(answer).toEqual({
      user: { email: 'ann@x.test', firstName: 'Ann', lastName: 'Lee' },
      requiresVerification: true,
    })
    const [user] = await usersOf(ctx, 'ann@x.test')
    expect(user).toMatchObject({ role: 'USER', emailVerifiedAt: null, commissionPercentage: '22.50' })
    const [organization] = await ctx.db
      .select()
      .from(organizations)
      .where(eq(organizations.id, user?.organizationId ?? ''))
    expect(organization).toMatchObject({
      name: "Ann Lee's Organization",
      paidPlan: 'FREE',
      grantedPlan: null,
    })
    expect(organization?.trialEndsAt).toEqual(new Date(ctx.now().getTime() + 14 * 86_400_000))
    const log = await ctx.db
      .select()
      .from(activityLog)
      .where(eq(activityLog.userId, user?.id ?? ''))
    expect(log.map(({ action, organizationId }) => [action, organizationId])).toEqual([
      ['user_registered', organization?.id],
    ])
    expect((await mailsTo(ctx, 'ann@x.test')).map(({ template }) => template)).toEqual(['verify-email'])
    expect(ctx.sent).toEqual([])
  })

  it('names the organization after the company', async () => {
    const ctx = testContext(database.db)
    await signUp(ctx, { ...form, email: 'company@x.test', companyName: 'Lee Ltd' })
    expect(await ctx.db.select().from(organizations).where(eq(organizations.name, 'Lee Ltd'))).toHaveLength(1)
  })

  it('answers the same for a taken address, changes nothing and mails its owner', async () => {
    const ctx = testContext(database.db)
    const owner = await makeUser(ctx, { email: 'taken@x.test', firstName: 'Owner' })
    const answer = await signUp(ctx, { ...form, email: 'TAKEN@x.test', password: 'something else 42' })
    expect(answer).toEqual({
      user: { email: 'taken@x.test', firstName: 'Ann', lastName: 'Lee' },
      requiresVerification: true,
    })
    const { actor, ...row } = owner
    expect(await usersOf(ctx, 'taken@x.test')).toEqual([row])
    const sent = await mailsTo(ctx, 'taken@x.test')
    expect(sent.map(({ template, data }) => [template, data])).toEqual([
      ['address-taken', { firstName: 'Owner' }],
    ])
    expect(actor.kind).toBe('user')
  })

  it('mails a fresh verification to who signs up again with the same password', async () => {
    const ctx = testContext(database.db)
    await signUp(ctx, { ...form, email: 'again@x.test' })
    await signUp(ctx, { ...form, email: 'again@x.test', firstName: 'Other' })
    const sent = await mailsTo(ctx, 'again@x.test')
    expect(sent.map(({ template }) => template)).toEqual(['verify-email', 'verify-email'])
    expect(await usersOf(ctx, 'again@x.test')).toMatchObject([{ firstName: 'Ann' }])
  })

  it('does not let a stranger who signed up first choose the password: the owner is sent a link that sets one', async () => {
    const ctx = testContext(database.db)
    await signUp(ctx, { ...form, email: 'victim@x.test', password: 'the-stranger-knows' })
    await signUp(ctx, { ...form, email: 'victim@x.test' })
    const sent = await mailsTo(ctx, 'victim@x.test')
    expect(sent.map(({ template }) => template)).toEqual(['verify-email', 'reset-password'])
  })

  it('mails a link that sets a password to an account made by a purchase', async () => {
    const ctx = testContext(database.db)
    await makeUser(ctx, { email: 'buyer@x.test', password: false, verified: false })
    await signUp(ctx, { ...form, email: 'buyer@x.test' })
    expect(await usersOf(ctx, 'buyer@x.test')).toMatchObject([{ passwordHash: null }])
    expect((await mailsTo(ctx, 'buyer@x.test')).map(({ template }) => template)).toEqual(['reset-password'])
  })

  it('makes one account of many sign-ups of one address at once', async () => {
    const ctx = testContext(database.db)
    const organizationsBefore = await ctx.db.$count(organizations)
    const answers = await Promise.all(
      ['race@x.test', 'RACE@x.test', 'race@X.test', 'race@x.test'].map((email) =>
        signUp(ctx, { ...form, email }),
      ),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(await usersOf(ctx, 'race@x.test')).toHaveLength(1)
    expect(await ctx.db.$count(organizations)).toBe(organizationsBefore + 1)
  })

  it('leaves no password, and no token that opens anything, in the database', async () => {
    const ctx = testContext(database.db)
    await signUp(ctx, { ...form, email: 'secret@x.test' })
    const [user] = await usersOf(ctx, 'secret@x.test')
    const [token] = await ctx.db
      .select()
      .from(authTokens)
      .where(eq(authTokens.userId, user?.id ?? ''))
    const secret = mailedLinkToken(ctx, token?.id ?? '')
    const tables = [authTokens, mails, users, activityLog]
    const dump = JSON.stringify(await Promise.all(tables.map((table) => ctx.db.select().from(table))))
    expect(dump).not.toContain(TEST_PASSWORD)
    expect(dump).not.toContain(secret)
    expect(token?.tokenHash.toString('base64url')).not.toBe(secret)
  })
})

import { and, desc, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, authTokens, mails, users } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MakeUser, makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { requestPasswordReset } from './request-password-reset'
import { resetPassword } from './reset-password'
import { TOKEN_LIFE } from './rules'
import { actorOfSession } from './sessions'
import { signIn } from './sign-in'
import { signUp } from './sign-up'
import { issueToken, mailedLinkToken, type TokenPurpose } from './tokens'
import { verifyEmail } from './verify-email'

const database = useDatabase()
const NEW_PASSWORD = 'teapot-gravel-comet-7'
const INVALID = { status: 400, code: 'TOKEN_INVALID' }

const world = async (options: MakeUser = {}) => {
  const ctx = testContext(database.db)
  return { ctx, user: await makeUser(ctx, options) }
}
const issue = async (ctx: TestContext, user: { id: string; email: string }, purpose: TokenPurpose) =>
  mailedLinkToken(
    ctx,
    await issueToken(ctx, { userId: user.id, purpose, email: user.email, ttl: TOKEN_LIFE[purpose] }),
  )
const mailsTo = (ctx: TestContext, email: string) =>
  ctx.db.select().from(mails).where(eq(mails.to, email)).orderBy(desc(mails.id))
/** The token in the newest mail to an address that has one. */
const mailedTo = async (ctx: TestContext, email: string, template: string) => {
  const mail = (await mailsTo(ctx, email)).find((mail) => mail.template === template)
  return mailedLinkToken(ctx, String(mail?.data.tokenId))
}
const userRow = async (ctx: TestContext, id: string) => {
  const [row] = await ctx.db.select().from(users).where(eq(users.id, id))
  return row
}

describe('verifying an e-mail address', () => {
  const form = { password: TEST_PASSWORD, firstName: 'Ann', lastName: 'Lee' }

  it('lets sign in who could not before, and may be done again', async () => {
    const ctx = testContext(database.db)
    const input = { email: 'verify@x.test', password: TEST_PASSWORD }
    await signUp(ctx, { ...form, ...input })
    await expect(signIn(ctx, input)).rejects.toMatchObject({ code: 'EMAIL_NOT_VERIFIED' })
    const token = await mailedTo(ctx, 'verify@x.test', 'verify-email')
    await verifyEmail(ctx, token)
    const { user } = await signIn(ctx, input)
    expect(user.planType).toBe('BUSINESS')
    await verifyEmail(ctx, token)
    ctx.clock.advance(30 * 86_400_000)
    await verifyEmail(ctx, token)
    const log = await ctx.db
      .select()
      .from(activityLog)
      .where(and(eq(activityLog.userId, user.id), eq(activityLog.action, 'email_verified')))
    expect(log).toHaveLength(1)
  })

  it('happens once when the link is opened twice at once', async () => {
    const { ctx, user } = await world({ verified: false })
    const token = await issue(ctx, user, 'VERIFY_EMAIL')
    await Promise.all([verifyEmail(ctx, token), verifyEmail(ctx, token)])
    expect(await ctx.db.$count(activityLog, eq(activityLog.userId, user.id))).toBe(1)
  })

  it('refuses a link of 24 hours, an unknown one, and one for another purpose', async () => {
    const { ctx, user } = await world({ verified: false })
    const late = await issue(ctx, user, 'VERIFY_EMAIL')
    ctx.clock.advance(24 * 3_600_000)
    await expect(verifyEmail(ctx, late)).rejects.toMatchObject(INVALID)
    await expect(verifyEmail(ctx, 'unknown')).rejects.toMatchObject(INVALID)
    await expect(verifyEmail(ctx, '\u0000')).rejects.toMatchObject(INVALID)
    await expect(verifyEmail(ctx, await issue(ctx, user, 'RESET_PASSWORD'))).rejects.toMatchObject(INVALID)
    expect((await userRow(ctx, user.id))?.emailVerifiedAt).toBeNull()
  })

  it('works with each of two links mailed', async () => {
    const { ctx, user } = await world({ verified: false })
    const older = await issue(ctx, user, 'VERIFY_EMAIL')
    await issue(ctx, user, 'VERIFY_EMAIL')
    await verifyEmail(ctx, older)
    expect((await userRow(ctx, user.id))?.emailVerifiedAt).toEqual(ctx.now())
  })
})

describe('asking for a new password', () => {
  it('mails a link to the owner of an address in any case, and nothing to any other', async () => {
    const { ctx, user } = await world()
    await expect(requestPasswordReset(ctx, { email: user.email.toUpperCase() })).resolves.toBeUndefined()
    await expect(requestPasswordReset(ctx, { email: 'nobody@x.test' })).resolves.toBeUndefined()
    expect((await mailsTo(ctx, user.email)).map(({ template }) => template)).toEqual(['reset-password'])
    expect(await mailsTo(ctx, 'nobody@x.test')).toEqual([])
  })

  it('makes older links useless', async () => {
    const { ctx, user } = await world()
    const older = await issue(ctx, user, 'RESET_PASSWORD')
    const newer = await issue(ctx, user, 'RESET_PASSWORD')
    await expect(resetPassword(ctx, { token: older, password: NEW_PASSWORD })).rejects.toMatchObject(INVALID)
    await resetPassword(ctx, { token: newer, password: NEW_PASSWORD })
  })

  it('leaves one good link of several asked for at once', async () => {
    const { ctx, user } = await world()
    await Promise.all(Array.from({ length: 5 }, () => requestPasswordReset(ctx, { email: user.email })))
    const good = and(eq(authTokens.userId, user.id), eq(authTokens.replaced, false))
    expect(await ctx.db.$count(authTokens, eq(authTokens.userId, user.id))).toBe(5)
    expect(await ctx.db.$count(authTokens, good)).toBe(1)
  })
})

describe('setting a password through a mailed link', () => {
  it('changes it, ends all sessions and tells the owner', async () => {
    const { ctx, user } = await world()
    const { session } = await signIn(ctx, { email: user.email, password: TEST_PASSWORD })
    await requestPasswordReset(ctx, { email: user.email })
    const token = await mailedTo(ctx, user.email, 'reset-password')
    await resetPassword(ctx, { token, password: NEW_PASSWORD })
    expect((await actorOfSession(ctx, session.id)).actor.kind).toBe('visitor')
    await expect(signIn(ctx, { email: user.email, password: TEST_PASSWORD })).rejects.toMatchObject({
      status: 401,
    })
    await signIn(ctx, { email: user.email, password: NEW_PASSWORD })
    expect((await mailsTo(ctx, user.email)).map(({ template }) => template)).toContain('password-changed')
    await expect(resetPassword(ctx, { token, password: NEW_PASSWORD })).rejects.toMatchObject(INVALID)
  })

  it('opens the account of a purchase and verifies its address, without a second mail', async () => {
    const { ctx, user } = await world({ password: false, verified: false })
    const first = await issue(ctx, user, 'OPEN_PURCHASE')
    const second = await issue(ctx, user, 'OPEN_PURCHASE')
    await issue(ctx, user, 'RESET_PASSWORD')
    ctx.clock.advance(7 * 86_400_000 - 1)
    await resetPassword(ctx, { token: first, password: NEW_PASSWORD })
    await signIn(ctx, { email: user.email, password: NEW_PASSWORD })
    expect(await mailsTo(ctx, user.email)).toEqual([])
    for (const used of [first, second])
      await expect(resetPassword(ctx, { token: used, password: 'another-secret-9' })).rejects.toMatchObject(
        INVALID,
      )
  })

  it.each([
    ['RESET_PASSWORD', 60 * 60_000],
    ['OPEN_PURCHASE', 7 * 86_400_000],
  ] as const)('refuses %s at its end', async (purpose, life) => {
    const { ctx, user } = await world()
    const token = await issue(ctx, user, purpose)
    ctx.clock.advance(life)
    await expect(resetPassword(ctx, { token, password: NEW_PASSWORD })).rejects.toMatchObject(INVALID)
  })

  it('refuses an unknown link, one that verifies, and one mailed to an address the user no longer has', async () => {
    const { ctx, user } = await world()
    const moved = await issue(ctx, user, 'RESET_PASSWORD')
    const verifying = await issue(ctx, user, 'VERIFY_EMAIL')
    await ctx.db
      .update(users)
      .set({ email: `moved-${user.email}` })
      .where(eq(users.id, user.id))
    for (const token of ['unknown', moved, verifying]) {
      await expect(resetPassword(ctx, { token, password: NEW_PASSWORD })).rejects.toMatchObject(INVALID)
    }
    expect((await userRow(ctx, user.id))?.passwordHash).toBe(user.passwordHash)
  })

  it('refuses the e-mail address as password and leaves the link good', async () => {
    const { ctx, user } = await world()
    const token = await issue(ctx, user, 'RESET_PASSWORD')
    const attempt = resetPassword(ctx, { token, password: user.email.toUpperCase() })
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: ['password'] }] })
  })

  it('passes once of two at once', async () => {
    const { ctx, user } = await world()
    const token = await issue(ctx, user, 'RESET_PASSWORD')
    const passwords = [NEW_PASSWORD, 'another-secret-9']
    const results = await Promise.allSettled(
      passwords.map((password) => resetPassword(ctx, { token, password })),
    )
    const passed = passwords.filter((_, index) => results[index]?.status === 'fulfilled')
    expect(passed).toHaveLength(1)
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: INVALID })
    await signIn(ctx, { email: user.email, password: passed[0] ?? '' })
  })

  it('shuts out who signed up with the address before: their verification link ends too', async () => {
    const { ctx, user } = await world({ verified: false })
    const theirs = await issue(ctx, user, 'VERIFY_EMAIL')
    const token = await issue(ctx, user, 'RESET_PASSWORD')
    await resetPassword(ctx, { token, password: NEW_PASSWORD })
    const [row] = await ctx.db
      .select()
      .from(authTokens)
      .where(and(eq(authTokens.userId, user.id), eq(authTokens.purpose, 'VERIFY_EMAIL')))
    expect(row?.replaced).toBe(true)
    await verifyEmail(ctx, theirs)
    await expect(signIn(ctx, { email: user.email, password: TEST_PASSWORD })).rejects.toMatchObject({
      status: 401,
    })
  })

  it('needs the secret of this installation: the row is not enough', async () => {
    const { ctx, user } = await world()
    await issue(ctx, user, 'RESET_PASSWORD')
    const [row] = await ctx.db.select().from(authTokens).where(eq(authTokens.userId, user.id))
    const other = testContext(database.db, {
      env: { APP_SECRET: 'another-secret-of-more-than-32-bytes-here' },
    })
    const guesses = [row?.id, row?.tokenHash.toString('base64url'), row?.tokenHash.toString('hex')]
    for (const token of [...guesses.map(String), mailedLinkToken(other, row?.id ?? '')])
      await expect(resetPassword(ctx, { token, password: NEW_PASSWORD })).rejects.toMatchObject(INVALID)
  })
})

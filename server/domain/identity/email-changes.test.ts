import { randomUUID } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, emailChanges, mails, users } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeUser, makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { changePassword } from './change-password'
import {
  answerEmailChange,
  cancelEmailChange,
  emailChangeView,
  readEmailChange,
  requestEmailChange,
} from './email-changes'
import { mailPasswordLink } from './mails'
import { resetPassword } from './reset-password'
import { signIn } from './sign-in'
import { mailedLinkToken } from './tokens'

const database = useDatabase()
const HOUR = 3_600_000
const fresh = () => `moved-${randomUUID()}@x.test`

const world = async () => {
  const base = testContext(database.db)
  const user = await makeUser(base)
  return { ctx: base.as(user.actor), user, email: fresh() }
}

/** The token in the mail to an address; null: none was sent. */
const tokenTo = async (ctx: TestContext, to: string): Promise<string> => {
  const rows = await ctx.db
    .select()
    .from(mails)
    .where(and(eq(mails.to, to), eq(mails.template, 'email-change')))
  const [last] = rows.sort((a, b) => (a.id < b.id ? 1 : -1))
  return last === undefined ? '' : mailedLinkToken(ctx, String(last.data.tokenId))
}

const asked = async (ctx: TestContext, user: MadeUser, email: string) => {
  await requestEmailChange(ctx, { email, password: TEST_PASSWORD })
  return { old: await tokenTo(ctx, user.email), new: await tokenTo(ctx, email) }
}
const emailOf = async (id: string) =>
  (await database.db.query.users.findFirst({ where: eq(users.id, id) }))?.email
const gone = { status: 400, code: 'TOKEN_INVALID' }

describe('a change of the e-mail address', () => {
  it.each([
    ['old', 'new'],
    ['new', 'old'],
  ] as const)('counts once both have agreed: first the %s, then the %s', async (first, second) => {
    const { ctx, user, email } = await world()
    const tokens = await asked(ctx, user, email)
    expect(await readEmailChange(ctx, tokens[first])).toEqual({
      oldEmail: user.email,
      newEmail: email,
      side: first,
    })
    expect(await answerEmailChange(ctx, { token: tokens[first], stop: false })).toEqual({ state: 'WAITING' })
    expect(await emailOf(user.id)).toBe(user.email)
    expect(await emailChangeView(ctx)).toMatchObject({
      newEmail: email,
      oldConfirmed: first === 'old',
      newConfirmed: first === 'new',
    })
    expect(await answerEmailChange(ctx, { token: tokens[second], stop: false })).toEqual({ state: 'DONE' })
    expect(await emailOf(user.id)).toBe(email)
    expect(await emailChangeView(ctx)).toBeNull()
    await expect(signIn(ctx, { email, password: TEST_PASSWORD })).resolves.toBeDefined()
    const told = await ctx.db.select().from(mails).where(eq(mails.template, 'email-changed'))
    expect(told.map(({ to }) => to)).toEqual(expect.arrayContaining([user.email, email]))
    for (const token of Object.values(tokens))
      await expect(answerEmailChange(ctx, { token, stop: false })).rejects.toMatchObject(gone)
    const log = await ctx.db.select().from(activityLog).where(eq(activityLog.userId, user.id))
    expect(JSON.stringify(log)).not.toMatch(/@/)
  })

  it('needs the password, another address, and keeps that of the settings’ admin', async () => {
    const { ctx, user, email } = await world()
    await expect(requestEmailChange(ctx, { email, password: 'not mine' })).rejects.toMatchObject({
      status: 403,
      code: 'WRONG_PASSWORD',
    })
    await expect(
      requestEmailChange(ctx, { email: user.email, password: TEST_PASSWORD }),
    ).rejects.toMatchObject({ status: 400, code: 'INVALID_INPUT' })
    const base = testContext(database.db)
    const admin = await makeUser(base, { role: 'ADMIN', email: base.config.admin?.email ?? '' })
    await expect(
      requestEmailChange(base.as(admin.actor), { email, password: TEST_PASSWORD }),
    ).rejects.toMatchObject({ status: 422, code: 'ADMIN_FROM_SETTINGS' })
    expect(await database.db.$count(emailChanges, eq(emailChanges.newEmail, email))).toBe(0)
  })

  it('answers for a taken address as for a free one; only its owner learns of it', async () => {
    const { ctx, user } = await world()
    const taken = await makeUser(ctx)
    await requestEmailChange(ctx, { email: taken.email, password: TEST_PASSWORD })
    expect(await emailChangeView(ctx)).toMatchObject({ newEmail: taken.email, newConfirmed: false })
    const toOwner = await ctx.db.select().from(mails).where(eq(mails.to, taken.email))
    expect(toOwner.map(({ template }) => template)).toEqual(['address-taken'])
    const token = await tokenTo(ctx, user.email)
    expect(await answerEmailChange(ctx, { token, stop: false })).toEqual({ state: 'WAITING' })
  })

  it('ends like an old link when the address was taken meanwhile', async () => {
    const { ctx, user, email } = await world()
    const tokens = await asked(ctx, user, email)
    await answerEmailChange(ctx, { token: tokens.old, stop: false })
    await makeUser(ctx, { email })
    await expect(answerEmailChange(ctx, { token: tokens.new, stop: false })).rejects.toMatchObject(gone)
    expect(await emailOf(user.id)).toBe(user.email)
  })

  it('of two accounts to one address at once is done once', async () => {
    const { ctx, email } = await world()
    const both = await Promise.all(
      [1, 2].map(async () => {
        const user = await makeUser(ctx)
        const as = ctx.as(user.actor)
        await requestEmailChange(as, { email, password: TEST_PASSWORD })
        await answerEmailChange(as, { token: await tokenTo(as, user.email), stop: false })
        return { user, as }
      }),
    )
    const newSides = await ctx.db
      .select()
      .from(mails)
      .where(and(eq(mails.to, email), eq(mails.template, 'email-change')))
    expect(newSides).toHaveLength(2)
    const done = await Promise.allSettled(
      newSides.map(({ data }) =>
        answerEmailChange(ctx, { token: mailedLinkToken(ctx, String(data.tokenId)), stop: false }),
      ),
    )
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await database.db.$count(users, eq(users.email, email))).toBe(1)
    expect(both).toHaveLength(2)
  })

  it('agreed to by both at the same moment is done, once', async () => {
    const { ctx, user, email } = await world()
    const tokens = await asked(ctx, user, email)
    const answers = await Promise.all(
      [tokens.old, tokens.new].map((token) => answerEmailChange(ctx, { token, stop: false })),
    )
    expect(answers.map(({ state }) => state).sort()).toEqual(['DONE', 'WAITING'])
    expect(await emailOf(user.id)).toBe(email)
  })

  it('is stopped by the old address, also after it agreed; the new one cannot', async () => {
    const { ctx, user, email } = await world()
    const tokens = await asked(ctx, user, email)
    await answerEmailChange(ctx, { token: tokens.old, stop: false })
    await expect(answerEmailChange(ctx, { token: tokens.new, stop: true })).rejects.toMatchObject({
      status: 422,
      code: 'STOP_FROM_OLD',
    })
    expect(await answerEmailChange(ctx, { token: tokens.old, stop: true })).toEqual({ state: 'STOPPED' })
    await expect(answerEmailChange(ctx, { token: tokens.new, stop: false })).rejects.toMatchObject(gone)
    expect(await emailOf(user.id)).toBe(user.email)
  })

  it.each([
    ['24 hours', async (ctx: TestContext) => ctx.clock.advance(24 * HOUR)],
    ['being called off', (ctx: TestContext) => cancelEmailChange(ctx)],
    [
      'a newer one',
      (ctx: TestContext) => requestEmailChange(ctx, { email: fresh(), password: TEST_PASSWORD }),
    ],
    [
      'a new password',
      (ctx: TestContext) =>
        changePassword(ctx, { current: TEST_PASSWORD, password: 'teapot-gravel-comet-7' }, null),
    ],
  ])('is over after %s', async (_what, end) => {
    const { ctx, user, email } = await world()
    const tokens = await asked(ctx, user, email)
    await answerEmailChange(ctx, { token: tokens.new, stop: false })
    await end(ctx)
    await expect(readEmailChange(ctx, tokens.old)).rejects.toMatchObject(gone)
    await expect(answerEmailChange(ctx, { token: tokens.old, stop: false })).rejects.toMatchObject(gone)
    expect(await emailOf(user.id)).toBe(user.email)
  })

  it('ends links that were mailed to the old address, and keeps no token', async () => {
    const { ctx, user, email } = await world()
    await mailPasswordLink(ctx, user)
    const [reset] = await ctx.db
      .select()
      .from(mails)
      .where(and(eq(mails.to, user.email), eq(mails.template, 'reset-password')))
    const tokens = await asked(ctx, user, email)
    for (const token of [tokens.old, tokens.new]) await answerEmailChange(ctx, { token, stop: false })
    await expect(
      resetPassword(ctx, {
        token: mailedLinkToken(ctx, String(reset?.data.tokenId)),
        password: 'teapot-gravel-comet-7',
      }),
    ).rejects.toMatchObject(gone)
    const rows = await ctx.db.select().from(emailChanges).where(eq(emailChanges.userId, user.id))
    for (const token of Object.values(tokens)) expect(JSON.stringify(rows)).not.toContain(token)
    for (const token of ['', 'x', tokens.old.slice(1), mailedLinkToken(ctx, rows[0]?.id ?? '')])
      await expect(answerEmailChange(ctx, { token, stop: false })).rejects.toMatchObject(gone)
  })
})

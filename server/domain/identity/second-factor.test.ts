import { eq } from 'drizzle-orm'
import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { activityLog, mails, recoveryCodes, secondFactors, sessions } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeUser, makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { checkCode, createApiKey } from '.'
import {
  beginSecondFactor,
  confirmSecondFactor,
  readEnrolment,
  removeSecondFactor,
  renewRecoveryCodes,
  secondFactorView,
} from './second-factor'
import { actorOfSession, startSession } from './sessions'
import { finishSignIn, SecondFactorRequired, signIn } from './sign-in'

const database = useDatabase()
const STEP = 30_000
const MINUTE = 60_000

/** What an authenticator app shows for a secret that was typed into it. */
const appOf = (secret: string) => {
  const totp = new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) })
  return (at: Date, steps = 0) => totp.generate({ timestamp: at.getTime() + steps * STEP })
}

interface Enrolled {
  readonly ctx: TestContext
  readonly user: MadeUser
  /** The code of a moment, so many steps from now. */
  readonly code: (steps?: number) => string
  readonly codes: readonly string[]
}

const enrolled = async (options: Parameters<typeof makeUser>[1] = {}, env = {}): Promise<Enrolled> => {
  const base = testContext(database.db, { env })
  const user = await makeUser(base, options)
  const ctx = base.as(user.actor)
  const { enrolment, secret } = await beginSecondFactor(ctx, { password: TEST_PASSWORD })
  const app = appOf(secret)
  const code = (steps = 0) => app(ctx.now(), steps)
  const { recoveryCodes } = await confirmSecondFactor(ctx, { enrolment, code: code() }, null)
  ctx.clock.advance(STEP)
  return { ctx, user, code, codes: recoveryCodes }
}

/** The right password, up to where the code is asked for. */
const firstStep = async (ctx: TestContext, email: string): Promise<string> => {
  const refusal = await signIn(ctx, { email, password: TEST_PASSWORD }).catch((error: unknown) => error)
  if (!(refusal instanceof SecondFactorRequired)) throw new Error('no code was asked for')
  return refusal.secondStep
}

const first = (codes: readonly string[], at = 0): string => codes[at] ?? ''
const mailsTo = (email: string) =>
  database.db
    .select()
    .from(mails)
    .where(eq(mails.to, email))
    .then((rows) => rows.map(({ template, data }) => [template, data.what ?? null]))

describe('setting up a second factor', () => {
  it('asks for the password, and counts only once a code proves that the app has the secret', async () => {
    const base = testContext(database.db)
    const user = await makeUser(base)
    const ctx = base.as(user.actor)
    await expect(beginSecondFactor(ctx, { password: 'not this one' })).rejects.toMatchObject({
      code: 'WRONG_PASSWORD',
    })
    const begun = await beginSecondFactor(ctx, { password: TEST_PASSWORD })
    expect(begun.uri).toMatch(/^otpauth:\/\/totp\/Offshoot:.*issuer=Offshoot.*period=30/)
    expect(readEnrolment(ctx, begun.enrolment)).toEqual(begun)
    expect(await database.db.$count(secondFactors, eq(secondFactors.userId, user.id))).toBe(0)
    await expect(
      confirmSecondFactor(ctx, { enrolment: begun.enrolment, code: '000000' }, null),
    ).rejects.toMatchObject({ code: 'WRONG_CODE', status: 403 })
    const here = await startSession(ctx, user)
    const there = await startSession(ctx, user)
    const { recoveryCodes: codes } = await confirmSecondFactor(
      ctx,
      { enrolment: begun.enrolment, code: appOf(begun.secret)(ctx.now()) },
      here.id,
    )
    expect(new Set(codes).size).toBe(10)
    expect(await secondFactorView(ctx)).toEqual({
      since: ctx.now().toISOString(),
      recoveryCodesLeft: 10,
      required: false,
    })
    expect((await actorOfSession(ctx, here.id)).actor.kind).toBe('user')
    expect((await actorOfSession(ctx, there.id)).actor.kind).toBe('visitor')
    expect(await mailsTo(user.email)).toEqual([['second-factor-changed', 'ON']])
  })

  it('keeps the secret sealed and the recovery codes hashed: no row holds either, nor does the log', async () => {
    const { ctx, user, codes } = await enrolled()
    const rows = [
      await database.db.select().from(secondFactors).where(eq(secondFactors.userId, user.id)),
      await database.db.select().from(recoveryCodes).where(eq(recoveryCodes.userId, user.id)),
      await database.db.select().from(activityLog).where(eq(activityLog.userId, user.id)),
    ]
    const text = JSON.stringify(rows, (_name, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    )
    for (const code of codes) expect(text).not.toContain(code.replaceAll('-', ''))
    const other = await makeUser(ctx)
    await database.db.update(secondFactors).set({ userId: other.id }).where(eq(secondFactors.userId, user.id))
    // The row's id binds the seal, and the codes are each user's own.
    await expect(checkCode(ctx, other.id, first(codes))).rejects.toMatchObject({ code: 'WRONG_CODE' })
  })

  it('is over after 15 minutes, for somebody else, and when it is not what was begun', async () => {
    const { ctx } = await enrolled()
    const one = testContext(database.db)
    const user = await makeUser(one)
    const own = one.as(user.actor)
    const { enrolment, secret } = await beginSecondFactor(own, { password: TEST_PASSWORD })
    const code = appOf(secret)(own.now())
    for (const [asking, text] of [
      [ctx, enrolment],
      [own, `${enrolment.slice(0, -2)}AA`],
      [own, 'x'],
    ] as const)
      await expect(confirmSecondFactor(asking, { enrolment: text, code }, null)).rejects.toMatchObject({
        status: 400,
        code: 'ENROLMENT_OVER',
      })
    own.clock.advance(15 * MINUTE)
    await expect(
      confirmSecondFactor(own, { enrolment, code: appOf(secret)(own.now()) }, null),
    ).rejects.toMatchObject({ code: 'ENROLMENT_OVER' })
  })

  it('replaces another only under a code of that one, and not if that changed meanwhile', async () => {
    const { ctx, user, code } = await enrolled()
    await expect(beginSecondFactor(ctx, { password: TEST_PASSWORD })).rejects.toMatchObject({
      code: 'CODE_REQUIRED',
    })
    const begun = await beginSecondFactor(ctx, { password: TEST_PASSWORD, code: code() })
    const again = { enrolment: begun.enrolment, code: appOf(begun.secret)(ctx.now()) }
    await confirmSecondFactor(ctx, again, null)
    await expect(confirmSecondFactor(ctx, again, null)).rejects.toMatchObject({
      status: 409,
      code: 'SECOND_FACTOR_CHANGED',
    })
    expect((await mailsTo(user.email)).at(-1)).toEqual(['second-factor-changed', 'REPLACED'])
    await expect(checkCode(ctx, user.id, code(1))).rejects.toMatchObject({ code: 'WRONG_CODE' })
  })

  it('is done once when it is confirmed twice at the same moment', async () => {
    const base = testContext(database.db)
    const user = await makeUser(base)
    const ctx = base.as(user.actor)
    const { enrolment, secret } = await beginSecondFactor(ctx, { password: TEST_PASSWORD })
    const code = appOf(secret)(ctx.now())
    const done = await Promise.allSettled(
      [1, 2].map(() => confirmSecondFactor(ctx, { enrolment, code }, null)),
    )
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await database.db.$count(recoveryCodes, eq(recoveryCodes.userId, user.id))).toBe(10)
  })

  it('is switched off under password and code, and then signing in asks for neither', async () => {
    const { ctx, user, code } = await enrolled()
    await expect(removeSecondFactor(ctx, { password: 'nope', code: code() })).rejects.toMatchObject({
      code: 'WRONG_PASSWORD',
    })
    await expect(removeSecondFactor(ctx, { password: TEST_PASSWORD, code: '000000' })).rejects.toMatchObject({
      code: 'WRONG_CODE',
    })
    await removeSecondFactor(ctx, { password: TEST_PASSWORD, code: code() })
    expect(await secondFactorView(ctx)).toMatchObject({ since: null, recoveryCodesLeft: 0 })
    await expect(signIn(ctx, { email: user.email, password: TEST_PASSWORD })).resolves.toBeDefined()
    await expect(renewRecoveryCodes(ctx, { password: TEST_PASSWORD, code: code(1) })).rejects.toMatchObject({
      code: 'NO_SECOND_FACTOR',
    })
  })
})

describe('signing in with a second factor', () => {
  it('opens no session before the code, and one after it', async () => {
    const { ctx, user, code } = await enrolled()
    const token = await firstStep(ctx, user.email)
    expect(await database.db.$count(sessions, eq(sessions.userId, user.id))).toBe(0)
    const { session } = await finishSignIn(ctx, token, { code: code() }, 'Firefox on Linux')
    expect((await actorOfSession(ctx, session.id)).actor).toEqual(user.actor)
  })

  it('takes a code of one step before or after, and none further away', async () => {
    for (const [steps, right] of [
      [-2, false],
      [-1, true],
      [1, true],
      [2, false],
    ] as const) {
      const { ctx, user, code } = await enrolled()
      // Beyond the step that setting up has used.
      ctx.clock.advance(3 * STEP)
      const outcome = await checkCode(ctx, user.id, code(steps)).then(
        () => true,
        () => false,
      )
      expect(outcome, `${steps} steps`).toBe(right)
    }
  })

  it('never takes a code twice, nor one before it, nor the one that set it up', async () => {
    const { ctx, user, code } = await enrolled()
    await expect(checkCode(ctx, user.id, code(-1))).rejects.toMatchObject({ code: 'WRONG_CODE' })
    await checkCode(ctx, user.id, code(1))
    await expect(checkCode(ctx, user.id, code(1))).rejects.toMatchObject({ code: 'WRONG_CODE' })
    await expect(checkCode(ctx, user.id, code())).rejects.toMatchObject({ code: 'WRONG_CODE' })
  })

  it('takes a code that is used twice at once, once; a recovery code too', async () => {
    const { ctx, user, code, codes } = await enrolled()
    const token = await firstStep(ctx, user.email)
    for (const used of [code(), first(codes)]) {
      const all = await Promise.allSettled([1, 2, 3].map(() => finishSignIn(ctx, token, { code: used })))
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
    expect(await secondFactorView(ctx)).toMatchObject({ recoveryCodesLeft: 9 })
    expect((await mailsTo(user.email)).at(-1)).toEqual(['second-factor-changed', 'CODE_USED'])
  })

  it('takes a recovery code however it is typed, and tells when new ones end the old', async () => {
    const { ctx, user, code, codes } = await enrolled()
    await checkCode(ctx, user.id, ` ${first(codes).toUpperCase().replaceAll('-', ' ')} `)
    const { recoveryCodes: renewed } = await renewRecoveryCodes(ctx, {
      password: TEST_PASSWORD,
      code: code(),
    })
    await expect(checkCode(ctx, user.id, first(codes, 1))).rejects.toMatchObject({ code: 'WRONG_CODE' })
    await checkCode(ctx, user.id, first(renewed))
    expect(await secondFactorView(ctx)).toMatchObject({ recoveryCodesLeft: 9 })
  })

  it('is slowed down after five wrong codes, tells the owner, and lets a recovery code in meanwhile', async () => {
    const { ctx, user, code, codes } = await enrolled()
    const token = await firstStep(ctx, user.email)
    for (let i = 0; i < 5; i += 1)
      await expect(finishSignIn(ctx, token, { code: '000000' })).rejects.toMatchObject({
        code: 'WRONG_CODE',
      })
    ctx.clock.advance(MINUTE)
    await expect(checkCode(ctx, user.id, code())).rejects.toMatchObject({
      status: 429,
      code: 'TOO_MANY_CODES',
      retryAfter: 540,
    })
    expect((await mailsTo(user.email)).at(-1)).toEqual(['second-factor-tries', null])
    await finishSignIn(ctx, token, { code: first(codes) })
    ctx.clock.advance(9 * MINUTE)
    await checkCode(ctx, user.id, code())
    // A right one ends the count.
    await expect(checkCode(ctx, user.id, '000000')).rejects.toMatchObject({ code: 'WRONG_CODE' })
    await checkCode(ctx, user.id, code(1))
  })

  it('counts wrong codes that come at once', async () => {
    const { ctx, user } = await enrolled()
    const all = await Promise.allSettled(Array.from({ length: 12 }, () => checkCode(ctx, user.id, '000000')))
    const codes = all.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : ''))
    expect(codes.filter((one) => one === 'WRONG_CODE')).toHaveLength(5)
    expect(codes.filter((one) => one === 'TOO_MANY_CODES')).toHaveLength(7)
  })

  it('starts again after five minutes, after a new password, and without a first step', async () => {
    const { ctx, user, code } = await enrolled()
    const token = await firstStep(ctx, user.email)
    const again = { status: 401, code: 'SIGN_IN_AGAIN' }
    const [body = '', mac = ''] = token.split('.')
    const forged = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), until: 9e15 }),
    ).toString('base64url')
    for (const bad of [null, '', 'x', `${forged}.${mac}`, `${token}.x`, `${body}.`])
      await expect(finishSignIn(ctx, bad, { code: code() })).rejects.toMatchObject(again)
    ctx.clock.advance(5 * MINUTE)
    await expect(finishSignIn(ctx, token, { code: code() })).rejects.toMatchObject(again)
  })
})

describe('where admins need a second factor', () => {
  const REQUIRED = { REQUIRE_ADMIN_2FA: '1' }

  it('one without it may set it up and nothing else; then all is as ever', async () => {
    const base = testContext(database.db, { env: REQUIRED })
    const admin = await makeUser(base, { role: 'ADMIN' })
    const ctx = base.as(admin.actor)
    const { session } = await signIn(ctx, { email: admin.email, password: TEST_PASSWORD })
    expect(await actorOfSession(ctx, session.id)).toMatchObject({ mustEnrol: true })
    await expect(createApiKey(ctx, { name: 'Around it' })).rejects.toMatchObject({
      code: 'SECOND_FACTOR_NEEDED',
    })
    const { enrolment, secret } = await beginSecondFactor(ctx, { password: TEST_PASSWORD })
    const app = appOf(secret)
    await confirmSecondFactor(ctx, { enrolment, code: app(ctx.now()) }, session.id)
    expect(await actorOfSession(ctx, session.id)).toMatchObject({ mustEnrol: false, actor: admin.actor })
    await expect(createApiKey(ctx, { name: 'After it' })).resolves.toBeDefined()
    await expect(
      removeSecondFactor(ctx, { password: TEST_PASSWORD, code: app(ctx.now(), 1) }),
    ).rejects.toMatchObject({ status: 422, code: 'SECOND_FACTOR_NEEDED' })
  })

  it('asks nobody else, and nobody where it is not required', async () => {
    for (const [role, env] of [
      ['USER', REQUIRED],
      ['ADMIN', {}],
    ] as const) {
      const ctx = testContext(database.db, { env })
      const user = await makeUser(ctx, { role })
      const { session } = await signIn(ctx, { email: user.email, password: TEST_PASSWORD })
      expect(await actorOfSession(ctx, session.id)).toMatchObject({ mustEnrol: false })
      await expect(createApiKey(ctx.as(user.actor), { name: 'Mine' })).resolves.toBeDefined()
    }
  })
})

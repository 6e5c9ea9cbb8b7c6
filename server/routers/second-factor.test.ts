import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../db/testing/factories/identity'
import { actorOfSession, beginSecondFactor, confirmSecondFactor } from '../domain/identity'
import type { Environment } from '../kit/config'
import { type RequestInfo, toFailure } from '../trpc'
import { createCaller } from '.'

const database = useDatabase()
const STEP = 30_000

const call = (ctx: TestContext, given: Partial<RequestInfo> = {}) => {
  const cookies: string[] = []
  const request: RequestInfo = {
    address: '192.0.2.1',
    idempotencyKey: null,
    sessionId: null,
    setCookie: (header) => void cookies.push(header),
    limit: async () => {},
    ...given,
  }
  return { cookies, api: createCaller({ ...ctx, request }) }
}
const failureOf = (work: Promise<unknown>) => work.then(() => null, toFailure)
const valueIn = (name: string, cookie: string | undefined) =>
  new RegExp(`^${name}=([^;]*)`).exec(cookie ?? '')?.[1] ?? ''

/** Somebody who has one, and what their app shows. */
const withFactor = async (env: Environment = {}, role: 'USER' | 'ADMIN' = 'USER') => {
  const base = testContext(database.db, { env })
  const user = await makeUser(base, { role })
  const ctx = base.as(user.actor)
  const { enrolment, secret } = await beginSecondFactor(ctx, { password: TEST_PASSWORD })
  const totp = new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) })
  const code = () => totp.generate({ timestamp: ctx.now().getTime() })
  await confirmSecondFactor(ctx, { enrolment, code: code() }, null)
  ctx.clock.advance(STEP)
  return { base, user, code }
}

describe('signing in with a second factor', () => {
  it('answers 403 with a cookie that opens nothing but the second step, and there with a session', async () => {
    const { base, user, code } = await withFactor()
    const one = call(base)
    const refused = await failureOf(one.api.auth.signIn({ email: user.email, password: TEST_PASSWORD }))
    expect(refused).toMatchObject({ status: 403, code: 'SECOND_FACTOR_REQUIRED' })
    expect(one.cookies).toHaveLength(1)
    expect(one.cookies[0]).toMatch(/^second-step=.+HttpOnly/)
    const secondStep = valueIn('second-step', one.cookies[0])
    expect((await actorOfSession(base, secondStep)).actor.kind).toBe('visitor')

    const two = call(base, { secondStep })
    expect(await failureOf(two.api.auth.finishSignIn({ code: '000000' }))).toMatchObject({
      status: 403,
      code: 'WRONG_CODE',
      issues: [{ path: ['code'] }],
    })
    expect(two.cookies).toEqual([])
    const { user: view } = await two.api.auth.finishSignIn({ code: code() })
    expect(view.email).toBe(user.email)
    expect(two.cookies[0]).toMatch(/^second-step=;.*Max-Age=0/)
    expect((await actorOfSession(base, valueIn('session', two.cookies[1]))).actor).toEqual(user.actor)
  })

  it.each([
    ['nothing', {}],
    ['an empty code', { code: '' }],
    ['a list', { code: ['123456'] }],
    ['a number', { code: 123_456 }],
    ['a very long code', { code: '1'.repeat(10_000) }],
    ['more than a code', { code: '123456', userId: 'x' }],
    ['figures of another script', { code: '１２３４５６' }],
  ])('refuses %s without a word about whose it was', async (_what, input) => {
    const { base } = await withFactor()
    const failure = await failureOf(call(base).api.auth.finishSignIn(input as { code: string }))
    expect([400, 401]).toContain(failure?.status)
  })
})

describe('an admin who needs a second factor first', () => {
  const REQUIRED = { REQUIRE_ADMIN_2FA: '1' }
  const unenrolled = async () => {
    const base = testContext(database.db, { env: REQUIRED })
    const admin = await makeUser(base, { role: 'ADMIN' })
    return call(base.as(admin.actor), { mustEnrol: true })
  }

  it('is led to where it is set up by everything else', async () => {
    const { api } = await unenrolled()
    const setUp = { status: 403, code: 'SECOND_FACTOR_SETUP_REQUIRED' }
    for (const work of [
      () => api.program.get(),
      () => api.balance.get(),
      () => api.auth.apiKeys(),
      () => api.auth.createApiKey({ name: 'Around it' }),
      () => api.workspace.create({ name: 'Mine' }),
    ])
      expect(await failureOf(work())).toMatchObject(setUp)
    expect(await api.auth.secondFactor()).toMatchObject({ required: true, since: null })
    expect((await api.auth.me()).user.role).toBe('ADMIN')
    await api.auth.beginSecondFactor({ password: TEST_PASSWORD })
    await api.auth.signOut()
  })

  it('is nobody yet where anybody may ask', async () => {
    const { api } = await unenrolled()
    const order = { paymentType: 'SUBSCRIPTION', planType: 'BUSINESS', billingCycle: 'MONTHLY' }
    const failure = await failureOf(api.payment.createPaymentLink(order as never))
    expect(failure?.code).not.toBe('SECOND_FACTOR_SETUP_REQUIRED')
    expect(failure?.status).toBe(400)
  })
})

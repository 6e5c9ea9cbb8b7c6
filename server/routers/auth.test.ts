import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { jobs, mails } from '../../db/schema'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../db/testing/factories/identity'
import { actorOfSession, mailedLinkToken } from '../domain/identity'
import { createHandlers } from '../jobs/handlers'
import { DomainError } from '../kit/errors'
import { createCallerFactory, router, toFailure } from '../trpc'
import { adminUsersRouter } from './admin-users'
import { authRouter } from './auth'

const database = useDatabase()
const createCaller = createCallerFactory(router({ auth: authRouter, adminUsers: adminUsersRouter }))

const call = (ctx: TestContext, sessionId: string | null = null, limit = async (_name: string) => {}) => {
  const cookies: string[] = []
  const request = {
    address: '127.0.0.1',
    idempotencyKey: null,
    sessionId,
    setCookie: (header: string) => void cookies.push(header),
    limit,
  }
  return { cookies, api: createCaller({ ...ctx, request }) }
}
const failureOf = (work: Promise<unknown>) => work.then(() => null, toFailure)
const idIn = (cookie: string | undefined) => /^session=([^;]*)/.exec(cookie ?? '')?.[1] ?? ''
const form = { password: TEST_PASSWORD, firstName: 'Ann', lastName: 'Lee' }

describe('the way of an account', () => {
  it('goes from sign-up by the mailed link to signing in and out', async () => {
    const ctx = testContext(database.db)
    const { api, cookies } = call(ctx)
    await api.auth.signUp({ ...form, email: 'WAY@x.test' })
    const credentials = { email: 'way@x.test', password: TEST_PASSWORD }
    expect(await failureOf(api.auth.signIn(credentials))).toMatchObject({
      status: 403,
      code: 'EMAIL_NOT_VERIFIED',
    })
    const [mail] = await ctx.db.select().from(mails).where(eq(mails.to, 'way@x.test'))
    await api.auth.verifyEmail({ token: mailedLinkToken(ctx, String(mail?.data.tokenId)) })
    expect(cookies).toEqual([])

    const { user } = await api.auth.signIn(credentials)
    const id = idIn(cookies[0])
    const { actor } = await actorOfSession(ctx, id)
    const signedIn = call(ctx.as(actor), id)
    expect((await signedIn.api.auth.me()).user).toMatchObject({
      ...user,
      organization: { name: "Ann Lee's Organization" },
    })

    await signedIn.api.auth.signOut()
    expect(signedIn.cookies[0]).toMatch(/^session=;.*Max-Age=0/)
    expect((await actorOfSession(ctx, id)).actor.kind).toBe('visitor')
  })

  it('goes over a forgotten password', async () => {
    const ctx = testContext(database.db)
    const user = await makeUser(ctx)
    const { api } = call(ctx)
    const known = await api.auth.forgotPassword({ email: user.email })
    expect(await api.auth.forgotPassword({ email: 'nobody@x.test' })).toEqual(known)
    // Either way one job and nothing else, so that the time it takes tells nobody anything.
    const asked = await ctx.db.select().from(jobs).where(eq(jobs.kind, 'identity.requestPasswordReset'))
    expect(asked.map(({ payload }) => payload.email)).toEqual([user.email, 'nobody@x.test'])
    expect(await ctx.db.$count(mails, eq(mails.to, user.email))).toBe(0)
    const handlers = createHandlers(ctx)
    for (const { payload } of asked)
      await handlers['identity.requestPasswordReset']({ email: String(payload.email) }, 1)
    const [mail] = await ctx.db.select().from(mails).where(eq(mails.to, user.email))
    const input = {
      token: mailedLinkToken(ctx, String(mail?.data.tokenId)),
      password: 'teapot-gravel-comet-7',
    }
    await api.auth.resetPassword(input)
    expect(await failureOf(api.auth.resetPassword(input))).toMatchObject({
      status: 400,
      code: 'TOKEN_INVALID',
    })
    await api.auth.signIn({ email: user.email, password: input.password })
  })
})

describe('signing in', () => {
  it('gives a new id and ends the session that came with the request', async () => {
    const ctx = testContext(database.db)
    const user = await makeUser(ctx)
    const credentials = { email: user.email, password: TEST_PASSWORD }
    const first = call(ctx)
    await first.api.auth.signIn(credentials)
    const old = idIn(first.cookies[0])
    const second = call(ctx, old)
    await second.api.auth.signIn(credentials)
    expect(idIn(second.cookies[0])).not.toBe(old)
    expect((await actorOfSession(ctx, old)).actor.kind).toBe('visitor')
    expect((await actorOfSession(ctx, idIn(second.cookies[0]))).actor.kind).toBe('user')
  })

  it('sets no cookie when it is refused', async () => {
    const { api, cookies } = call(testContext(database.db))
    const refusal = await failureOf(api.auth.signIn({ email: 'nobody@x.test', password: 'x' }))
    expect(refusal).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' })
    expect(cookies).toEqual([])
  })

  it('is asked for by me', async () => {
    expect(await failureOf(call(testContext(database.db)).api.auth.me())).toMatchObject({ status: 401 })
  })
})

describe('the limits', () => {
  it('count before anything else is looked at', async () => {
    const counted: string[] = []
    const { api } = call(testContext(database.db), null, async (name) => {
      counted.push(name)
      throw new DomainError(429, 'TOO_MANY_REQUESTS', 'Slow down.', { retryAfter: 9 })
    })
    const nothing = {} as never
    const refusals = await Promise.all(
      [
        api.auth.signUp(nothing),
        api.auth.signIn(nothing),
        api.auth.forgotPassword(nothing),
        api.auth.resetPassword(nothing),
      ].map(failureOf),
    )
    expect(refusals.map((refusal) => refusal?.status)).toEqual([429, 429, 429, 429])
    expect(counted).toEqual(['sign-up', 'sign-in', 'password-reset', 'password-reset'])
  })
})

describe('changing a user', () => {
  it('is for admins, and for anyone else not there', async () => {
    const ctx = testContext(database.db)
    const admin = await makeUser(ctx, { role: 'ADMIN' })
    const user = await makeUser(ctx)
    const input = { id: user.id, planType: 'AGENCY' as const, commissionPercentage: 12.5 }
    for (const actor of [ctx.actor, user.actor])
      expect(await failureOf(call(ctx.as(actor)).api.adminUsers.updateUser(input))).toMatchObject({
        status: 404,
      })
    const answer = await call(ctx.as(admin.actor)).api.adminUsers.updateUser(input)
    expect(answer.user).toMatchObject({ id: user.id, planType: 'AGENCY', commissionPercentage: 12.5 })
  })

  it('refuses members it does not know and rates over 100', async () => {
    const ctx = testContext(database.db)
    const admin = await makeUser(ctx, { role: 'ADMIN' })
    const { api } = call(ctx.as(admin.actor))
    for (const more of [{ email: 'x@x.test' }, { commissionPercentage: 100.01 }, { planType: 'GOLD' }]) {
      const refusal = await failureOf(api.adminUsers.updateUser({ id: admin.id, ...more } as never))
      expect(refusal).toMatchObject({ status: 400, code: 'INVALID_INPUT' })
    }
  })
})

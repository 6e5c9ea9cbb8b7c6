import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { apiKeys, formerNames, mails } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { createApiKey, updateProfile } from '.'
import { changePassword } from './change-password'
import { mailPasswordLink } from './mails'
import { resetPassword } from './reset-password'
import { UpdateProfileInput } from './schemas'
import { actorOfSession, startSession } from './sessions'
import { signIn } from './sign-in'
import { mailedLinkToken } from './tokens'

const database = useDatabase()
const NEW = 'teapot-gravel-comet-7'

const world = async () => {
  const base = testContext(database.db)
  const user = await makeUser(base)
  return { ctx: base.as(user.actor), user }
}

describe('changing the password', () => {
  it('asks for the old one, signs others out, ends keys and mailed links, and tells the owner', async () => {
    const { ctx, user } = await world()
    const [here, there] = [await startSession(ctx, user), await startSession(ctx, user)]
    await createApiKey(ctx, { name: 'Mine' })
    await mailPasswordLink(ctx, user)
    const [link] = await ctx.db.select().from(mails).where(eq(mails.template, 'reset-password'))
    await expect(changePassword(ctx, { current: 'nope', password: NEW }, here.id)).rejects.toMatchObject({
      status: 403,
      code: 'WRONG_PASSWORD',
      issues: [{ path: ['current'] }],
    })
    await changePassword(ctx, { current: TEST_PASSWORD, password: NEW }, here.id)
    expect((await actorOfSession(ctx, here.id)).actor.kind).toBe('user')
    expect((await actorOfSession(ctx, there.id)).actor.kind).toBe('visitor')
    expect(await ctx.db.$count(apiKeys, eq(apiKeys.userId, user.id))).toBe(0)
    const input = { token: mailedLinkToken(ctx, String(link?.data.tokenId)), password: NEW }
    await expect(resetPassword(ctx, input)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
    await expect(signIn(ctx, { email: user.email, password: TEST_PASSWORD })).rejects.toMatchObject({
      status: 401,
    })
    await expect(signIn(ctx, { email: user.email, password: NEW })).resolves.toBeDefined()
    const told = await ctx.db.select().from(mails).where(eq(mails.to, user.email))
    expect(told.map(({ template }) => template)).toContain('password-changed')
  })

  it('twice at once from the same old one is done once', async () => {
    const { ctx, user } = await world()
    const done = await Promise.allSettled(
      [NEW, `${NEW}-b`].map((password) => changePassword(ctx, { current: TEST_PASSWORD, password }, null)),
    )
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await ctx.db.$count(mails, eq(mails.to, user.email))).toBe(1)
  })

  it('refuses the e-mail address as one', async () => {
    const { ctx, user } = await world()
    await expect(
      changePassword(ctx, { current: TEST_PASSWORD, password: user.email.toUpperCase() }, null),
    ).rejects.toMatchObject({ status: 400, issues: [{ path: ['password'] }] })
  })

  it('keeps a sign-in out that began with the old one', async () => {
    const { ctx, user } = await world()
    const [changed, session] = await Promise.allSettled([
      changePassword(ctx, { current: TEST_PASSWORD, password: NEW }, null),
      signIn(ctx, { email: user.email, password: TEST_PASSWORD }),
    ])
    expect(changed.status).toBe('fulfilled')
    if (session.status === 'fulfilled')
      expect((await actorOfSession(ctx, session.value.session.id)).actor.kind).toBe('visitor')
    else expect(session.reason).toMatchObject({ status: 401 })
  })
})

describe('the profile', () => {
  it('takes a new name and company, and remembers what they were for the day they have to be erased', async () => {
    const { ctx, user } = await world()
    const { firstName, lastName, organization } = await updateProfile(ctx, {
      firstName: 'Bea',
      lastName: 'Brook',
      companyName: 'Brook Ltd',
    })
    expect([firstName, lastName, organization.name]).toEqual(['Bea', 'Brook', 'Brook Ltd'])
    await updateProfile(ctx, { firstName: 'Bea', lastName: 'Brook' })
    const former = await ctx.db.select().from(formerNames).where(eq(formerNames.userId, user.id))
    expect(former.map(({ kind, word }) => [kind, word]).sort()).toEqual([
      ['name', 'Ann Example'],
      ['organization', "Ann Example's Organization"],
    ])
  })

  it.each([
    ['a role', { role: 'ADMIN' }],
    ['a plan', { planType: 'AGENCY' }],
    ['a share', { commissionPercentage: 100 }],
    ['an id', { id: 'x', userId: 'x', organizationId: 'x' }],
    ['an address', { email: 'x@x.test', emailVerifiedAt: null }],
    ['a password', { passwordHash: 'x' }],
    ['a prototype', JSON.parse('{"__proto__":{"role":"ADMIN"},"constructor":{}}')],
  ])('refuses %s beside the name', (_what, more) => {
    expect(UpdateProfileInput.safeParse({ firstName: 'A', lastName: 'B', ...more }).success).toBe(false)
  })
})

import { and, eq } from 'drizzle-orm'
import { SignJWT } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { activityLog, affiliateLinks, organizations, users, workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeBareWorkspace, makeSeller } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { derivedKey } from '../../kit/crypto'
import { createStripeProvider } from '../../providers/stripe'
import { countLinkUse, generateAffiliateLink, listLinks, resolveLink, revokeLink } from '.'
import type { GenerateAffiliateLinkInput } from './schemas'

const database = useDatabase()

let ctx: TestContext
let seller: MadeUser
let workspace: typeof workspaces.$inferSelect

beforeEach(async () => {
  const world = testContext(database.db)
  seller = await makeSeller(world, { commissionPercentage: '22.50' })
  workspace = await makeBareWorkspace(world, seller.id)
  ctx = world.as(seller.actor)
})

const generate = (more: Partial<GenerateAffiliateLinkInput> = {}, as = ctx) =>
  generateAffiliateLink(as, { name: 'Launch', workspaceId: workspace.publicId, ...more })
const oneOff = { mode: 'ONE_OFF' as const, price: { amount: 11_500, currency: 'USD' } }
const rowOf = async (id: string) => {
  const [row] = await database.db.select().from(affiliateLinks).where(eq(affiliateLinks.id, id))
  return row
}

describe('making a link', () => {
  it('freezes plan, price and the seller’s rate, and says so in the log', async () => {
    const made = await generate({ settings: { campaign: 'x' }, maxUses: 3 })
    expect(made).toEqual({
      message: expect.any(String),
      id: expect.any(String),
      url: `http://localhost:3000/buy/${made.token}`,
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
    expect(await rowOf(made.id)).toMatchObject({
      sellerId: seller.id,
      workspaceId: workspace.id,
      status: 'ACTIVE',
      planType: 'BUSINESS',
      offerMode: 'SUBSCRIPTION',
      priceAmount: 2900n,
      priceCurrency: 'USD',
      frequency: 'MONTHLY',
      frequencyInterval: 1,
      commissionPercentage: '22.50',
      settings: { campaign: 'x' },
      maxUses: 3,
      uses: 0,
    })
    const log = await database.db
      .select()
      .from(activityLog)
      .where(and(eq(activityLog.action, 'link_created'), eq(activityLog.subjectId, made.id)))
    expect(log).toHaveLength(1)
    await database.db.update(users).set({ commissionPercentage: '1.00' }).where(eq(users.id, seller.id))
    expect((await resolveLink(ctx, made.token)).link.commissionPercentage).toBe('22.50')
  })

  it('with a one-off offer has no period', async () => {
    const { id } = await generate({ offer: oneOff })
    expect(await rowOf(id)).toMatchObject({
      planType: 'FREE',
      offerMode: 'ONE_OFF',
      priceAmount: 11_500n,
      frequency: null,
    })
  })

  it('asks whose the workspace is before the name, and the name before the rules', async () => {
    await generate()
    await database.db
      .update(organizations)
      .set({ grantedPlan: 'FREE' })
      .where(eq(organizations.id, seller.organizationId))
    const other = await makeSeller(ctx)
    await expect(generate({}, ctx.as(other.actor))).rejects.toMatchObject({
      status: 404,
      code: 'WORKSPACE_NOT_FOUND',
    })
    await expect(generate({ workspaceId: 'nonsense' })).rejects.toMatchObject({ status: 404 })
    await expect(generate({ planType: 'FREE' })).rejects.toMatchObject({
      status: 409,
      code: 'LINK_NAME_TAKEN',
    })
    await expect(generate({ name: 'Other' })).rejects.toMatchObject({ status: 422, code: 'NOT_SELLABLE' })
  })

  it.each([
    ['FREE_NEEDS_OFFER', { planType: 'FREE' as const }],
    ['ONE_OFF_INCLUDES_NO_PLAN', { planType: 'BUSINESS' as const, offer: oneOff }],
  ])('is refused with %s', async (code, more) => {
    await expect(generate(more)).rejects.toMatchObject({ status: 422, code })
  })

  it.each([
    ['JPY', 1],
    ['LYD', 5000],
    ['MGA', 5050],
  ])('for a price in %s that no provider can take (%s) is refused', async (currency, amount) => {
    const provider = createStripeProvider({
      secretKey: 'sk_test_x',
      webhookSecrets: ['whsec_x'],
      apiBase: null,
      mode: 'test',
    })
    const priced = testContext(database.db, {
      actor: seller.actor,
      outside: { payments: new Map([['stripe', provider]]) },
    })
    const offer = { mode: 'ONE_OFF' as const, price: { amount, currency } }
    await expect(generate({ offer }, priced)).rejects.toMatchObject({
      status: 422,
      code: 'PRICE_NOT_CHARGEABLE',
      issues: [{ path: ['offer', 'price', 'amount'] }],
    })
    await generate({ offer: { mode: 'ONE_OFF', price: { amount: 5000, currency: 'JPY' } } }, priced)
  })

  it('takes a one-off offer with the period of the documented shape, and keeps none of it', async () => {
    const { id } = await generate({
      offer: { ...oneOff, frequency: 'MONTHLY', frequencyInterval: 1, freeTrialPeriodInDays: 0 },
    })
    expect(await rowOf(id)).toMatchObject({ offerMode: 'ONE_OFF', frequency: null, frequencyInterval: null })
    expect((await listLinks(ctx, { limit: 5 })).items[0]?.offer).toEqual(oneOff)
  })

  it('of a copy not for resale, or a frozen workspace, is refused', async () => {
    const copy = await makeBareWorkspace(ctx, seller.id, { notForResale: true })
    const frozen = await makeBareWorkspace(ctx, seller.id, { status: 'FROZEN' })
    await expect(generate({ workspaceId: copy.publicId })).rejects.toMatchObject({
      status: 422,
      code: 'NOT_FOR_RESALE',
    })
    await expect(generate({ workspaceId: frozen.publicId })).rejects.toMatchObject({ code: 'NOT_SELLABLE' })
  })

  it('needs an end that is ahead', async () => {
    await expect(generate({ expiresAt: '2026-11-21T12:00:00Z' })).rejects.toMatchObject({
      status: 400,
      issues: [{ path: ['expiresAt'] }],
    })
  })

  it('of one name, twice at once, passes once; another seller may use it too', async () => {
    const results = await Promise.allSettled([generate(), generate(), generate()])
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const one of results)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ status: 409 })
    const other = await makeSeller(ctx)
    const theirs = await makeBareWorkspace(ctx, other.id)
    await generate({ workspaceId: theirs.publicId }, ctx.as(other.actor))
  })

  it('is for who is signed in', async () => {
    await expect(generate({}, ctx.as({ kind: 'visitor' }))).rejects.toMatchObject({ status: 401 })
  })
})

describe('a token', () => {
  it('leads to what the row says', async () => {
    const made = await generate()
    const resolved = await resolveLink(ctx.as({ kind: 'visitor' }), made.token)
    expect(resolved.link.id).toBe(made.id)
    expect(resolved.workspace.publicId).toBe(workspace.publicId)
    expect(resolved.seller).toEqual({
      id: seller.id,
      organizationId: seller.organizationId,
      firstName: seller.firstName,
      lastName: seller.lastName,
      email: seller.email,
    })
  })

  it('is the same whenever it is made again', async () => {
    const made = await generate({ expiresAt: '2027-01-01T00:00:00Z' })
    ctx.clock.advance(123_456_789)
    expect((await listLinks(ctx, { limit: 5 })).items[0]).toMatchObject({ token: made.token, url: made.url })
  })

  it.each([
    ['nothing', () => ''],
    ['no token', () => 'nonsense'],
    ['cut off', (token: string) => token.slice(0, -3)],
    [
      'with another payload',
      (token: string) => token.replace(/\.[^.]+\./, `.${Buffer.from('{"jti":"x"}').toString('base64url')}.`),
    ],
    [
      'unsigned',
      (token: string) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`,
    ],
    ['huge', (token: string) => token + 'x'.repeat(5000)],
  ])('that is %s is invalid', async (_, change) => {
    const { token } = await generate()
    await expect(resolveLink(ctx, change(token))).rejects.toMatchObject({ status: 400, code: 'LINK_INVALID' })
  })

  it('signed with another key, algorithm or for another purpose is invalid', async () => {
    const { id, token } = await generate()
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const key = new Uint8Array(derivedKey(ctx.config.linkSecret, 'affiliate-link'))
    const sign = (payload: object, alg = 'HS256', with_ = key) =>
      new SignJWT({ ...payload }).setProtectedHeader({ alg }).sign(with_)
    const forged = [
      await sign(claims, 'HS256', new TextEncoder().encode(ctx.config.linkSecret)),
      await sign(claims, 'HS512', new Uint8Array(Buffer.concat([key, key]))),
      await sign({ ...claims, purpose: 'session' }),
      await sign({ ...claims, iss: 'else' }),
      await sign({ ...claims, aud: 'else' }),
      await sign({ ...claims, jti: 'not an id' }),
      await sign({ jti: id }),
    ]
    for (const one of forged)
      await expect(resolveLink(ctx, one)).rejects.toMatchObject({ code: 'LINK_INVALID' })
    expect((await resolveLink(ctx, await sign(claims))).link.id).toBe(id)
  })

  it('of a link that never was is not available', async () => {
    const { token } = await generate()
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const key = new Uint8Array(derivedKey(ctx.config.linkSecret, 'affiliate-link'))
    const other = await new SignJWT({ ...claims, jti: '00000000-0000-4000-8000-000000000000' })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key)
    await expect(resolveLink(ctx, other)).rejects.toMatchObject({ status: 422, code: 'LINK_NOT_AVAILABLE' })
  })
})

describe('a link is not available any more', () => {
  const gone = { status: 422, code: 'LINK_NOT_AVAILABLE' }

  it('when it is over, to the moment, also by its token’s ten years', async () => {
    const soon = await generate({ expiresAt: '2026-11-21T12:00:01.500Z' })
    ctx.clock.advance(1)
    const never = await generate({ name: 'Never' })
    ctx.clock.set(new Date('2026-11-21T12:00:00.999Z'))
    await resolveLink(ctx, soon.token)
    ctx.clock.set(new Date('2026-11-21T12:00:01.500Z'))
    await expect(resolveLink(ctx, soon.token)).rejects.toMatchObject(gone)
    expect((await listLinks(ctx, { limit: 5 })).items.map(({ status }) => status)).toEqual([
      'ACTIVE',
      'EXPIRED',
    ])
    ctx.clock.set(new Date('2036-11-21T11:59:59Z'))
    await resolveLink(ctx, never.token)
    ctx.clock.set(new Date('2036-11-21T12:00:00Z'))
    await expect(resolveLink(ctx, never.token)).rejects.toMatchObject(gone)
  })

  it('when it is revoked, once and for all', async () => {
    const { id, token } = await generate()
    expect((await revokeLink(ctx, { id })).status).toBe('REVOKED')
    expect((await revokeLink(ctx, { id })).status).toBe('REVOKED')
    await expect(resolveLink(ctx, token)).rejects.toMatchObject(gone)
    const log = await database.db.select().from(activityLog).where(eq(activityLog.action, 'link_revoked'))
    expect(log.filter(({ subjectId }) => subjectId === id)).toHaveLength(1)
  })

  it('when it is used up', async () => {
    const { id, token } = await generate({ maxUses: 2 })
    await countLinkUse(ctx, id)
    await resolveLink(ctx, token)
    await Promise.all([countLinkUse(ctx, id), countLinkUse(ctx, id)])
    expect(await rowOf(id)).toMatchObject({ uses: 3, status: 'EXHAUSTED' })
    await expect(resolveLink(ctx, token)).rejects.toMatchObject(gone)
    expect((await revokeLink(ctx, { id })).status).toBe('REVOKED')
  })

  it('when its workspace is deleted, frozen, not for resale or somebody else’s', async () => {
    const { token } = await generate()
    const other = await makeSeller(ctx)
    for (const change of [
      { status: 'FROZEN' },
      { notForResale: true },
      { ownerId: other.id },
      { status: 'DELETED' },
    ] as const) {
      await database.db.update(workspaces).set(change).where(eq(workspaces.id, workspace.id))
      await expect(resolveLink(ctx, token)).rejects.toMatchObject(gone)
      if ('status' in change && change.status === 'DELETED') break
      await database.db
        .update(workspaces)
        .set({ status: 'ACTIVE', notForResale: false, ownerId: seller.id })
        .where(eq(workspaces.id, workspace.id))
      await resolveLink(ctx, token)
    }
  })

  it('when its seller has the plan no more', async () => {
    const { token } = await generate()
    await database.db
      .update(organizations)
      .set({ grantedPlan: 'BUSINESS' })
      .where(eq(organizations.id, seller.organizationId))
    await expect(resolveLink(ctx, token)).rejects.toMatchObject(gone)
  })
})

describe('a use', () => {
  it('of a link without a limit is counted and no more', async () => {
    const { id } = await generate()
    await Promise.all(Array.from({ length: 5 }, () => countLinkUse(ctx, id)))
    expect(await rowOf(id)).toMatchObject({ uses: 5, status: 'ACTIVE' })
  })

  it('after the end does not bring it back', async () => {
    const { id } = await generate({ maxUses: 1 })
    await revokeLink(ctx, { id })
    await countLinkUse(ctx, id)
    expect(await rowOf(id)).toMatchObject({ uses: 1, status: 'REVOKED' })
  })
})

describe('the list of links', () => {
  it('is one’s own, newest first, in pages', async () => {
    for (const name of ['a', 'b', 'c']) await generate({ name, offer: oneOff })
    const first = await listLinks(ctx, { limit: 2 })
    expect(first.items.map(({ name }) => name).sort()).toHaveLength(2)
    const rest = await listLinks(ctx, { limit: 2, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...rest.items].map(({ name }) => name).sort()).toEqual(['a', 'b', 'c'])
    expect(rest.nextCursor).toBeNull()
    expect(first.items[0]).toMatchObject({
      workspace: { id: workspace.publicId, name: workspace.name },
      offer: oneOff,
      commissionPercentage: '22.50',
      uses: 0,
      maxUses: null,
      expiresAt: null,
    })
    const other = await makeUser(ctx)
    expect((await listLinks(ctx.as(other.actor), { limit: 2 })).items).toEqual([])
  })

  it('refuses a foreign cursor', async () => {
    const cursor = Buffer.from('2026-11-21T12:00:00.000Z|x').toString('base64url')
    await expect(listLinks(ctx, { limit: 2, cursor })).rejects.toMatchObject({ status: 400 })
  })
})

it('someone else’s link is as good as none', async () => {
  const { id } = await generate()
  const other = await makeSeller(ctx)
  for (const [as, wrong] of [
    [ctx.as(other.actor), id],
    [ctx, 'nonsense'],
    [ctx, '00000000-0000-4000-8000-000000000000'],
  ] as const)
    await expect(revokeLink(as, { id: wrong })).rejects.toMatchObject({
      status: 404,
      code: 'LINK_NOT_FOUND',
    })
})

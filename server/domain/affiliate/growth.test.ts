import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { affiliates, attributions } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import {
  makeAffiliate,
  makeBareWorkspace,
  makePayment,
  makeSeller,
} from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { changeProgram } from '../program'
import {
  leaderboard,
  listMaterials,
  publishMaterial,
  recordCommissions,
  showOnLeaderboard,
  withdrawMaterial,
} from '.'
import { PublicNameInput, PublishMaterialInput } from './schemas'

const database = useDatabase()
const clock = testClock(new Date('2026-11-20T12:00:00Z'))
let ctx: TestContext
let admin: TestContext
let count = 0

beforeEach(async () => {
  // Each test is in a month of its own.
  clock.advance(31 * 86_400_000)
  ctx = testContext(database.db, { clock })
  admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
})

const member = async (name: string | null = null) => {
  count += 1
  const user = await makeUser(ctx)
  const { id } = await makeAffiliate(ctx, { userId: user.id })
  const as = ctx.as(user.actor)
  const publicName = name === null ? null : `${name} ${count}`
  if (publicName !== null) await showOnLeaderboard(as, { publicName })
  return { id, user, as, publicName }
}
const month = () => ctx.now().toISOString().slice(0, 7)
const customersPay = async (affiliateId: string, customers: number) => {
  const seller = await makeSeller(ctx)
  const workspace = await makeBareWorkspace(ctx, seller.id)
  for (let i = 0; i < customers; i += 1) {
    const buyer = await makeUser(ctx)
    await database.db
      .insert(attributions)
      .values({ customerId: buyer.id, affiliateId, ratePercentage: '15.00', createdAt: ctx.now() })
    const facts = { buyerId: buyer.id, sellerId: seller.id, workspaceId: workspace.id, baseAmount: 1_000n }
    const payment = await makePayment(ctx, facts)
    await recordCommissions(ctx, {
      ...facts,
      paymentId: payment.id,
      taxAmount: 0n,
      capturedAmount: 1_000n,
      currency: 'USD',
      paidAt: ctx.now(),
      buyerOrganizationId: buyer.organizationId,
      saleRate: null,
      saleRateSource: '',
    })
  }
}

describe('the leaderboard', () => {
  it('shows who chose to be, by customers, under their names and without amounts', async () => {
    const [ann, bob, silent] = [await member('Ann'), await member('Bob'), await member()]
    await customersPay(ann.id, 1)
    await customersPay(bob.id, 2)
    await customersPay(silent.id, 3)
    const { places, publicName } = await leaderboard(ann.as, { month: month() })
    expect(publicName).toBe(ann.publicName)
    expect(places).toEqual([
      { place: 1, name: bob.publicName, you: false, customers: 2, earned: null },
      { place: 2, name: ann.publicName, you: true, customers: 1, earned: null },
    ])
    expect(JSON.stringify(places)).not.toContain('@')
    expect((await leaderboard(ann.as, { month: '2020-01' })).places).toEqual([])
    const ever = await leaderboard(ann.as, {})
    expect(ever.places.map(({ name }) => name)).toContain(ann.publicName)
  })

  it('shows amounts once an admin has switched them on', async () => {
    const ann = await member('Ann')
    await customersPay(ann.id, 2)
    await changeProgram(admin, { leaderboardAmounts: true, reason: '' })
    clock.advance(1_000)
    expect((await leaderboard(ann.as, { month: month() })).places).toMatchObject([
      { earned: [{ amount: 300, currency: 'USD' }] },
    ])
    await changeProgram(admin, { leaderboardAmounts: false, reason: '' })
  })

  it('no longer shows who left it or is suspended', async () => {
    const [ann, bob] = [await member('Ann'), await member('Bob')]
    await customersPay(ann.id, 1)
    await customersPay(bob.id, 1)
    await showOnLeaderboard(ann.as, { publicName: null })
    await database.db.update(affiliates).set({ status: 'SUSPENDED' }).where(eq(affiliates.id, bob.id))
    expect(await leaderboard(ann.as, { month: month() })).toEqual({ publicName: null, places: [] })
  })

  it('has each name once, in any case, of two at once too', async () => {
    const [ann, bob] = [await member(), await member()]
    const name = `Twin ${count}`
    const results = await Promise.allSettled([
      showOnLeaderboard(ann.as, { publicName: name }),
      showOnLeaderboard(bob.as, { publicName: name.toUpperCase() }),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('is for affiliates', async () => {
    const stranger = ctx.as((await makeUser(ctx)).actor)
    await expect(leaderboard(stranger, {})).rejects.toMatchObject({ status: 404 })
    await expect(showOnLeaderboard(stranger, { publicName: 'Ann' })).rejects.toMatchObject({ status: 404 })
  })

  it.each(['a', 'x'.repeat(41), 'ann@example.test', 'https://x.example', '<b>', '=1+1', ' ', '\u202e\u200b'])(
    'is no place for the name %j',
    (publicName) => {
      expect(PublicNameInput.safeParse({ publicName }).success).toBe(false)
    },
  )
})

describe('a material', () => {
  const input = (more: object = {}) =>
    PublishMaterialInput.parse({
      title: 'Banner',
      body: 'See {link}!',
      linkPath: '/marketplace?q=a',
      ...more,
    })

  it('is there for each affiliate with their own link in it, until it is withdrawn', async () => {
    const ann = await member()
    const { id, body } = await publishMaterial(admin, input({ imagePath: '/banner.png' }))
    expect(body).toBe('See {link}!')
    const link = `${ctx.config.appUrl}/marketplace?q=a&ref=${ann.id}`
    expect((await listMaterials(ann.as, { limit: 1, own: true })).items).toMatchObject([
      { id, link, body: `See ${link}!`, image: '/banner.png' },
    ])
    await withdrawMaterial(admin, { id })
    expect(await withdrawMaterial(admin, { id })).toMatchObject({ withdrawn: true })
    const { items } = await listMaterials(ann.as, { limit: 50, own: true })
    expect(items.map((one) => one.id)).not.toContain(id)
    expect((await listMaterials(admin, { limit: 1, own: false })).items).toMatchObject([
      { id, withdrawn: true },
    ])
  })

  it('goes on page by page, and is for affiliates', async () => {
    const ann = await member()
    for (const title of ['One', 'Two', 'Three']) {
      clock.advance(1_000)
      await publishMaterial(admin, input({ title }))
    }
    const first = await listMaterials(ann.as, { limit: 2, own: true })
    const next = await listMaterials(ann.as, { limit: 1, cursor: first.nextCursor ?? '', own: true })
    expect([...first.items, ...next.items].map(({ title }) => title)).toEqual(['Three', 'Two', 'One'])
    const stranger = ctx.as((await makeUser(ctx)).actor)
    await expect(listMaterials(stranger, { limit: 1, own: true })).rejects.toMatchObject({ status: 404 })
    await expect(withdrawMaterial(admin, { id: 'x' })).rejects.toMatchObject({ status: 404 })
  })

  it.each([
    '//evil.example',
    '/\\evil',
    'https:evil',
    'https://evil.example',
    '/%2F/evil',
    'javascript:alert(1)',
    '',
  ])('leads nowhere else: %j is refused', async (path) => {
    for (const field of ['linkPath', 'imagePath'])
      await expect(publishMaterial(admin, input({ [field]: path }))).rejects.toMatchObject({
        status: 400,
        issues: [{ path: [field] }],
      })
  })
})

it('what is for affiliates is closed to one who is suspended, as to somebody who has not joined', async () => {
  const user = await makeUser(ctx)
  const as = ctx.as(user.actor)
  await makeAffiliate(ctx, { userId: user.id, status: 'SUSPENDED' })
  const missing = { status: 404, code: 'AFFILIATE_NOT_FOUND' }
  await expect(leaderboard(as, {})).rejects.toMatchObject(missing)
  await expect(listMaterials(as, { limit: 1, own: true })).rejects.toMatchObject(missing)
})

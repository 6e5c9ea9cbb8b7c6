import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { linkClicks, linkClickVisitors, orders, type workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeBareWorkspace, makePayment, makeSeller } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { inTransaction } from '../../kit/context'
import {
  countLinkClick,
  generateAffiliateLink,
  keepClickPartitions,
  listLinks,
  readLink,
  recordCommissions,
  salesHistory,
} from '.'
import type { LinksInput } from './schemas'

const database = useDatabase({ max: 10 })

let world: TestContext
let ctx: TestContext
let seller: MadeUser
let workspace: typeof workspaces.$inferSelect

beforeEach(async () => {
  world = testContext(database.db)
  seller = await makeSeller(world, { commissionPercentage: '20.00' })
  workspace = await makeBareWorkspace(world, seller.id)
  ctx = world.as(seller.actor)
})

const anyone = () => world.as({ kind: 'visitor' })
const visitor = (no: number) => ({ address: `192.0.2.${no}`, userAgent: 'Firefox' })
const make = (name: string, currency = 'USD', workspaceId = workspace.publicId) =>
  generateAffiliateLink(ctx, {
    name,
    workspaceId,
    offer: { mode: 'ONE_OFF', price: { amount: 10_000, currency } },
  })
const click = async (token: string, times: number) => {
  for (let no = 1; no <= times; no += 1) await countLinkClick(anyone(), token, visitor(no))
}
const sell = (linkId: string, buyer: MadeUser, base: bigint, currency = 'USD') =>
  inTransaction(world, async (tx) => {
    const payment = await makePayment(tx, {
      buyerId: buyer.id,
      sellerId: seller.id,
      workspaceId: workspace.id,
      baseAmount: base,
      currency,
    })
    await tx.db.update(orders).set({ affiliateLinkId: linkId }).where(eq(orders.id, payment.orderId))
    await recordCommissions(tx, {
      paymentId: payment.id,
      orderId: payment.orderId,
      baseAmount: base,
      taxAmount: 0n,
      capturedAmount: base,
      currency,
      paidAt: payment.paidAt,
      buyerId: buyer.id,
      buyerOrganizationId: buyer.organizationId,
      sellerId: seller.id,
      saleRate: '20.00',
      saleRateSource: 'affiliate link',
    })
  })
const clicksOf = async (id: string) => (await readLink(ctx, { id })).clicks
const all = async (sort: LinksInput['sort'], limit = 2): Promise<string[]> => {
  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await listLinks(ctx, { limit, sort, cursor })
    names.push(...page.items.map(({ name }) => name))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return names
}

describe('a click on a seller’s link', () => {
  it('counts once for each visitor and day, and for each link by itself', async () => {
    const [one, other] = [await make('one'), await make('other')]
    await click(one.token, 3)
    await click(one.token, 3)
    await click(other.token, 1)
    expect([await clicksOf(one.id), await clicksOf(other.id)]).toEqual([3, 1])
    world.clock.advance(86_400_000)
    await click(one.token, 1)
    expect(await clicksOf(one.id)).toBe(4)
  })

  it('counts once, however many visits of one visitor come at once', async () => {
    const { id, token } = await make('one')
    const visits = Array.from({ length: 8 }, () => countLinkClick(anyone(), token, visitor(0)))
    // Two connections, which know nothing of each other's batch.
    const elsewhere = inTransaction(world, (tx) => countLinkClick(tx, token, visitor(0)))
    await Promise.all([...visits, elsewhere])
    expect(await clicksOf(id)).toBe(1)
    await Promise.all(Array.from({ length: 8 }, (_, no) => countLinkClick(anyone(), token, visitor(no))))
    expect(await clicksOf(id)).toBe(8)
  })

  it('of the owner counts nothing, of anybody else who is signed in it does', async () => {
    const { id, token } = await make('one')
    await countLinkClick(ctx, token, visitor(1))
    expect(await clicksOf(id)).toBe(0)
    await countLinkClick(world.as((await makeUser(world)).actor), token, visitor(1))
    expect(await clicksOf(id)).toBe(1)
  })

  it('by a token that is not ours is refused', async () => {
    await expect(countLinkClick(anyone(), 'a.b.c', visitor(1))).rejects.toMatchObject({
      code: 'LINK_INVALID',
    })
  })

  it('leaves no trace of the visitor behind when its day is over, and stays counted', async () => {
    const { id, token } = await make('one')
    await click(token, 2)
    const kept = () => database.db.select().from(linkClickVisitors).where(eq(linkClickVisitors.linkId, id))
    await keepClickPartitions(world)
    expect(await kept()).toHaveLength(2)
    world.clock.advance(86_400_000)
    await keepClickPartitions(world)
    expect(await kept()).toEqual([])
    expect(await database.db.select().from(linkClicks).where(eq(linkClicks.linkId, id))).toEqual([
      { linkId: id, clicks: 2 },
    ])
  })
})

describe('how a link fares', () => {
  it('is its clicks, its different buyers, their share of the clicks, and what was earned', async () => {
    const { id, token } = await make('one')
    expect(await readLink(ctx, { id })).toMatchObject({
      clicks: 0,
      buyers: 0,
      conversionRate: null,
      earned: [],
    })
    const [bo, cy] = [await makeUser(world), await makeUser(world)]
    await click(token, 3)
    await sell(id, bo, 10_000n)
    await sell(id, bo, 5_000n)
    await sell(id, cy, 4_000n, 'EUR')
    expect(await readLink(ctx, { id })).toMatchObject({
      clicks: 3,
      buyers: 2,
      conversionRate: '66.67',
      earned: [
        { amount: 800, currency: 'EUR' },
        { amount: 3_000, currency: 'USD' },
      ],
    })
    const bought = await salesHistory(ctx, { limit: 10, link: id })
    expect(bought.items).toHaveLength(3)
    expect(bought.items.every(({ buyer }) => buyer.email.includes('•') || buyer.email.includes('*'))).toBe(
      true,
    )
    expect((await salesHistory(ctx, { limit: 10, link: (await make('two')).id })).items).toEqual([])
    const other = await makeSeller(world)
    expect((await salesHistory(world.as(other.actor), { limit: 10, link: id })).items).toEqual([])
  })
})

describe('the list of links, sorted,', () => {
  it('repeats and skips nothing from page to page, whatever the order and however many are alike', async () => {
    const buyer = await makeUser(world)
    for (const [name, clicks, base, currency] of [
      ['b', 2, 1_000n, 'USD'],
      ['A|x', 0, 0n, 'USD'],
      ['c', 1, 3_000n, 'USD'],
      ['D', 1, 0n, 'EUR'],
      ['e', 0, 2_000n, 'EUR'],
    ] as const) {
      const { id, token } = await make(name, currency)
      await click(token, clicks)
      if (base > 0n) await sell(id, buyer, base, currency)
      world.clock.advance(1)
    }
    expect(await all('created')).toEqual(['e', 'D', 'c', 'A|x', 'b'])
    expect(await all('name')).toEqual(['A|x', 'b', 'c', 'D', 'e'])
    expect(await all('earnings')).toEqual(['e', 'D', 'c', 'b', 'A|x'])
    expect(await all('clicks')).toEqual(['b', 'D', 'c', 'e', 'A|x'])
    for (const sort of ['created', 'name', 'earnings', 'clicks'] as const)
      expect(await all(sort, 1)).toEqual(await all(sort, 100))
  })

  it('repeats and skips nothing of what was made in one moment', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await make(name)
    for (const sort of ['created', 'earnings', 'clicks'] as const)
      expect((await all(sort, 1)).sort()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('takes the cursor of its own order only, and none that was made up', async () => {
    for (const name of ['a', 'b']) await make(name)
    const { nextCursor } = await listLinks(ctx, { limit: 1, sort: 'name' })
    const { id } = await make('c')
    const made = (text: string) => Buffer.from(text).toString('base64url')
    for (const [sort, cursor] of [
      ['created', nextCursor ?? ''],
      ['created', ''],
      ['created', made(`created|${id}|2026-13-01T00:00:00.000Z`)],
      ['created', made('created|x|2026-11-21T12:00:00.000Z')],
      ['clicks', made(`clicks|${id}|-1`)],
      ['clicks', made(`clicks|${id}|${'9'.repeat(30)}`)],
      ['earnings', made(`earnings|${id}|usd5`)],
      ['name', made(`name|${id}|\0`)],
      ['name', made(`name|${id}`)],
    ] as const)
      await expect(listLinks(ctx, { limit: 1, sort, cursor })).rejects.toMatchObject({ status: 400 })
  })
})

describe('the list of links, narrowed,', () => {
  it('holds what has the words in its name or its workspace’s, as they are', async () => {
    const other = await makeBareWorkspace(world, seller.id, { name: '100% Yoga_Studio' })
    await make('Spring')
    await make('Autumn', 'USD', other.publicId)
    const found = async (q: string) =>
      (await listLinks(ctx, { limit: 9, q, sort: 'name' })).items.map(({ name }) => name)
    expect(await found('SPRI')).toEqual(['Spring'])
    expect(await found('yoga_')).toEqual(['Autumn'])
    expect(await found('0%')).toEqual(['Autumn'])
    expect(await found('%')).toEqual(['Autumn'])
    expect(await found('')).toEqual(['Autumn', 'Spring'])
    expect(await found('none')).toEqual([])
  })

  it('holds what was made from one day to another, both counted', async () => {
    await make('first')
    world.clock.advance(86_400_000)
    await make('second')
    const found = async (from?: string, to?: string) =>
      (await listLinks(ctx, { limit: 9, from, to, sort: 'name' })).items.map(({ name }) => name)
    expect(await found('2026-11-21', '2026-11-21')).toEqual(['first'])
    expect(await found('2026-11-22')).toEqual(['second'])
    expect(await found(undefined, '2026-11-22')).toEqual(['first', 'second'])
    expect(await found('2026-11-23', '2026-11-01')).toEqual([])
  })
})

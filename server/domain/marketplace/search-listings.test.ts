import { eq, inArray } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { listings, organizations, workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeListing, makeListing } from '../../../db/testing/factories/marketplace'
import { listCategories, searchListings } from '.'
import { SearchListingsInput } from './schemas'

const database = useDatabase()
let ctx: TestContext
const made = new Map<string, MadeListing>()

const usd = (amount: number, currency = 'USD') => ({
  mode: 'ONE_OFF' as const,
  price: { amount, currency },
})

beforeAll(async () => {
  ctx = testContext(database.db)
  const make = async (name: string, more: Parameters<typeof makeListing>[1]) => {
    ctx.clock.advance(60_000)
    made.set(name, await makeListing(ctx, { title: name, ...more }))
  }
  await make('Yoga studio', {
    category: 'health',
    tags: ['calm'],
    offer: usd(1_000),
    description: 'Sun and mats',
  })
  await make('Pizza place', {
    category: 'food',
    offer: usd(2_000),
    language: 'it',
    tagline: 'With yoga for dough',
  })
  await make('Pizza school', { category: 'food', offer: usd(3_000), description: 'Learn it' })
  await make('Tokyo table', { category: 'food', offer: usd(900, 'JPY') })
  await make('Coaching suite', {
    category: 'coaching',
    planType: 'AGENCY',
    offer: { mode: 'SUBSCRIPTION', price: { amount: 9_900, currency: 'USD' } },
  })
  await make('A draft about yoga', { draft: true })
  const set = (name: string, values: Partial<typeof listings.$inferInsert>) =>
    database.db
      .update(listings)
      .set(values)
      .where(eq(listings.id, idOf(name)))
  await set('Pizza place', { sold: 7, reviewCount: 1, ratingSum: 5 })
  await set('Pizza school', { sold: 7, reviewCount: 40, ratingSum: 184 })
  await set('Yoga studio', { sold: 1, reviewCount: 2, ratingSum: 6 })
})
const idOf = (name: string) => made.get(name)?.listing.id ?? ''

const titles = async (input: object = {}): Promise<string[]> => {
  const { items } = await searchListings(ctx, SearchListingsInput.parse(input))
  return items.map(({ title }) => title)
}

describe('the market', () => {
  it('shows what is live, the most sold first', async () => {
    expect(await titles()).toEqual([
      'Pizza school',
      'Pizza place',
      'Yoga studio',
      'Coaching suite',
      'Tokyo table',
    ])
  })

  it.each([
    ['new', ['Coaching suite', 'Tokyo table', 'Pizza school', 'Pizza place', 'Yoga studio']],
    // One five does not beat forty of 4.6.
    ['rating', ['Pizza school', 'Pizza place', 'Coaching suite', 'Tokyo table', 'Yoga studio']],
    ['price', ['Yoga studio', 'Pizza place', 'Pizza school', 'Coaching suite']],
    ['price-desc', ['Coaching suite', 'Pizza school', 'Pizza place', 'Yoga studio']],
  ])('in the order “%s”', async (sort, expected) => {
    expect(await titles({ sort })).toEqual(expected)
  })

  it('finds words in title, tagline, tags and description, the title first', async () => {
    expect(await titles({ q: 'YOGA' })).toEqual(['Yoga studio', 'Pizza place'])
    expect(await titles({ q: 'calm' })).toEqual(['Yoga studio'])
    expect(await titles({ q: 'pizza -school' })).toEqual(['Pizza place'])
    expect(await titles({ q: '"sun and mats"' })).toEqual(['Yoga studio'])
    expect(await titles({ q: 'nothing like it' })).toEqual([])
  })

  it.each([
    [{ category: 'food' }, ['Pizza school', 'Pizza place', 'Tokyo table']],
    [{ category: 'none' }, []],
    [{ tag: 'Calm' }, ['Yoga studio']],
    [{ language: 'it' }, ['Pizza place']],
    [{ plan: 'AGENCY' }, ['Coaching suite']],
    [{ minPrice: '2000', maxPrice: '3000' }, ['Pizza school', 'Pizza place']],
    [{ maxPrice: '1000' }, ['Yoga studio']],
    [{ maxPrice: '1000', currency: 'JPY' }, ['Tokyo table']],
    [{ currency: 'JPY', sort: 'price' }, ['Tokyo table']],
    [{ minRating: '4.6' }, ['Pizza school', 'Pizza place']],
    [{ minRating: '4.61' }, ['Pizza place']],
    [{ minRating: '0' }, ['Pizza school', 'Pizza place', 'Yoga studio', 'Coaching suite', 'Tokyo table']],
    [{ q: 'pizza', category: 'food', minRating: '4', sort: 'price-desc' }, ['Pizza school', 'Pizza place']],
    [
      { q: '', category: '', minPrice: '', maxPrice: '', minRating: '', plan: '', sort: '', tag: 'calm' },
      ['Yoga studio'],
    ],
  ])('filtered by %j', async (input, expected) => {
    expect(await titles(input)).toEqual(expected)
  })

  it.each([
    { q: 'a\0b' },
    { q: '\ud800' },
    { q: 'x'.repeat(201) },
    { minPrice: '-1' },
    { minPrice: '1.5' },
    { maxPrice: 'NaN' },
    { maxPrice: '1e30' },
    { minRating: '6' },
    { sort: 'drop table' },
    { plan: 'GOLD' },
    { currency: 'XXXX' },
    { limit: '0' },
    { q: ['a', 'b'] },
  ])('refuses %j', (input) => {
    expect(SearchListingsInput.safeParse(input).success).toBe(false)
  })

  it.each(["'", '\\', '%', '():*&|!', '<->', '"', 'a & b | !c', '😀', '-', 'ﷺ'.repeat(100)])(
    'takes %s for words, whatever it means elsewhere',
    async (q) => {
      expect(await titles({ q })).toEqual([])
    },
  )

  it.each(['popular', 'new', 'rating', 'price', 'price-desc', 'relevance'])(
    'in the order “%s” is the same page by page, though more come meanwhile',
    async (sort) => {
      const q = sort === 'relevance' ? 'pizza or yoga or table' : undefined
      const all = await titles({ sort, q })
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await searchListings(ctx, SearchListingsInput.parse({ sort, q, limit: 1, cursor }))
        seen.push(...page.items.map(({ title }) => title))
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      expect(seen).toEqual(all)
    },
  )

  it('refuses a cursor of another order, or none of ours', async () => {
    const { nextCursor } = await searchListings(ctx, SearchListingsInput.parse({ limit: 1 }))
    for (const cursor of [nextCursor ?? '', 'nonsense', Buffer.from('new|x|y').toString('base64url')])
      await expect(
        searchListings(ctx, SearchListingsInput.parse({ sort: 'new', cursor })),
      ).rejects.toMatchObject({ status: 400 })
  })

  it('counts what is on sale in each category', async () => {
    const counts = await listCategories(ctx)
    expect(counts.filter(({ listings: count }) => count > 0)).toEqual([
      { key: 'coaching', name: 'Coaching and consulting', listings: 1 },
      { key: 'food', name: 'Restaurants and food', listings: 3 },
      { key: 'health', name: 'Health and fitness', listings: 1 },
    ])
  })

  it('leaves out what its seller may not sell any more', async () => {
    const yoga = made.get('Yoga studio')
    const pizza = made.get('Pizza place')
    const school = made.get('Pizza school')
    if (yoga === undefined || pizza === undefined || school === undefined) throw new Error('not made')
    const plan = (grantedPlan: 'FREE' | 'AGENCY') =>
      database.db
        .update(organizations)
        .set({ grantedPlan })
        .where(eq(organizations.id, yoga.seller.organizationId))
    await plan('FREE')
    await database.db
      .update(workspaces)
      .set({ status: 'FROZEN' })
      .where(eq(workspaces.publicId, pizza.workspaceId))
    await database.db
      .update(workspaces)
      .set({ notForResale: true })
      .where(eq(workspaces.publicId, school.workspaceId))
    expect(await titles()).toEqual(['Coaching suite', 'Tokyo table'])
    await plan('AGENCY')
    await database.db
      .update(workspaces)
      .set({ status: 'ACTIVE', notForResale: false })
      .where(inArray(workspaces.publicId, [pizza.workspaceId, school.workspaceId]))
    expect(await titles()).toHaveLength(5)
  })
})

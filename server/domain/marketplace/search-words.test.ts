import { beforeAll, describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeListing } from '../../../db/testing/factories/marketplace'
import { countFacets, pauseListing, searchListings } from '.'
import { FacetsInput, SearchListingsInput } from './schemas'

const database = useDatabase()
let ctx: TestContext

beforeAll(async () => {
  ctx = testContext(database.db)
  const make = (title: string, more: Parameters<typeof makeListing>[1] = {}) =>
    makeListing(ctx, { title, ...more })
  await make('Restaurant kit', {
    category: 'food',
    tags: ['menu'],
    description: 'Tables are booked by phone. Running it is easy.',
  })
  await make('Café Größenwahn', {
    language: 'de',
    category: 'food',
    description: 'Öffnungszeiten und Häuser',
  })
  await make('Webinar kit', { category: 'software', tags: ['b2b'], tagline: 'For e-mail and coaching' })
  await make('Кулинария', { language: 'ru' })
  const { as, listing } = await make('Gone xylophone')
  await pauseListing(as, { slug: listing.slug })
})

const search = (q: string, more: object = {}) =>
  searchListings(ctx, SearchListingsInput.parse({ q, ...more }))
const titles = async (q: string, more: object = {}) => (await search(q, more)).items.map(({ title }) => title)

describe('words', () => {
  it.each([
    ['CAFE', 'Café Größenwahn'],
    ['café grössenwahn', 'Café Größenwahn'],
    ['Cafe\u0301', 'Café Größenwahn'],
    ['КУЛИНАРИЯ', 'Кулинария'],
    ['offnungszeiten', 'Café Größenwahn'],
  ])('find %s without accents and case', async (q, title) => {
    expect(await titles(q)).toEqual([title])
  })

  it.each([
    ['restau', 'Restaurant kit'],
    ['menu rest', 'Restaurant kit'],
    ['e-mail', 'Webinar kit'],
    ['e mai', 'Webinar kit'],
  ])('find %s by the beginning of the last one', async (q, title) => {
    expect(await titles(q)).toEqual([title])
  })

  it.each([
    ['table', 'Restaurant kit'],
    ['run booking', 'Restaurant kit'],
    ['haus', 'Café Größenwahn'],
  ])('find %s in other forms of it, in the language of the listing', async (q, title) => {
    expect(await titles(q)).toEqual([title])
  })

  it('that say little are needed only by themselves', async () => {
    expect(await titles('the kit for a restaurant')).toEqual(['Restaurant kit'])
    expect(await titles('for')).toEqual(['Webinar kit'])
  })

  it('that are all in one listing come before some in several', async () => {
    expect(await titles('restaurant or webinar')).toHaveLength(2)
    expect(await titles('kit -webinar')).toEqual(['Restaurant kit'])
    expect(await titles('"kit webinar"')).toEqual([])
  })
})

describe('a misspelt search', () => {
  it.each([
    ['resturant', 'restaurant'],
    ['restaruant', 'restaurant'],
    ['webniar', 'webinar'],
    ['webbinar kit', 'webinar kit'],
    ['mneu', 'menu'],
    ['mebu', 'menu'],
    ['kofe', null],
    ['coachnig', 'coaching'],
    ['Koching', 'coaching'],
    ['"restaurent kit"', '"restaurant kit"'],
    ['zzzzzzzz', null],
    ['qq', null],
    ['xylophon', null],
  ])('for %s finds %s, and says so', async (q, corrected) => {
    const page = await search(q)
    expect(page.corrected).toBe(corrected)
    expect(page.items.length > 0).toBe(corrected !== null)
    const facets = await countFacets(ctx, FacetsInput.parse({ q }))
    expect(facets.count).toBe(page.items.length)
  })

  it('goes on page by page with what was meant', async () => {
    const first = await search('kitt or resturant', { limit: 1 })
    expect(first).toMatchObject({ corrected: 'kit or restaurant', items: [{ title: 'Restaurant kit' }] })
    const second = await search('kitt or resturant', { limit: 1, cursor: first.nextCursor })
    expect(second).toMatchObject({ items: [{ title: 'Webinar kit' }], nextCursor: null })
  })

  it('is what was typed where that finds something', async () => {
    expect((await search('kit')).corrected).toBeNull()
  })

  it('corrects within the filters', async () => {
    expect(await titles('webniar', { category: 'software' })).toEqual(['Webinar kit'])
    expect(await search('webniar', { category: 'food' })).toMatchObject({ items: [], corrected: null })
  })
})

describe('the counts beside the filters', () => {
  const facets = (input: object) => countFacets(ctx, FacetsInput.parse(input))

  it('say how many of what is searched each value has', async () => {
    expect(await facets({ q: 'kit' })).toMatchObject({
      count: 2,
      more: false,
      language: { values: [{ value: 'en', count: 2 }] },
      plan: { values: [{ value: 'FREE', count: 2 }] },
      currency: { values: [{ value: 'USD', count: 2 }] },
      minRating: { values: [] },
      tag: {
        values: [
          { value: 'b2b', count: 1 },
          { value: 'menu', count: 1 },
        ],
      },
    })
    const { category } = await facets({ q: 'kit' })
    expect(category.values).toHaveLength(13)
    expect(category.values.filter(({ count }) => count > 0)).toEqual([
      { value: 'software', label: 'Software and apps', count: 1 },
      { value: 'food', label: 'Restaurants and food', count: 1 },
    ])
  })

  it('say of a filter that is set what another choice would find', async () => {
    const found = await facets({ category: 'food', language: 'de' })
    expect(found.count).toBe(1)
    expect(found.category.values.filter(({ count }) => count > 0).map(({ value }) => value)).toEqual(['food'])
    expect(found.language.values).toEqual([
      { value: 'de', count: 1 },
      { value: 'en', count: 1 },
    ])
    expect(await facets({ minPrice: 1, currency: 'EUR' })).toMatchObject({
      count: 0,
      currency: { values: [{ value: 'USD', count: 4 }] },
    })
  })

  it('are none for what finds nothing', async () => {
    expect(await facets({ q: '!!!' })).toMatchObject({ count: 0, tag: { values: [] } })
    expect(await facets({ tag: 'none', minRating: 4 })).toMatchObject({ count: 0 })
  })
})

it.each([
  "'; drop table listings; --",
  '\\',
  "\\'",
  '():*&|!<->',
  '🙂 🙃',
  'a\u0301'.repeat(90),
  '-',
  '--',
  '-"',
  '"',
  'or',
  'or or or',
  'a or',
  '-kit',
  '1e400 -1 0x',
  'ﷺ'.repeat(190),
  '日本語',
  'हिन्दी',
  'x'.repeat(200),
  'a '.repeat(100),
  "kit'",
])('takes %s for words', async (q) => {
  await search(q)
  await countFacets(ctx, FacetsInput.parse({ q }))
})

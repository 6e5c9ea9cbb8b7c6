import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { listings } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeListing, makeListing } from '../../../db/testing/factories/marketplace'
import { listSitemapParts, listSitemapSlugs, pauseListing, readShowcase, relatedListings } from '.'

const database = useDatabase()
let ctx: TestContext
const made: MadeListing[] = []

beforeAll(async () => {
  ctx = testContext(database.db)
  const kinds = [
    { category: 'food', tags: ['menu', 'tables'] },
    { category: 'food', tags: [] },
    { category: 'food', tags: ['menu'] },
    { category: 'food', tags: ['tables', 'menu'], language: 'de' },
    { category: 'software', tags: ['menu', 'tables'] },
  ]
  for (const [no, kind] of kinds.entries()) {
    ctx.clock.advance(60_000)
    made.push(await makeListing(ctx, { title: `Kit ${no}`, ...kind }))
  }
  const set = (no: number, values: Partial<typeof listings.$inferInsert>) =>
    database.db
      .update(listings)
      .set(values)
      .where(eq(listings.id, at(no).listing.id))
  await set(1, { sold: 5 })
  await set(4, { sold: 9, featuredAt: ctx.now() })
})

const at = (no: number): MadeListing => {
  const found = made[no]
  if (found === undefined) throw new Error(`listing ${no} is not made`)
  return found
}
const titles = (cards: readonly { readonly title: string }[]) => cards.map(({ title }) => title)

describe('what visitors see first', () => {
  it('is what was chosen, what sells and what is new, each once', async () => {
    const { featured, popular, newest } = await readShowcase(ctx)
    expect(titles(featured)).toEqual(['Kit 4'])
    expect(titles(popular)).toEqual(['Kit 1'])
    expect(titles(newest)).toEqual(['Kit 3', 'Kit 2', 'Kit 0'])
  })
})

describe('what else one may want', () => {
  it('is of the same category, with the same tags first, then the same language', async () => {
    expect(titles(await relatedListings(ctx, { slug: at(0).listing.slug }))).toEqual([
      'Kit 3',
      'Kit 2',
      'Kit 1',
    ])
    expect(await relatedListings(ctx, { slug: at(4).listing.slug })).toEqual([])
  })

  it.each(['nothing', 'a\0b', '\ud800'])('of %j is 404', async (slug) => {
    await expect(relatedListings(ctx, { slug })).rejects.toMatchObject({ status: 404 })
  })
})

it('tells search engines what is on sale, and nothing else', async () => {
  const [from = '', ...more] = await listSitemapParts(ctx)
  expect(more).toEqual([])
  const slugs = async () => (await listSitemapSlugs(ctx, from)).map(({ slug }) => slug)
  expect(await slugs()).toEqual(made.map(({ listing }) => listing.slug))
  await pauseListing(at(2).as, { slug: at(2).listing.slug })
  expect(await slugs()).not.toContain(at(2).listing.slug)
})

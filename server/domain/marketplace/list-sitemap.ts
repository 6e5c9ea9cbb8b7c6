import { sql } from 'drizzle-orm'
import { listings } from '../../../db/schema'
import { type Context, readLagging } from '../../kit/context'
import { LISTINGS_WITH_SELLERS, ON_SALE } from './listings'

/** So many listings stand in a file. Its readers take 50,000. */
const PART = 10_000

/** The first listing of each file, in the order of their ids: what is added later comes behind. */
export const listSitemapParts = (ctx: Context): Promise<string[]> =>
  readLagging(ctx, async ({ db }) => {
    const rows = await db.execute<{ id: string }>(sql`
      select id from (
        select ${listings.id}, row_number() over (order by ${listings.id}) as no from ${listings} where ${listings.status} = 'LIVE'
      ) numbered where no % ${PART} = 1 order by id`)
    return rows.map(({ id }) => id)
  })

/** What is on sale of the file that begins with this id. */
export const listSitemapSlugs = (ctx: Context, from: string): Promise<{ slug: string; updatedAt: Date }[]> =>
  readLagging(ctx, async ({ db }) => {
    const rows = await db.execute<{ slug: string; updated_at: string }>(sql`
      select ${listings.slug}, ${listings.updatedAt}::text from ${LISTINGS_WITH_SELLERS}
      where ${ON_SALE} and ${listings.id} >= ${from}::uuid order by ${listings.id} limit ${PART}`)
    return rows.map(({ slug, updated_at }) => ({ slug, updatedAt: new Date(updated_at) }))
  })

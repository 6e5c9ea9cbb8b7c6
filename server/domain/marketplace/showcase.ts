import { type SQL, sql } from 'drizzle-orm'
import { listings } from '../../../db/schema'
import { type Context, readLagging } from '../../kit/context'
import { cardsOf, LISTINGS_WITH_SELLERS, listingFor, ON_SALE } from './listings'
import type { ListingCard, Showcase } from './schemas'

const SHOWN = 3

/** What visitors see first: what admins chose, what sells, and what is new; each listing once. */
export const readShowcase = (ctx: Context): Promise<Showcase> =>
  readLagging(ctx, async (near) => {
    const seen = new Set<string>()
    const first = async (condition: SQL, order: SQL): Promise<string[]> => {
      const rows = await near.db.execute<{ id: string }>(sql`
        select ${listings.id} from ${LISTINGS_WITH_SELLERS} where ${ON_SALE} and ${condition}
        order by ${order} desc, ${listings.id} desc limit ${3 * SHOWN}`)
      const ids = rows.map(({ id }) => id).filter((id) => !seen.has(id))
      return ids.slice(0, SHOWN).map((id) => {
        seen.add(id)
        return id
      })
    }
    const featured = await first(sql`${listings.featuredAt} is not null`, sql`${listings.featuredAt}`)
    const popular = await first(sql`${listings.sold} > 0`, sql`${listings.sold}`)
    const newest = await first(sql`true`, sql`${listings.publishedAt}`)
    const cards = await cardsOf(near, [...featured, ...popular, ...newest])
    const end = featured.length + popular.length
    return {
      featured: cards.slice(0, featured.length),
      popular: cards.slice(featured.length, end),
      newest: cards.slice(end),
    }
  })

/**
 * Listings on sale that somebody who looks at this one may want: of its category, those with more of its tags first, then
 * its language, then what sells.
 * @throws DomainError 404 LISTING_NOT_FOUND
 */
export const relatedListings = (ctx: Context, { slug }: { slug: string }): Promise<ListingCard[]> =>
  readLagging(ctx, async (near) => {
    const { listing } = await listingFor(near, slug)
    const rows = await near.db.execute<{ id: string | null }>(sql`
          with this as (select id, category, tags, language from ${listings} where id = ${listing.id}::uuid),
          near as (
            select ${listings.id}, ${listings.tags}, ${listings.language}, ${listings.sold} from ${LISTINGS_WITH_SELLERS}
            where ${ON_SALE} and ${listings.category} = (select category from this) and ${listings.id} <> (select id from this)
            order by ${listings.sold} desc, ${listings.id} desc limit ${CONSIDERED}
          )
          select near.id from this left join near on true
          order by (select count(*) from unnest(near.tags) tag where tag = any(this.tags)) desc,
            near.language = this.language desc, near.sold desc, near.id desc limit ${SHOWN}`)
    return cardsOf(
      near,
      rows.map(({ id }) => id).filter((id) => id !== null),
    )
  })

const CONSIDERED = 60

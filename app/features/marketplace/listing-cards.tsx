import { Link } from '@remix-run/react'
import { plural } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { ListingCard } from '../../../server/domain/marketplace/schemas'
import { offerWords } from '../selling/offer-words'
import { Rating } from './rating'

/** Listings side by side, each leading to its page. Pictures below the first rows are loaded when they come near. */
export const ListingCards = ({
  listings,
  level = 3,
}: {
  readonly listings: readonly ListingCard[]
  /** Of their titles among the headings of the page. */
  readonly level?: 3 | 4
}) => {
  const Heading = `h${level}` as const
  return (
    <ul className="market">
      {listings.map((listing, at) => (
        <li key={listing.id} className="market-card">
          {listing.image === null ? (
            <span aria-hidden="true" className="market-picture">
              {[...listing.title][0]}
            </span>
          ) : (
            <img
              className="market-picture"
              src={listing.image}
              alt=""
              width={640}
              height={360}
              loading={at < 3 ? 'eager' : 'lazy'}
              decoding="async"
            />
          )}
          <Heading className="market-title">
            <Link to={paths.listing(listing.slug)}>{listing.title}</Link>
          </Heading>
          {listing.tagline !== '' && <p>{listing.tagline}</p>}
          <p className="muted">by {listing.seller.name}</p>
          <p className="market-price">{offerWords(listing.offer, listing.planType)}</p>
          <p className="muted">
            <Rating rating={listing.rating} />
            {listing.sold > 0 && ` · ${plural(listing.sold, 'copy', 'copies')} sold`}
          </p>
        </li>
      ))}
    </ul>
  )
}

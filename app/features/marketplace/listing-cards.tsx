import { Link } from '@remix-run/react'
import { plural } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { ListingCard } from '../../../server/domain/marketplace/schemas'
import { offerWords } from '../selling/offer-words'
import { Rating } from './rating'

/** Listings side by side, each leading to its page. */
export const ListingCards = ({ listings }: { readonly listings: readonly ListingCard[] }) => (
  <ul className="market">
    {listings.map((listing) => (
      <li key={listing.id} className="market-card">
        <h3>
          <Link to={paths.listing(listing.slug)}>{listing.title}</Link>
        </h3>
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

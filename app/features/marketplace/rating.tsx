import { plural } from '~/lib/format'
import type { ListingCard } from '../../../server/domain/marketplace/schemas'

/** '4.5 of 5 (12 reviews)', or that there are none. */
export const ratingWords = ({ count, mean }: ListingCard['rating']): string =>
  mean === null ? 'No reviews yet' : `${mean.toFixed(1)} of 5 (${plural(count, 'review')})`

export const Rating = ({ rating }: Pick<ListingCard, 'rating'>) => (
  <span className="rating">
    {rating.mean !== null && (
      <span aria-hidden="true" className="rating-star">
        ★
      </span>
    )}{' '}
    {ratingWords(rating)}
  </span>
)

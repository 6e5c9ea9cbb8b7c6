import { Form } from '@remix-run/react'
import {
  Alert,
  Button,
  Card,
  Confirm,
  InputField,
  Pagination,
  SelectField,
  TextareaField,
  Time,
} from '~/components/ui'
import type { FormFailure } from '~/lib/forms'
import type { ListingCard, ListingReview, ReviewStanding } from '../../../server/domain/marketplace/schemas'
import { ratingWords } from './rating'

interface ReviewsProps {
  readonly rating: ListingCard['rating']
  readonly reviews: { readonly items: readonly ListingReview[]; readonly nextCursor: string | null }
  readonly standing: ReviewStanding
  readonly signedIn: boolean
  readonly failure: FormFailure | undefined
}

/** What buyers say, and what whoever reads may do about it. */
export const Reviews = ({ rating, reviews, standing, signedIn, failure }: ReviewsProps) => (
  <div id="reviews">
    <Card title="Reviews" description={ratingWords(rating)}>
      <div className="stack">
        {failure !== undefined && <Alert tone="danger" title={failure.formError} />}
        {standing.mayReview && <OwnReview own={standing.own} failure={failure} />}
        {reviews.items.length === 0 ? (
          <p className="muted">Nobody who bought it has said anything yet. Only buyers can.</p>
        ) : (
          <ul className="reviews">
            {reviews.items.map((review) => (
              <li key={review.id}>
                <OneReview
                  review={review}
                  mayReply={standing.mayReply}
                  mayReport={signedIn && review.id !== standing.own?.id}
                  failure={failure}
                />
              </li>
            ))}
          </ul>
        )}
        <Pagination nextCursor={reviews.nextCursor} name="reviews" label="Pages of reviews" />
      </div>
    </Card>
  </div>
)

const OwnReview = ({ own, failure }: Pick<ReviewStanding, 'own'> & Pick<ReviewsProps, 'failure'>) => {
  const failed = failure?.values.intent === 'review'
  return (
    <div className="stack">
      {own?.hidden != null && (
        <Alert tone="warning" title="An admin took your review from view">
          {own.hidden}
        </Alert>
      )}
      <Confirm
        // Closed again once it is said.
        key={`${own?.rating} ${own?.text}`}
        label={own === null ? 'Write a review' : 'Change your review'}
        question={<p>You bought it: say what it is like. One review, which you can change.</p>}
        open={failed}
      >
        <Form method="post" className="form">
          <SelectField
            name="rating"
            label="Rating"
            error={failed ? failure.fieldErrors.rating : undefined}
            defaultValue={failed ? failure.values.rating : String(own?.rating ?? 5)}
          >
            {STARS.map(([stars, words]) => (
              <option key={stars} value={stars}>
                {stars}: {words}
              </option>
            ))}
          </SelectField>
          <TextareaField
            name="text"
            id="review-text"
            label="What is it like?"
            error={failed ? failure.fieldErrors.text : undefined}
            defaultValue={failed ? failure.values.text : own?.text}
            maxLength={5_000}
            optional
          />
          <div className="actions">
            <Button variant="primary" name="intent" value="review">
              {own === null ? 'Publish the review' : 'Save the review'}
            </Button>
          </div>
        </Form>
      </Confirm>
    </div>
  )
}

const STARS = [
  ['5', 'very good'],
  ['4', 'good'],
  ['3', 'fair'],
  ['2', 'poor'],
  ['1', 'bad'],
] as const

const OneReview = ({
  review,
  mayReply,
  mayReport,
  failure,
}: {
  readonly review: ListingReview
  readonly mayReply: boolean
  readonly mayReport: boolean
} & Pick<ReviewsProps, 'failure'>) => {
  const failed = failure?.values.id === review.id ? failure : undefined
  return (
    <article className="review" aria-label={`Review by ${review.author}`}>
      <p>
        <strong>
          <span className="visually-hidden">Rated </span>
          {review.rating} of 5
        </strong>{' '}
        by {review.author}, <Time value={review.createdAt} />
        {review.edited && ' (edited)'}
      </p>
      {review.text !== '' && <p className="review-text">{review.text}</p>}
      {review.reply !== null && (
        <div className="review-reply">
          <p className="muted">The seller’s answer</p>
          <p className="review-text">{review.reply}</p>
        </div>
      )}
      {mayReply && (
        <Confirm
          label={review.reply === null ? 'Answer' : 'Change the answer'}
          question={<p>Everybody reads it under the review. Left empty, there is none.</p>}
          open={failed?.values.intent === 'reply'}
        >
          <Form method="post" className="form">
            <input type="hidden" name="id" value={review.id} />
            <TextareaField
              name="text"
              id={`reply-${review.id}`}
              label="Your answer"
              error={failed?.values.intent === 'reply' ? failed.fieldErrors.reply : undefined}
              defaultValue={review.reply ?? ''}
              maxLength={5_000}
              optional
            />
            <Button variant="primary" name="intent" value="reply">
              Publish the answer
            </Button>
          </Form>
        </Confirm>
      )}
      {mayReport && (
        <Confirm
          label="Report"
          question={<p>An admin looks at it. It stays in view meanwhile.</p>}
          open={failed?.values.intent === 'report'}
        >
          <Form method="post" className="form">
            <input type="hidden" name="id" value={review.id} />
            <InputField
              name="text"
              id={`report-${review.id}`}
              label="What is wrong with it?"
              error={failed?.values.intent === 'report' ? failed.fieldErrors.reason : undefined}
              maxLength={1_000}
            />
            <Button variant="danger" name="intent" value="report">
              Report it
            </Button>
          </Form>
        </Confirm>
      )}
    </article>
  )
}

import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import { Badge, ButtonLink, Card, EmptyState, PageHeader, Pagination } from '~/components/ui'
import { ratingWords } from '~/features/marketplace/rating'
import { LISTING_STATUS } from '~/features/marketplace/states'
import { percent } from '~/features/selling/earnings'
import { NeedsAgency } from '~/features/selling/needs-agency'
import { offerWords } from '~/features/selling/offer-words'
import { load } from '~/lib/api.server'
import { formatNumber } from '~/lib/format'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { ListingView } from '../../server/domain/marketplace/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Listings')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json(
    await load(args, async (api) => ({
      listings: await api.marketplace.own({ limit: 20, cursor }),
      terms: await api.affiliate.sellingTerms(),
    })),
  )
}

const Listings = () => {
  const { listings, terms } = useLoaderData<typeof loader>()
  const mayAdd = terms.planType === 'AGENCY'
  return (
    <>
      <PageHeader
        title="Listings"
        description="What you offer on the marketplace. An admin looks at each before everybody sees it."
        actions={
          mayAdd &&
          listings.items.length > 0 && (
            <ButtonLink to={paths.newListing()} variant="primary">
              Make a listing
            </ButtonLink>
          )
        }
      />
      {!mayAdd && <NeedsAgency planType={terms.planType} selling={listings.items.length > 0} />}
      {listings.items.length === 0 ? (
        <Card>
          <EmptyState
            title="No listings yet"
            action={
              mayAdd ? (
                <ButtonLink to={paths.newListing()} variant="primary">
                  Make a listing
                </ButtonLink>
              ) : (
                <ButtonLink to={paths.marketplace()}>See the marketplace</ButtonLink>
              )
            }
          >
            Choose a workspace, say what is in it and name a price. Whoever looks for it finds it; you keep
            the original.
          </EmptyState>
        </Card>
      ) : (
        listings.items.map((listing) => <OwnCard key={listing.id} listing={listing} />)
      )}
      <Pagination nextCursor={listings.nextCursor} />
    </>
  )
}

export default Listings

const OwnCard = ({ listing }: { readonly listing: ListingView }) => {
  const { words, tone, meaning } = LISTING_STATUS[listing.status]
  return (
    <Card
      title={listing.title}
      description={
        <>
          {listing.own !== null && (
            <Link to={paths.workspace(listing.own.workspace.id)}>{listing.own.workspace.name}</Link>
          )}{' '}
          for {offerWords(listing.offer, listing.planType)}
        </>
      }
      actions={<Badge tone={tone}>{words}</Badge>}
    >
      <div className="stack">
        <p>{meaning}</p>
        {listing.own?.reason && (
          <p>
            <strong>Reason:</strong> {listing.own.reason}
          </p>
        )}
        {listing.status === 'LIVE' && !listing.available && (
          <p>
            Nobody can find it at the moment: its workspace is not active, or your plan does not allow
            selling.
          </p>
        )}
        <dl className="facts">
          <div>
            <dt>Sold</dt>
            <dd>{formatNumber(listing.sold)}</dd>
          </div>
          <div>
            <dt>Rating</dt>
            <dd>{ratingWords(listing.rating)}</dd>
          </div>
          {listing.own !== null && (
            <div>
              <dt>Your rate</dt>
              <dd>{percent(listing.own.commissionPercentage)}</dd>
            </div>
          )}
        </dl>
        <div className="actions">
          <ButtonLink to={paths.ownListing(listing.slug)}>Manage</ButtonLink>
          <ButtonLink to={paths.listing(listing.slug)}>See its page</ButtonLink>
        </div>
      </div>
    </Card>
  )
}

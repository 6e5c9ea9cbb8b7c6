import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Link, useActionData, useLoaderData } from '@remix-run/react'
import { SanitizedHtml } from '~/components/sanitized-html'
import { Alert, Badge, ButtonLink, Card } from '~/components/ui'
import { enteredCoupon } from '~/features/buying/entered-coupon.server'
import { Contents, CopyTerms, countsWords, NextSteps } from '~/features/buying/landing-parts'
import { PurchaseBox } from '~/features/buying/purchase-box'
import { languageName } from '~/features/marketplace/languages'
import { ListingCards } from '~/features/marketplace/listing-cards'
import stylesheet from '~/features/marketplace/marketplace.css?url'
import { Rating } from '~/features/marketplace/rating'
import { Reviews } from '~/features/marketplace/reviews'
import { LISTING_STATUS } from '~/features/marketplace/states'
import { LivePreview } from '~/features/preview/live-preview'
import previewStyles from '~/features/preview/preview.css?url'
import { apiOf, formFailure, isSignedIn, load } from '~/lib/api.server'
import { plural } from '~/lib/format'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths, withQuery } from '~/lib/paths'
import { breadcrumbs, product, publicPage } from '~/lib/seo'

export { refusalHeaders as headers } from '~/lib/headers'
export const links: LinksFunction = () =>
  [stylesheet, previewStyles].map((href) => ({ rel: 'stylesheet', href }))

export const meta: MetaFunction<typeof loader> = ({ data }) => {
  if (data === undefined) return pageTitle('Not available')
  const { listing, landing, category, site } = data
  const path = paths.listing(listing.slug)
  const image = listing.image ?? landing.workspace.image
  return publicPage({
    title: listing.title,
    description: listing.tagline || listing.description || landing.workspace.description,
    site,
    path,
    image,
    noindex: !listing.available,
    data: [
      product(site, listing, image),
      breadcrumbs(site, [
        { name: 'Marketplace', path: paths.marketplace() },
        ...(category === null ? [] : [{ name: category.name, path: paths.category(category.key) }]),
        { name: listing.title, path },
      ]),
    ],
  })
}

export const loader = async (args: LoaderFunctionArgs) => {
  const slug = args.params.slug ?? ''
  const { page, categories, related, buyer, entered } = await load(args, async (api) => ({
    page: await api.marketplace.page({ slug }),
    related: await api.marketplace.related({ slug }),
    categories: await api.marketplace.categories(),
    entered: await enteredCoupon(api, args.request, { slug }),
    buyer: isSignedIn(args.context) ? (await api.auth.me()).user : null,
  }))
  const funnels = page.listing.available
    ? await load(args, (api) => api.affiliate.preview({ offer: slug }))
    : []
  const cursor = new URL(args.request.url).searchParams.get('reviews') ?? undefined
  const said =
    page.listing.publishedAt === null
      ? null
      : await load(args, async (api) => ({
          reviews: await api.marketplace.reviews({ slug, limit: 10, cursor }),
          standing: await api.marketplace.reviewStanding({ slug }),
        }))
  return json({
    ...page,
    preview: { offer: slug, funnels },
    said,
    related,
    site: args.context.api.config.appUrl,
    category: categories.find(({ key }) => key === page.listing.category) ?? null,
    cancelled: new URL(args.request.url).searchParams.get('cancelled') === '1',
    entered,
    buyer:
      buyer === null ? null : { email: buyer.email, firstName: buyer.firstName, lastName: buyer.lastName },
  })
}

/** A review, an answer or a report; else a checkout. */
export const action = async (args: ActionFunctionArgs) => {
  const form = await args.request.formData()
  return form.has('intent') ? say(args, form) : buy(args, form)
}

const say = async ({ request, context, params }: ActionFunctionArgs, form: FormData) => {
  const slug = params.slug ?? ''
  const sent = textFields(form, ['intent', 'id', 'rating', 'text'])
  const { intent, id, rating, text } = sent
  const { marketplace } = apiOf(context)
  try {
    if (intent === 'review') await marketplace.writeReview({ slug, rating: Number(rating), text })
    else if (intent === 'reply') await marketplace.replyToReview({ id, reply: text })
    else if (intent === 'report') await marketplace.reportReview({ id, reason: text })
    else throw new Response('There is no such button.', { status: 400 })
  } catch (error) {
    return formFailure(error, request, sent)
  }
  return redirect(withNotice(paths.listing(slug), intent === 'report' ? 'review-reported' : 'review-said'))
}

/** Asks the provider for a checkout and sends the buyer there. Price and terms come from our rows, not from the form. */
const buy = async ({ request, context, params }: ActionFunctionArgs, form: FormData) => {
  const typed = textFields(form, ['email', 'firstName', 'lastName', 'provider', 'coupon'])
  const { provider, coupon, ...buyer } = typed
  try {
    const { url } = await apiOf(context).payment.createPaymentLink({
      ...buyer,
      ...(provider === '' ? {} : { provider: provider as 'stripe' | 'mamopay' }),
      ...(coupon === '' ? {} : { coupon }),
      paymentType: 'WORKSPACE_PURCHASE',
      listingSlug: params.slug ?? '',
    })
    return redirect(url, 303)
  } catch (error) {
    return formFailure(error, request, typed)
  }
}

const Listing = () => {
  const { listing, preview, descriptionHtml, landing, related, category, buyer, cancelled, entered, said } =
    useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const aboutReviews = failure?.values.intent !== undefined
  const { workspace } = landing
  return (
    <div className="landing">
      <div className="landing-head">
        {listing.own !== null && <OwnNote />}
        {cancelled && failure === undefined && (
          <Alert title="Nothing was charged">
            You left the checkout before paying. The offer stands as it does here; go on whenever you like.
          </Alert>
        )}
        {workspace.image !== null && <img className="landing-image" src={workspace.image} alt="" />}
        <p className="landing-kind">
          {category === null ? 'Workspace' : <Link to={paths.category(category.key)}>{category.name}</Link>}
        </p>
        <h1>{listing.title}</h1>
        {listing.tagline !== '' && <p className="lead landing-text">{listing.tagline}</p>}
        <p className="landing-by">
          Offered by <strong>{listing.seller.name}</strong>
        </p>
        <p className="muted">
          <Rating rating={listing.rating} />
          {listing.sold > 0 && ` · ${plural(listing.sold, 'copy', 'copies')} sold`} ·{' '}
          {countsWords(workspace.counts)} · {languageName(listing.language)}
        </p>
      </div>
      <div className="landing-side">
        {listing.available ? (
          <PurchaseBox
            landing={landing}
            buyer={buyer}
            entered={entered}
            failure={aboutReviews ? undefined : failure}
          />
        ) : (
          <Alert title="Not for sale at the moment">
            <p>Nobody but you and the admins sees this page as it is.</p>
          </Alert>
        )}
      </div>
      <div className="landing-more stack">
        {descriptionHtml !== '' && (
          <Card title="About it">
            <SanitizedHtml html={descriptionHtml} />
          </Card>
        )}
        {listing.versionNotes !== '' && (
          <Card title="What is new">
            <p className="landing-text">{listing.versionNotes}</p>
          </Card>
        )}
        <LivePreview {...preview} />
        <Contents workspace={workspace} />
        <CopyTerms workspace={workspace} />
        <NextSteps signedIn={buyer !== null} />
        {said !== null && (
          <Reviews
            rating={listing.rating}
            reviews={said.reviews}
            standing={said.standing}
            signedIn={buyer !== null}
            failure={aboutReviews ? failure : undefined}
          />
        )}
        {listing.tags.length > 0 && (
          <nav aria-label="Tags">
            <ul className="market-categories">
              {listing.tags.map((tag) => (
                <li key={tag}>
                  <Link to={withQuery(paths.marketplace(), { tag })}>{tag}</Link>
                </li>
              ))}
            </ul>
          </nav>
        )}
        {related.length > 0 && (
          <section className="stack" aria-labelledby="related">
            <h2 id="related">You may also like</h2>
            <ListingCards listings={related} />
          </section>
        )}
      </div>
    </div>
  )
}

export default Listing

/** What the seller and admins are told above what everybody sees. */
const OwnNote = () => {
  const { listing } = useLoaderData<typeof loader>()
  const { words, tone, meaning } = LISTING_STATUS[listing.status]
  return (
    <Alert title={`This listing is ${words.toLowerCase()}`} tone={tone === 'danger' ? 'warning' : 'info'}>
      <div className="stack">
        <p>
          <Badge tone={tone}>{words}</Badge> {meaning}
        </p>
        <div className="actions">
          <ButtonLink to={paths.ownListing(listing.slug)}>Manage it</ButtonLink>
        </div>
      </div>
    </Alert>
  )
}

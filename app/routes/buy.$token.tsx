import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { isRouteErrorResponse, useActionData, useLoaderData, useRouteError } from '@remix-run/react'
import { Problem } from '~/components/problem'
import { Alert, ButtonLink, PageHeader } from '~/components/ui'
import { enteredCoupon } from '~/features/buying/entered-coupon.server'
import { Contents, CopyTerms, countsWords, NextSteps } from '~/features/buying/landing-parts'
import { PurchaseBox } from '~/features/buying/purchase-box'
import { LivePreview } from '~/features/preview/live-preview'
import previewStyles from '~/features/preview/preview.css?url'
import { apiOf, formFailure, isSignedIn, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'

export const links: LinksFunction = () => [{ rel: 'stylesheet', href: previewStyles }]

/** Its address holds a token: no page for search engines. */
export const meta: MetaFunction<typeof loader> = ({ data }) => [
  ...(data === undefined
    ? pageTitle('Not available')
    : pageTitle(data.landing.workspace.name, data.landing.workspace.description.slice(0, 160))),
  { name: 'robots', content: 'noindex' },
]

export const loader = async (args: LoaderFunctionArgs) => {
  const token = args.params.token ?? ''
  const { landing, buyer, entered, preview } = await load(args, async (api) => ({
    landing: await api.affiliate.landing({ token }),
    entered: await enteredCoupon(api, args.request, { token }),
    preview: await api.affiliate.preview({ offer: token }),
    buyer: isSignedIn(args.context) ? (await api.auth.me()).user : null,
  }))
  const cancelled = new URL(args.request.url).searchParams.get('cancelled') === '1'
  return json({
    landing,
    preview: { offer: token, funnels: preview },
    cancelled,
    entered,
    buyer:
      buyer === null ? null : { email: buyer.email, firstName: buyer.firstName, lastName: buyer.lastName },
  })
}

/** Asks the provider for a checkout and sends the buyer there. Price and terms come from our rows, not from the form. */
export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const typed = textFields(await request.formData(), ['email', 'firstName', 'lastName', 'provider', 'coupon'])
  const { provider, coupon, ...buyer } = typed
  try {
    const { url } = await apiOf(context).payment.createPaymentLink({
      ...buyer,
      // Nothing chosen, where there is nothing to choose: the default. Anything else is for the schema to judge.
      ...(provider === '' ? {} : { provider: provider as 'stripe' | 'mamopay' }),
      ...(coupon === '' ? {} : { coupon }),
      paymentType: 'WORKSPACE_PURCHASE',
      affiliateToken: params.token ?? '',
    })
    return redirect(url, 303)
  } catch (error) {
    return formFailure(error, request, typed)
  }
}

const Buy = () => {
  const { landing, preview, buyer, cancelled, entered } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const { workspace, seller } = landing
  return (
    <div className="landing">
      <div className="landing-head">
        {cancelled && failure === undefined && (
          <Alert title="Nothing was charged">
            You left the checkout before paying. The offer stands as it did; go on whenever you like.
          </Alert>
        )}
        {workspace.image !== null && <img className="landing-image" src={workspace.image} alt="" />}
        <p className="landing-kind">A workspace to buy as a copy of your own</p>
        <h1>{workspace.name}</h1>
        {workspace.description !== '' && <p className="lead landing-text">{workspace.description}</p>}
        <p className="landing-by">
          Offered by <strong>{seller.name}</strong>
          {seller.organization !== '' &&
            !seller.organization.startsWith(seller.name) &&
            `, ${seller.organization}`}
        </p>
        <p className="muted">{countsWords(workspace.counts)}</p>
      </div>
      <div className="landing-side">
        <PurchaseBox landing={landing} buyer={buyer} entered={entered} failure={failure} />
      </div>
      <div className="landing-more stack">
        <LivePreview {...preview} />
        <Contents workspace={workspace} />
        <CopyTerms workspace={workspace} />
        <NextSteps signedIn={buyer !== null} />
      </div>
    </div>
  )
}

export default Buy

/** Revoked, over and sold out look alike: what matters to whoever came is that it cannot be bought. */
export const ErrorBoundary = () => {
  const error = useRouteError()
  const status = isRouteErrorResponse(error) ? error.status : 500
  if (status === 422)
    return (
      <NotForSale
        title="This offer is no longer available"
        text="It has ended, or what it sold cannot be bought any more. Nothing was charged. If you paid already, your copy is safe; if you would still like one, ask whoever sent you the link for a new one."
      />
    )
  if (status === 400)
    return (
      <NotForSale
        title="This link is not complete"
        text="Part of it may have been lost on the way, as mail programs sometimes break long links. Open it once more from where you have it, or ask whoever sent it to send it again. Nothing was charged."
      />
    )
  return <Problem error={error} />
}

const NotForSale = ({ title, text }: { readonly title: string; readonly text: string }) => (
  <div className="narrow">
    <PageHeader title={title} description={text} />
    <div className="actions">
      <ButtonLink to={paths.home()} variant="primary">
        Go to the start page
      </ButtonLink>
      <ButtonLink to={paths.purchases()}>See what I bought</ButtonLink>
    </div>
  </div>
)

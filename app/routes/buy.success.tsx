import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { isRouteErrorResponse, useLoaderData, useRouteError } from '@remix-run/react'
import { Problem } from '~/components/problem'
import { ButtonLink, Card, PageHeader, Steps } from '~/components/ui'
import { MOST_RELOADS, maskedEmail, RELOAD_EVERY } from '~/features/buying/progress'
import { useLooks } from '~/features/buying/use-looks'
import { isSignedIn, load } from '~/lib/api.server'
import { formatMoney, plural } from '~/lib/format'
import { hasMailbox } from '~/lib/mailbox.server'
import { pageTitle } from '~/lib/meta'
import { paths, withQuery } from '~/lib/paths'

export const meta: MetaFunction = () => [
  ...pageTitle('Your purchase'),
  { name: 'robots', content: 'noindex' },
]

/** Follows an order. Tells only who knows both of its names, signs nobody in and changes nothing. */
export const loader = async (args: LoaderFunctionArgs) => {
  const { pathname, searchParams } = new URL(args.request.url)
  const orderId = searchParams.get('order') ?? ''
  // MamoPay adds the name of its checkout itself; what else it adds proves nothing and is not read.
  const checkoutRef = searchParams.get('session_id') ?? searchParams.get('paymentLinkId') ?? ''
  const { email, ...order } = await load(args, (api) => api.payment.orderProgress({ orderId, checkoutRef }))
  const looks = Number(searchParams.get('looks')) || 0
  const again = { order: orderId, session_id: checkoutRef, looks: String(looks + 1) }
  return json({
    order,
    email: maskedEmail(email),
    signedIn: isSignedIn(args.context),
    mailbox: hasMailbox(args.context),
    reload: looks < MOST_RELOADS ? withQuery(pathname, again) : null,
  })
}

const Success = () => {
  const { order } = useLoaderData<typeof loader>()
  const waiting = order.status === 'OPEN' || order.status === 'PAID'
  const gaveUp = useLooks(waiting && !order.atBank)
  return (
    <div className="narrow" aria-live="polite">
      {order.status === 'FULFILLED' && <Ready />}
      {order.status === 'EXPIRED' && <Ended />}
      {order.status === 'FAILED' && <Failed />}
      {waiting && (order.atBank ? <AtBank /> : <Waiting gaveUp={gaveUp} />)}
    </div>
  )
}

export default Success

const Waiting = ({ gaveUp }: { readonly gaveUp: boolean }) => {
  const { order, email, reload } = useLoaderData<typeof loader>()
  const paid = order.status === 'PAID'
  return (
    <>
      {reload !== null && (
        <noscript>
          <meta httpEquiv="refresh" content={`${RELOAD_EVERY};url=${reload}`} />
        </noscript>
      )}
      <PageHeader
        title={
          paid
            ? 'Payment received, your copy is being made'
            : 'Thank you, we wait for the payment to be confirmed'
        }
        description={
          gaveUp || reload === null
            ? `This takes longer than usual. You need not wait here: as soon as your copy is ready we write to ${email}.`
            : 'This takes a few seconds. The page follows along by itself.'
        }
      />
      <Card>
        <Steps
          steps={[
            {
              title: 'Payment confirmed by the provider',
              text: `${formatMoney(order.price)} for ${order.workspaceName ?? 'a workspace'}`,
              done: paid,
            },
            { title: 'Your copy is made', text: 'Every funnel and every page, in one step.', done: false },
            { title: 'Mail sent', text: `Receipt and link go to ${email}.`, done: false },
          ]}
        />
      </Card>
    </>
  )
}

/** Nothing to follow along with: it takes days. */
const AtBank = () => {
  const { order, email } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Your bank has been asked to pay"
        description={`A bank debit takes some days. You need not wait here: we write to ${email}, whether it is paid or not.`}
      />
      <Card>
        <Steps
          steps={[
            { title: 'Order placed', text: order.workspaceName ?? 'A workspace', done: true },
            { title: 'Your bank pays', text: formatMoney(order.price), done: false },
            { title: 'Your copy is made', text: 'Every funnel and every page, in one step.', done: false },
            { title: 'Mail sent', text: `Receipt and link go to ${email}.`, done: false },
          ]}
        />
      </Card>
      <Onwards />
    </>
  )
}

const Ready = () => {
  const { order, email, signedIn, mailbox } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Your copy is ready"
        description={`${order.workspaceName ?? 'The workspace'}: ${plural(order.funnels ?? 0, 'funnel')}, ${plural(order.pages ?? 0, 'page')}. It is yours alone and independent of the original.`}
      />
      <Card>
        <Steps
          steps={[
            { title: 'Payment confirmed', text: formatMoney(order.price), done: true },
            {
              title: 'Copy made',
              text: `${plural(order.funnels ?? 0, 'funnel')}, ${plural(order.pages ?? 0, 'page')}`,
              done: true,
            },
            { title: 'Mail on its way', text: `Receipt and link go to ${email}.`, done: true },
          ]}
        />
      </Card>
      {order.copyId !== null ? (
        <div className="actions">
          <ButtonLink to={paths.workspace(order.copyId)} variant="primary">
            Open your workspace
          </ButtonLink>
          <ButtonLink to={paths.purchases()}>See the receipt</ButtonLink>
        </div>
      ) : (
        <>
          <p>
            We sent the link to <strong>{email}</strong>. Open it to set a password and see your copy. For
            your safety this page signs nobody in.
          </p>
          <div className="actions">
            {mailbox && (
              <ButtonLink to={paths.mailbox()} variant="primary" reload>
                Open the mailbox of this installation
              </ButtonLink>
            )}
            {!signedIn && (
              <ButtonLink to={paths.signIn(paths.workspaces())}>I have an account: sign in</ButtonLink>
            )}
          </div>
        </>
      )}
    </>
  )
}

const Ended = () => (
  <>
    <PageHeader
      title="This checkout has ended"
      description="It was not paid in time, so nothing was charged. Open the link you came by to begin anew."
    />
    <Onwards />
  </>
)

const Failed = () => {
  const { order, email } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Your copy could not be made"
        description={`${order.failure ?? 'Something was in the way.'} If you were charged, you get your money back; the details go to ${email}.`}
      />
      <Onwards />
    </>
  )
}

const Onwards = () => (
  <div className="actions">
    <ButtonLink to={paths.home()} variant="primary">
      Go to the start page
    </ButtonLink>
    <ButtonLink to={paths.purchases()}>See what I bought</ButtonLink>
  </div>
)

/** Without both of its names there is no telling which order is meant. */
export const ErrorBoundary = () => {
  const error = useRouteError()
  if (!isRouteErrorResponse(error) || ![400, 404].includes(error.status)) return <Problem error={error} />
  return (
    <div className="narrow">
      <PageHeader
        title="We do not know this order"
        description="The address may be incomplete. If you paid, nothing is lost: the mail with your receipt and your copy comes in any case."
      />
      <Onwards />
    </div>
  )
}

import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { isRouteErrorResponse, useLoaderData, useRouteError } from '@remix-run/react'
import { Problem } from '~/components/problem'
import { ButtonLink, Card, PageHeader, Steps } from '~/components/ui'
import { CYCLES } from '~/features/billing/plan-words'
import { MOST_RELOADS, RELOAD_EVERY } from '~/features/buying/progress'
import { useLooks } from '~/features/buying/use-looks'
import { PLAN_NAMES } from '~/features/workspace/states'
import { isSignedIn, load } from '~/lib/api.server'
import { formatMoney, plural } from '~/lib/format'
import { hasMailbox } from '~/lib/mailbox.server'
import { pageTitle } from '~/lib/meta'
import { paths, withQuery } from '~/lib/paths'

export const meta: MetaFunction = () => [...pageTitle('Your plan'), { name: 'robots', content: 'noindex' }]

/** Follows the checkout of a plan. It grants nothing and signs nobody in. */
export const loader = async (args: LoaderFunctionArgs) => {
  const { pathname, searchParams } = new URL(args.request.url)
  const checkoutRef = searchParams.get('session_id') ?? undefined
  const orderId = searchParams.get('order') ?? undefined
  const progress = await load(args, (api) => api.payment.planProgress({ checkoutRef, orderId }))
  const looks = Number(searchParams.get('looks')) || 0
  const again = { session_id: checkoutRef, order: orderId, looks: String(looks + 1) }
  return json({
    progress,
    signedIn: isSignedIn(args.context),
    mailbox: hasMailbox(args.context),
    reload: looks < MOST_RELOADS ? withQuery(pathname, again) : null,
  })
}

const Success = () => {
  const { progress } = useLoaderData<typeof loader>()
  const waiting = progress.status === 'OPEN' || progress.status === 'PAID'
  const gaveUp = useLooks(waiting)
  return (
    <div className="narrow" aria-live="polite">
      {waiting && <Waiting gaveUp={gaveUp} />}
      {progress.status === 'FULFILLED' && <Ready />}
      {progress.status === 'EXPIRED' && (
        <Ended
          title="This checkout has ended"
          text="It was not paid in time, so nothing was charged. Choose again whenever you like."
        />
      )}
      {progress.status === 'FAILED' && (
        <Ended
          title={progress.addon === null ? 'This plan was not started' : 'This add-on was not started'}
          text={`${progress.failure ?? 'The payment did not go through.'} If you were charged, all of it goes back; your bank shows it within a few days.`}
        />
      )}
    </div>
  )
}

export default Success

type Progress = ReturnType<typeof useLoaderData<typeof loader>>['progress']

const boughtWords = ({ addon, planType }: Progress): string => addon?.words ?? PLAN_NAMES[planType]

const Waiting = ({ gaveUp }: { readonly gaveUp: boolean }) => {
  const { progress, reload } = useLoaderData<typeof loader>()
  const late = gaveUp || reload === null
  return (
    <>
      {reload !== null && (
        <noscript>
          <meta httpEquiv="refresh" content={`${RELOAD_EVERY};url=${reload}`} />
        </noscript>
      )}
      <PageHeader
        title="Thank you, we wait for the payment to be confirmed"
        description={
          late
            ? 'This takes longer than usual; some ways to pay take days. You need not wait here: as soon as it is done you get a mail.'
            : 'This takes a few seconds. The page follows along by itself.'
        }
      />
      <Card>
        <Steps
          steps={[
            {
              title: 'Payment confirmed by the provider',
              text:
                progress.trialDays > 0
                  ? `Nothing now: ${formatMoney(progress.price)} after ${plural(progress.trialDays, 'day')}`
                  : `${formatMoney(progress.price)} for ${boughtWords(progress)}, ${CYCLES[progress.billingCycle].adverb}`,
              done: progress.status === 'PAID',
            },
            {
              title: progress.addon === null ? 'The plan is yours' : 'The add-on is yours',
              text: 'What it lets you make can be made at once.',
              done: false,
            },
            { title: 'Mail sent', text: 'Your receipt.', done: false },
          ]}
        />
      </Card>
    </>
  )
}

const Ready = () => {
  const { progress, signedIn, mailbox } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title={
          progress.addon === null
            ? `${boughtWords(progress)} is yours`
            : `You have ${boughtWords(progress)} now`
        }
        description={
          progress.trialDays > 0
            ? `Nothing was charged. ${formatMoney(progress.price)} is charged for the first time in ${plural(progress.trialDays, 'day')}, unless you cancel before.`
            : `It goes on ${progress.billingCycle === 'YEARLY' ? 'each year' : 'each month'} until you cancel. Your receipt is in the mail.`
        }
      />
      {signedIn ? (
        <div className="actions">
          <ButtonLink to={paths.workspaces()} variant="primary">
            Go to your workspaces
          </ButtonLink>
          <ButtonLink to={paths.billing()}>See your plan</ButtonLink>
        </div>
      ) : (
        <>
          <p>The mail also holds the link that opens your account.</p>
          <div className="actions">
            {mailbox && (
              <ButtonLink to={paths.mailbox()} variant="primary" reload>
                Open the mailbox of this installation
              </ButtonLink>
            )}
            <ButtonLink to={paths.signIn(paths.billing())}>I have an account: sign in</ButtonLink>
          </div>
        </>
      )}
    </>
  )
}

const Ended = ({ title, text }: { readonly title: string; readonly text: string }) => (
  <>
    <PageHeader title={title} description={text} />
    <div className="actions">
      <ButtonLink to={paths.billing()} variant="primary">
        See your plan
      </ButtonLink>
      <ButtonLink to={paths.billingUpgrade()}>Compare the plans</ButtonLink>
    </div>
  </>
)

/** Without the checkout's name there is no telling which is meant. */
export const ErrorBoundary = () => {
  const error = useRouteError()
  if (!isRouteErrorResponse(error) || ![400, 404].includes(error.status)) return <Problem error={error} />
  return (
    <div className="narrow">
      <Ended
        title="We do not know this checkout"
        text="The address may be incomplete. If you paid, nothing is lost: the mail with your receipt comes in any case."
      />
    </div>
  )
}

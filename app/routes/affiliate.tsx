import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { Alert, ButtonLink, Card, CopyField, DescriptionList, PageHeader, Time } from '~/components/ui'
import { Dashboard } from '~/features/affiliate/dashboard'
import { askedFor } from '~/features/affiliate/dashboard-filter'
import { JoinForm } from '~/features/affiliate/join-form'
import { joinInput } from '~/features/affiliate/joining'
import { type Api, apiOf, failureOf, formFailure, load } from '~/lib/api.server'
import { formatMoney } from '~/lib/format'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { AffiliateView, ProgramTerms } from '../../server/domain/affiliate/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Affiliate Program')

export const loader = async (args: LoaderFunctionArgs) => {
  // An older form of the address of a link's page.
  const token = new URL(args.request.url).searchParams.get('affiliate')
  if (token !== null && token !== '') throw redirect(paths.buy(token))
  const search = new URL(args.request.url).searchParams
  const asked = askedFor(search)
  const invite = search.get('invite') || undefined
  return json(
    await load(args, async (api) => {
      const affiliate = await api.affiliates.own()
      return {
        affiliate,
        ...(affiliate === null
          ? await termsOf(api, invite, args.request)
          : { terms: await api.affiliates.terms(), invite: null, over: null }),
        ...(affiliate?.status === 'APPROVED'
          ? await dashboardOf(api, asked, args.request)
          : { dashboard: null, refused: null }),
      }
    }),
  )
}

/** What one would join under; an invite that is over is said, and the programme's own terms shown. */
const termsOf = async (api: Api, invite: string | undefined, request: Request) => {
  if (invite === undefined) return { terms: await api.affiliates.terms(), invite: null, over: null }
  try {
    return { terms: await api.affiliates.terms({ invite }), invite, over: null }
  } catch (error) {
    return { terms: await api.affiliates.terms(), invite: null, over: failureOf(error, request).message }
  }
}

/** A stretch of time that cannot be is said, and this month shown instead. */
const dashboardOf = async (api: Api, asked: ReturnType<typeof askedFor>, request: Request) => {
  try {
    return { dashboard: await api.affiliates.dashboard(asked), refused: null }
  } catch (error) {
    const { status, issues, message } = failureOf(error, request)
    if (status !== 400) throw error
    return { dashboard: await api.affiliates.dashboard({}), refused: issues[0]?.message ?? message }
  }
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { input, values } = joinInput(await request.formData())
  try {
    await apiOf(context).affiliates.join(input)
  } catch (error) {
    return formFailure(error, request, values)
  }
  return redirect(withNotice(paths.affiliate(), 'affiliate-joined'))
}

const Affiliate = () => {
  const { affiliate, terms, invite, over, dashboard, refused } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  if (affiliate === null)
    return (
      <>
        <PageHeader
          title="Join Our Affiliate Program"
          description={`Earn ${short(terms.rate)}% lifetime commission on every referral!`}
        />
        {over !== null && <Alert tone="warning" title={over} />}
        <Terms terms={terms} />
        <JoinForm failure={failure} invite={invite} />
      </>
    )
  return dashboard === null ? (
    <NotYet affiliate={affiliate} />
  ) : (
    <>
      <PageHeader title="Affiliate Dashboard" description="Track your referrals and earnings" />
      {refused !== null && <Alert tone="danger" title={`${refused} This month is shown instead.`} />}
      <ReferralLink affiliate={affiliate} />
      <Dashboard shown={dashboard} />
      <Terms terms={terms} joined />
    </>
  )
}

export default Affiliate

/** 15.00 → 15, 12.50 → 12.5 */
const short = (rate: string): string => String(Number(rate))

const Terms = ({ terms, joined = false }: { readonly terms: ProgramTerms; readonly joined?: boolean }) => (
  <Card
    title={joined ? 'Your terms' : 'How it works'}
    description={
      terms.group === null
        ? undefined
        : `${joined ? 'You are' : 'You are invited to be'} of the group “${terms.group}”: these terms are its own.`
    }
  >
    <DescriptionList
      items={[
        {
          term: 'You earn',
          value: `${short(terms.rate)} % of every payment of whoever you refer, first payments and renewals, for life`,
        },
        {
          term: 'Who counts',
          value: `Whoever signs up or buys within ${terms.cookieDays} days after the last click on your link. Your own purchases, and those of your organization, earn nothing`,
        },
        {
          term: 'When',
          value:
            terms.holdDays === 0
              ? 'With the payment itself. What is refunded later is taken back'
              : `${terms.holdDays} days after the payment. What is refunded later is taken back`,
        },
        {
          term: 'Payouts',
          value: `Whenever you ask, from ${least(terms)}`,
        },
        {
          term: 'Not allowed',
          value: 'Ads on our name, mails nobody asked for, and referring yourself',
        },
      ]}
    />
  </Card>
)

/** '10.00 USD, or 50 of another currency' */
const least = ({ minWithdrawal, minWithdrawals }: ProgramTerms): string =>
  minWithdrawals.length === 0
    ? `${minWithdrawal} of the currency you earned in`
    : `${minWithdrawals.map((money) => formatMoney(money)).join(', ')}, or ${minWithdrawal} of another currency`

const NotYet = ({ affiliate }: { readonly affiliate: AffiliateView }) => {
  const { status, reason, createdAt } = affiliate
  return (
    <>
      <PageHeader title="Affiliate Program" />
      {status === 'PENDING' && (
        <Alert tone="info" title="Your affiliate account is pending approval.">
          You applied <Time value={createdAt} />. You get a mail as soon as somebody has looked at it. Clicks
          on your link are counted already; commissions begin with the payments after the approval.
        </Alert>
      )}
      {status === 'REJECTED' && (
        <Alert tone="danger" title="Your application was not taken.">
          {reason === null ? null : <>Why: {reason}. </>}If something has changed since, write to us.
        </Alert>
      )}
      {status === 'SUSPENDED' && (
        <Alert tone="warning" title="Your affiliate account is suspended.">
          {reason === null ? null : <>Why: {reason}. </>}Nothing new is earned meanwhile. What you have earned
          stays yours.
        </Alert>
      )}
      {status === 'PENDING' && <ReferralLink affiliate={affiliate} />}
      <div className="actions">
        <ButtonLink to={paths.balance()}>See your balance</ButtonLink>
      </div>
    </>
  )
}

const ReferralLink = ({ affiliate }: { readonly affiliate: AffiliateView }) => (
  <Card title="Your Referral Link">
    <CopyField label="Your Referral Link" value={affiliate.referralLink} />
    <details className="qr">
      <summary>QR code</summary>
      <img
        src={paths.referralQr()}
        width={200}
        height={200}
        loading="lazy"
        alt="Your referral link as a QR code"
      />
    </details>
  </Card>
)

import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Link, useActionData, useLoaderData } from '@remix-run/react'
import {
  Badge,
  Card,
  type Column,
  DataTable,
  DescriptionList,
  Money,
  PageHeader,
  Time,
} from '~/components/ui'
import { ReviewForm } from '~/features/affiliate/review-form'
import { COMMISSION_STATES } from '~/features/money/commissions'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { ReferralEvent } from '../../server/domain/affiliate/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Referral')

export const loader = async (args: LoaderFunctionArgs) =>
  json(await load(args, (api) => api.affiliates.referral({ id: args.params.id ?? '' })))

export const action = async ({ request, params, context }: ActionFunctionArgs) => {
  const { message } = textFields(await request.formData(), ['message'])
  try {
    await apiOf(context).affiliates.askForReview({ referralId: params.id ?? '', message })
  } catch (error) {
    return formFailure(error, request, { message })
  }
  return redirect(withNotice(paths.referrals(), 'review-asked'))
}

const Referral = () => {
  const { customer, click, rate, rule, earnsUntil, events } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title={customer.email}
        description="How this customer became yours, and what their payments earned you."
        breadcrumb={[
          { label: 'Affiliate Program', to: paths.affiliate() },
          { label: 'Referrals', to: paths.referrals() },
        ]}
      />
      <Card title="Why they are yours">
        <DescriptionList
          items={[
            { term: 'Rule', value: rule },
            {
              term: 'Rate',
              value: `${Number(rate)} %, pinned when they signed up; your tier counts where it is higher`,
            },
            {
              term: 'Earns',
              value: earnsUntil === null ? 'For life' : <>Until {<Time value={earnsUntil} />}</>,
            },
            ...(click === null
              ? []
              : [
                  { term: 'Code', value: click.code },
                  { term: 'Source', value: click.source || 'Direct' },
                  { term: 'Medium', value: click.medium || '–' },
                  { term: 'Campaign', value: click.campaign || '–' },
                  { term: 'Landing page', value: click.landingPage || '–' },
                ]),
          ]}
        />
      </Card>
      <Card flush title="What happened" description="Oldest first.">
        <DataTable
          caption="Click or code, sign-up and payments, oldest first"
          columns={EVENTS}
          rows={events}
          rowKey={(event) =>
            `${event.kind} ${event.at} ${event.kind === 'PAYMENT' ? event.commission?.id : ''}`
          }
          empty={null}
        />
      </Card>
      <ReviewForm title="Something is wrong?" hint="Say what you expected, and why." failure={failure} />
    </>
  )
}

export default Referral

const WORDS = {
  CLICK: 'Clicked your link',
  COUPON: 'Entered your code',
  SIGN_UP: 'Signed up',
  PAYMENT: 'Paid',
} as const

const WITHHELD: Readonly<Record<string, string>> = {
  SELF_PURCHASE: 'Nobody earns on their own purchase',
  SAME_ORGANIZATION: 'A purchase by your own organization',
  SAME_EMAIL: 'A purchase from your own mailbox',
  NOT_APPROVED: 'You were not approved then',
  TERM_OVER: 'The time in which it earns was over',
  ALREADY_EARNS: 'You earned the sale itself',
  NOTHING_LEFT: 'Nothing was left of the payment',
  ROUNDS_TO_ZERO: 'It was less than a cent',
}

/** What is left of it, so that the column adds up to what they earned; what it was before stands beneath. */
const Earned = ({ commission: { id, amount, reversed } }: { readonly commission: Earning }) => (
  <>
    <Link to={paths.commission(id)}>
      <Money value={{ ...amount, amount: amount.amount - reversed.amount }} />
    </Link>
    {reversed.amount !== 0 && (
      <div className="muted">
        of <Money value={amount} />
      </div>
    )}
  </>
)

type Earning = NonNullable<Extract<ReferralEvent, { kind: 'PAYMENT' }>['commission']>

const EVENTS: readonly Column<ReferralEvent>[] = [
  {
    header: 'What',
    rowHeader: true,
    cell: (event) => (event.kind === 'COUPON' ? `${WORDS.COUPON} ${event.code}` : WORDS[event.kind]),
  },
  { header: 'When', cell: ({ at }) => <Time value={at} withTime /> },
  {
    header: 'Earned you',
    numeric: true,
    cell: (event) => {
      if (event.kind !== 'PAYMENT') return '–'
      if (event.commission === null)
        return event.withheld === null ? 'Nothing' : `Nothing: ${WITHHELD[event.withheld] ?? event.withheld}`
      return <Earned commission={event.commission} />
    },
  },
  {
    header: 'State',
    cell: (event) => {
      if (event.kind !== 'PAYMENT' || event.commission === null) return '–'
      const { words, tone } = COMMISSION_STATES[event.commission.status]
      return <Badge tone={tone}>{words}</Badge>
    },
  },
]

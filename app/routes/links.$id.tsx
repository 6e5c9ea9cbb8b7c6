import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react'
import {
  Alert,
  Badge,
  Button,
  ButtonLink,
  Card,
  type Column,
  CopyField,
  DataTable,
  DescriptionList,
  EmptyState,
  FormErrors,
  Money,
  PageHeader,
  Pagination,
  type Step,
  Steps,
  Time,
} from '~/components/ui'
import { paymentStatus } from '~/features/money/statuses'
import { earningsOf, percent, restPercent } from '~/features/selling/earnings'
import {
  conversionWords,
  LINK_STATUS,
  LinkEarnings,
  RevokeLink,
  usesWords,
} from '~/features/selling/link-card'
import { offerWords } from '~/features/selling/offer-words'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { Sale } from '../../server/domain/affiliate/schemas'

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.link.name ?? 'Link')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json(
    await load(args, async (api) => {
      const link = await api.affiliate.link({ id: args.params.id ?? '' })
      return {
        link,
        sales: await api.affiliate.salesHistory({ limit: 20, cursor, link: link.id }),
        today: (await api.affiliate.sellingTerms()).commissionPercentage,
      }
    }),
  )
}

/** What can change about a link: that it ends, and that it takes the higher rate its seller has reached. */
export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const id = params.id ?? ''
  const { intent } = textFields(await request.formData(), ['intent'])
  try {
    if (intent === 'lift') await apiOf(context).affiliate.liftLink({ id })
    else await apiOf(context).affiliate.revokeLink({ id })
  } catch (error) {
    return formFailure(error, request)
  }
  if (intent === 'lift') return redirect(withNotice(paths.link(id), 'link-lifted'))
  return redirect(withNotice(paths.links(), 'link-revoked'))
}

const OneLink = () => {
  const { link, sales, today } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const { words, tone } = LINK_STATUS[link.status]
  const earnings = earningsOf(link.offer.price, link.commissionPercentage)
  const active = link.status === 'ACTIVE'
  return (
    <>
      <PageHeader
        title={link.name}
        description={<Badge tone={tone}>{words}</Badge>}
        breadcrumb={[{ label: 'Links', to: paths.links() }]}
        actions={active && <ButtonLink to={new URL(link.url).pathname}>See it as a buyer</ButtonLink>}
      />
      <FormErrors failure={failure} labels={{}} />
      {active ? (
        <Card title="Send this to buyers">
          <div className="stack">
            <CopyField label="Link for buyers" value={link.url} />
            <Steps steps={STEPS} />
          </div>
        </Card>
      ) : (
        <Alert title={ENDED[link.status]}>
          Whoever opens it reads that it is no longer available. What was sold stays sold.{' '}
          <Link to={paths.newLink(link.workspace.id)}>Make a new link</Link>
        </Alert>
      )}
      <Card title="What it sells">
        <DescriptionList
          items={[
            {
              term: 'Workspace',
              value: <Link to={paths.workspace(link.workspace.id)}>{link.workspace.name}</Link>,
            },
            { term: 'Offer', value: offerWords(link.offer, link.planType) },
            {
              term: 'You earn',
              value: (
                <>
                  <Money value={earnings.seller} /> of each payment ({percent(link.commissionPercentage)})
                </>
              ),
            },
            {
              term: 'The platform keeps',
              value: (
                <>
                  <Money value={earnings.platform} /> ({restPercent(link.commissionPercentage)}), of which it
                  pays referrers and fees
                </>
              ),
            },
            { term: 'Sold', value: usesWords(link) },
            {
              term: 'Clicks',
              value: `${link.clicks} (each visitor once a day; your own visits do not count)`,
            },
            { term: 'Buyers', value: link.buyers },
            { term: 'Conversion', value: conversionWords(link) },
            { term: 'Earned so far', value: <LinkEarnings link={link} /> },
            { term: 'Made', value: <Time value={link.createdAt} withTime /> },
            {
              term: 'Ends',
              value:
                link.expiresAt === null ? (
                  'Only when you revoke it'
                ) : (
                  <Time value={link.expiresAt} withTime />
                ),
            },
          ]}
        />
      </Card>
      <Card flush title="Who bought through it">
        <DataTable
          caption="Payments through this link, newest first"
          columns={BOUGHT}
          rows={sales.items}
          rowKey={({ paymentId }) => paymentId}
          empty={
            <EmptyState
              title="Nobody yet"
              action={<ButtonLink to={paths.links()}>Go to all links</ButtonLink>}
            >
              Every payment through this link stands here.
            </EmptyState>
          }
        />
        <Pagination nextCursor={sales.nextCursor} />
      </Card>
      {active && Number(today) > Number(link.commissionPercentage) && (
        <Card
          title={`You have reached ${percent(today)}`}
          description="This link keeps the rate it was made with until you lift it. Checkouts that are open, and subscriptions that run, keep theirs."
        >
          <Form method="post">
            <Button variant="primary" name="intent" value="lift">
              Lift it to {percent(today)}
            </Button>
          </Form>
        </Card>
      )}
      {active && <RevokeLink link={link} />}
    </>
  )
}

export default OneLink

const BOUGHT: readonly Column<Sale>[] = [
  {
    header: 'Buyer',
    rowHeader: true,
    cell: ({ buyer }) => (
      <>
        {buyer.name} <span className="muted">{buyer.email}</span>
      </>
    ),
  },
  { header: 'Date', cell: ({ paidAt }) => <Time value={paidAt} /> },
  {
    header: 'Status',
    cell: ({ status }) => <Badge tone={paymentStatus(status).tone}>{paymentStatus(status).words}</Badge>,
  },
  { header: 'Paid', numeric: true, cell: ({ amount }) => <Money value={amount} /> },
  { header: 'You earned', numeric: true, cell: ({ commission }) => <Money value={commission} /> },
]

const ENDED = {
  ACTIVE: '',
  REVOKED: 'You revoked this link',
  EXPIRED: 'The time of this link is over',
  EXHAUSTED: 'This link was used as often as you allowed',
} as const

const STEPS: readonly Step[] = [
  {
    title: 'Someone opens it',
    text: 'They see what is in the workspace, the price, and what they get. No account is needed.',
    done: false,
  },
  {
    title: 'They pay at the payment provider',
    text: 'As soon as the payment is confirmed they have an independent copy. You keep the original.',
    done: false,
  },
  {
    title: 'You earn your share',
    text: 'We mail you, and the sale stands under Sales and in your statement.',
    done: false,
  },
]

import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import { Badge, Button, Card, DescriptionList, Money, PageHeader, Time, useHydrated } from '~/components/ui'
import { paymentStatus } from '~/features/money/statuses'
import { PLAN_NAMES } from '~/features/selling/offer-words'
import { load } from '~/lib/api.server'
import { plural } from '~/lib/format'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('Receipt')

export const loader = async (args: LoaderFunctionArgs) =>
  json({ receipt: await load(args, (api) => api.payment.purchase({ id: args.params.id ?? '' })) })

type Receipt = ReturnType<typeof useLoaderData<typeof loader>>['receipt']

const ReceiptPage = () => {
  const { receipt } = useLoaderData<typeof loader>()
  const hydrated = useHydrated()
  return (
    <>
      <PageHeader
        title="Receipt"
        description={<Time value={receipt.paidAt} withTime />}
        breadcrumb={[{ label: 'Purchases', to: paths.purchases() }]}
        actions={
          hydrated && (
            <Button type="button" onClick={() => window.print()}>
              Print
            </Button>
          )
        }
      />
      <div className="receipt stack">
        <Card title={whatWords(receipt)}>
          <DescriptionList items={amounts(receipt)} />
        </Card>
        <Card title="Between whom">
          <DescriptionList items={people(receipt)} />
        </Card>
        <Card title={isOfPlan(receipt) ? 'The plan and its add-ons' : 'The copy'}>
          {isOfPlan(receipt) ? (
            <p>
              <Link to={paths.billing()}>See your plan</Link>
            </p>
          ) : receipt.workspace === null ? (
            <p className="muted">{noCopyWords(receipt)}</p>
          ) : (
            <DescriptionList
              items={[
                {
                  term: 'Workspace',
                  value: <Link to={paths.workspace(receipt.workspace.id)}>{receipt.workspace.name}</Link>,
                },
                {
                  term: 'Copied',
                  value: `${plural(receipt.funnels, 'funnel')}, ${plural(receipt.pages, 'page')}`,
                },
                {
                  term: 'For you to set',
                  value: 'Domain, tracking ids and passwords, as far as you want them',
                },
                ...(receipt.listing === null
                  ? []
                  : [
                      {
                        term: 'Bought on the marketplace',
                        value: (
                          <a href={`${paths.listing(receipt.listing.slug)}#reviews`}>
                            Review “{receipt.listing.title}”
                          </a>
                        ),
                      },
                    ]),
              ]}
            />
          )}
        </Card>
      </div>
    </>
  )
}

export default ReceiptPage

const isOfPlan = ({ type }: Receipt): boolean => type.startsWith('PLAN_') || type.startsWith('ADDON_')

const whatWords = ({ sold, type, offerMode, planType }: Receipt): string => {
  if (type === 'PLAN_PURCHASE') return `The ${PLAN_NAMES[planType]} plan`
  if (type === 'PLAN_RENEWAL') return 'Your plan: a further period, or a change'
  if (type === 'ADDON_PURCHASE') return `Add-on: ${sold}`
  if (type === 'ADDON_RENEWAL') return `Add-on: ${sold}, a further month`
  const what = sold === '' ? 'A workspace' : sold
  if (type === 'WORKSPACE_RENEWAL') return `${what}: a further period`
  return offerMode === 'ONE_OFF' || planType === 'FREE'
    ? `A copy of ${what}`
    : `A copy of ${what}, with the ${PLAN_NAMES[planType]} plan`
}

const amounts = ({ net, tax, amount, refunded, status }: Receipt) => [
  { term: 'Net', value: <Money value={net} /> },
  { term: 'Tax', value: <Money value={tax} /> },
  {
    term: 'Paid',
    value: (
      <strong>
        <Money value={amount} />
      </strong>
    ),
  },
  ...(refunded.amount > 0 ? [{ term: 'Refunded', value: <Money value={refunded} /> }] : []),
  {
    term: 'Status',
    value: <Badge tone={paymentStatus(status).tone}>{paymentStatus(status).words}</Badge>,
  },
]

const people = ({ buyer, seller, sellerOrganization, id, provider, mode, reference }: Receipt) => [
  { term: 'Buyer', value: `${withOrganization(buyer.name, buyer.organization)}, ${buyer.email}` },
  { term: 'Seller', value: withOrganization(seller, sellerOrganization) || 'Offshoot' },
  {
    term: 'Paid through',
    value: `${PROVIDERS[provider] ?? provider}${mode === 'live' ? '' : ` (${mode}: no money moved)`}`,
  },
  { term: 'Reference', value: <span className="code">{reference}</span> },
  { term: 'Receipt number', value: <span className="code">{id}</span> },
]

const PROVIDERS: Readonly<Record<string, string>> = { stripe: 'Stripe', mamopay: 'MamoPay' }

const withOrganization = (name: string, organization: string): string =>
  organization === '' || organization.startsWith(name) ? name : `${name}, ${organization}`

const noCopyWords = ({ type, status }: Receipt): string => {
  if (type === 'WORKSPACE_RENEWAL')
    return 'The copy came with the first payment; this one pays a further period.'
  return status === 'REFUNDED'
    ? 'There is none: this payment was given back.'
    : 'There is none any more: it was deleted.'
}

import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react'
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  type Column,
  Confirm,
  DataTable,
  EmptyState,
  FormErrors,
  InputField,
  PageHeader,
  Pagination,
  SelectField,
  Time,
} from '~/components/ui'
import { isListingStatus, LISTING_STATUS } from '~/features/marketplace/states'
import { offerWords } from '~/features/selling/offer-words'
import { apiOf, load, rowFailure } from '~/lib/api.server'
import { rowLabels, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths, withQuery } from '~/lib/paths'
import type { ListingView } from '../../server/domain/marketplace/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Listings')

export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const asked = search.get('status') ?? 'SUBMITTED'
  const status = isListingStatus(asked) ? asked : null
  const cursor = search.get('cursor') ?? undefined
  const page = await load(args, (api) =>
    api.marketplace.all({ limit: 20, cursor, ...(status === null ? {} : { status }) }),
  )
  return json({ ...page, status })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { intent, id, reason } = textFields(await request.formData(), ['intent', 'id', 'reason'])
  const status = new URL(request.url).searchParams.get('status') ?? undefined
  const { marketplace } = apiOf(context)
  try {
    if (intent === 'approve') await marketplace.approve({ id })
    else if (intent === 'reject') await marketplace.reject({ id, reason })
    else if (intent === 'suspend') await marketplace.suspend({ id, reason })
    else throw new Response('There is no such button.', { status: 400 })
  } catch (error) {
    return rowFailure(error, request, { id, intent, words: reason })
  }
  return redirect(withNotice(withQuery(paths.admin('listings'), { status }), 'listing-decided'))
}

const Listings = () => {
  const { items, nextCursor, status } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader title="Listings" description="What sellers hand in, and what is on the market." />
      <FormErrors failure={failure} labels={rowLabels(failure, 'Reason')} />
      <Card flush title={status === null ? 'All' : LISTING_STATUS[status].words}>
        <Form method="get" className="filters" key={status}>
          <SelectField name="status" label="State" defaultValue={status ?? 'ALL'}>
            <option value="ALL">All</option>
            {Object.entries(LISTING_STATUS).map(([value, { words }]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </SelectField>
          <div className="actions">
            <Button>Show</Button>
          </div>
        </Form>
        <DataTable
          caption="Listings, newest first"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="Nothing in this state"
              action={
                <ButtonLink to={withQuery(paths.admin('listings'), { status: 'ALL' })}>
                  Show all listings
                </ButtonLink>
              }
            >
              What sellers hand in appears here to be looked at.
            </EmptyState>
          }
        />
        <Pagination nextCursor={nextCursor} />
      </Card>
    </>
  )
}

export default Listings

const COLUMNS: readonly Column<ListingView>[] = [
  {
    header: 'Listing',
    rowHeader: true,
    cell: ({ slug, title, tagline }) => (
      <>
        <Link to={paths.listing(slug)}>{title}</Link>
        {tagline !== '' && <p className="muted">{tagline}</p>}
      </>
    ),
  },
  { header: 'Seller', cell: ({ seller }) => seller.name },
  { header: 'Offer', cell: ({ offer, planType }) => offerWords(offer, planType) },
  {
    header: 'Handed in',
    cell: ({ own }) => (own?.submittedAt ? <Time value={own.submittedAt} withTime /> : '–'),
  },
  {
    header: 'State',
    cell: ({ status, own }) => (
      <>
        <Badge tone={LISTING_STATUS[status].tone}>{LISTING_STATUS[status].words}</Badge>
        {own?.reason && <p className="muted">{own.reason}</p>}
      </>
    ),
  },
  { header: 'Decide', cell: (listing) => <Decisions listing={listing} /> },
]

const Decisions = ({ listing: { id, status, publishedAt } }: { readonly listing: ListingView }) => (
  <div className="stack">
    {(status === 'SUBMITTED' || status === 'SUSPENDED') && (
      <Confirm
        label="Approve"
        question={<p>Everybody can find it and buy it from now on. The seller gets a mail.</p>}
      >
        <Form method="post">
          <input type="hidden" name="id" value={id} />
          <Button variant="primary" name="intent" value="approve">
            Approve now
          </Button>
        </Form>
      </Confirm>
    )}
    {status === 'SUBMITTED' && (
      <WithReason id={id} intent="reject" label="Reject">
        It does not go on the market. Your reason is mailed to the seller, who can change it and hand it in
        again.
      </WithReason>
    )}
    {publishedAt !== null && status !== 'SUSPENDED' && (
      <WithReason id={id} intent="suspend" label="Suspend">
        It is off the market at once; what was sold stays sold. Your reason is mailed to the seller.
      </WithReason>
    )}
  </div>
)

const WithReason = ({
  id,
  intent,
  label,
  children,
}: {
  readonly id: string
  readonly intent: string
  readonly label: string
  readonly children: string
}) => {
  const failure = useActionData<typeof action>()
  const failed = failure?.values.id === id && failure.values.intent === intent
  return (
    <Confirm label={label} question={<p>{children}</p>} open={failed}>
      <Form method="post" className="form">
        <input type="hidden" name="id" value={id} />
        <InputField
          name="reason"
          id={`${id}-${intent}`}
          label="Reason"
          error={failure?.fieldErrors[`${id}-${intent}`]}
          defaultValue={failed ? failure.values.words : undefined}
          maxLength={1_000}
        />
        <Button variant="danger" name="intent" value={intent}>
          {label} now
        </Button>
      </Form>
    </Confirm>
  )
}

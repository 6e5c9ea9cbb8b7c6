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
} from '~/components/ui'
import { apiOf, load, rowFailure } from '~/lib/api.server'
import { rowLabels, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths, withQuery } from '~/lib/paths'
import type { AdminReview } from '../../server/domain/marketplace/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Reviews of listings')

const STATES = { REPORTED: 'Reported', HIDDEN: 'Hidden', ALL: 'All' } as const
type State = keyof typeof STATES

export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const asked = search.get('state') ?? ''
  const state: State = Object.hasOwn(STATES, asked) ? (asked as State) : 'REPORTED'
  const cursor = search.get('cursor') ?? undefined
  return json({
    ...(await load(args, (api) => api.marketplace.allReviews({ limit: 20, cursor, state }))),
    state,
  })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { intent, id, reason } = textFields(await request.formData(), ['intent', 'id', 'reason'])
  const state = new URL(request.url).searchParams.get('state') ?? undefined
  const { marketplace } = apiOf(context)
  try {
    if (intent === 'hide') await marketplace.hideReview({ id, reason })
    else if (intent === 'restore') await marketplace.restoreReview({ id })
    else throw new Response('There is no such button.', { status: 400 })
  } catch (error) {
    return rowFailure(error, request, { id, intent, words: reason })
  }
  return redirect(withNotice(withQuery(paths.admin('listing-reviews'), { state }), 'review-decided'))
}

const ListingReviews = () => {
  const { items, nextCursor, state } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader title="Reviews of listings" description="What buyers wrote and somebody reported." />
      <FormErrors failure={failure} labels={rowLabels(failure, 'Reason')} />
      <Card flush title={STATES[state]}>
        <Form method="get" className="filters" key={state}>
          <SelectField name="state" label="Which" defaultValue={state}>
            {Object.entries(STATES).map(([value, words]) => (
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
          caption="Reviews, newest first"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="Nothing here"
              action={
                <ButtonLink to={withQuery(paths.admin('listing-reviews'), { state: 'ALL' })}>
                  Show all reviews
                </ButtonLink>
              }
            >
              A review that somebody reports waits here.
            </EmptyState>
          }
        />
        <Pagination nextCursor={nextCursor} />
      </Card>
    </>
  )
}

export default ListingReviews

const COLUMNS: readonly Column<AdminReview>[] = [
  {
    header: 'Review',
    rowHeader: true,
    cell: ({ author, rating, text }) => (
      <>
        {rating} of 5 by {author}
        {text !== '' && <p className="muted">{text}</p>}
      </>
    ),
  },
  { header: 'Listing', cell: ({ listing }) => <Link to={paths.listing(listing.slug)}>{listing.title}</Link> },
  {
    header: 'Reported because',
    cell: ({ reports }) => (reports.length === 0 ? '–' : reports.join('; ')),
  },
  {
    header: 'State',
    cell: ({ hiddenReason }) => (
      <>
        <Badge tone={hiddenReason === null ? 'good' : 'warning'}>
          {hiddenReason === null ? 'Shown' : 'Hidden'}
        </Badge>
        {hiddenReason !== null && <p className="muted">{hiddenReason}</p>}
      </>
    ),
  },
  { header: 'Decide', cell: (review) => <Decisions review={review} /> },
]

const Decisions = ({ review: { id, hiddenReason, reports } }: { readonly review: AdminReview }) => {
  const failure = useActionData<typeof action>()
  const failed = failure?.values.id === id
  return (
    <div className="stack">
      {hiddenReason === null && (
        <Confirm
          label="Hide"
          question={<p>Nobody reads it any more, and it does not count. Its writer sees your reason.</p>}
          open={failed}
        >
          <Form method="post" className="form">
            <input type="hidden" name="id" value={id} />
            <InputField
              name="reason"
              id={`${id}-hide`}
              label="Reason"
              error={failure?.fieldErrors[`${id}-hide`]}
              defaultValue={failed ? failure.values.words : undefined}
              maxLength={1_000}
            />
            <Button variant="danger" name="intent" value="hide">
              Hide now
            </Button>
          </Form>
        </Confirm>
      )}
      {(hiddenReason !== null || reports.length > 0) && (
        <Form method="post">
          <input type="hidden" name="id" value={id} />
          <Button name="intent" value="restore">
            {hiddenReason === null ? 'Leave it as it is' : 'Show it again'}
          </Button>
        </Form>
      )}
    </div>
  )
}

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
  ButtonLink,
  Card,
  type Column,
  DataTable,
  EmptyState,
  Money,
  PageHeader,
  Pagination,
  Time,
} from '~/components/ui'
import { ReviewForm } from '~/features/affiliate/review-form'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { ReferralView, ReviewView } from '../../server/domain/affiliate/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Referrals')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json(
    await load(args, async (api) => ({
      page: await api.affiliates.referrals({ limit: 50, cursor }),
      reviews: (await api.affiliates.reviews({ limit: 20 })).items,
    })),
  )
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { message } = textFields(await request.formData(), ['message'])
  try {
    await apiOf(context).affiliates.askForReview({ message })
  } catch (error) {
    return formFailure(error, request, { message })
  }
  return redirect(withNotice(paths.referrals(), 'review-asked'))
}

const Referrals = () => {
  const { page, reviews } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Referrals"
        description="Whoever signed up or bought through your link, newest first. Their names stay theirs."
        breadcrumb={[{ label: 'Affiliate Program', to: paths.affiliate() }]}
      />
      <Card flush>
        <DataTable
          caption="Your referrals, newest first"
          columns={COLUMNS}
          rows={page.items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="Nobody yet"
              action={<ButtonLink to={paths.affiliate()}>Go to your link</ButtonLink>}
            >
              Whoever signs up within 30 days after a click on your link appears here.
            </EmptyState>
          }
        />
        <Pagination nextCursor={page.nextCursor} />
      </Card>
      {reviews.length > 0 && (
        <Card flush title="What you asked">
          <DataTable
            caption="Your questions, newest first"
            columns={REVIEWS}
            rows={reviews}
            rowKey={({ id }) => id}
            empty={null}
          />
        </Card>
      )}
      <ReviewForm
        title="Somebody is missing?"
        hint="When they signed up, how they came by your link, and what you know of them."
        failure={failure}
      />
    </>
  )
}

export default Referrals

const COLUMNS: readonly Column<ReferralView>[] = [
  {
    header: 'Who',
    rowHeader: true,
    cell: ({ id, customer }) => <Link to={paths.referralOf(id)}>{customer.email}</Link>,
  },
  { header: 'Signed up', cell: ({ signedUpAt }) => <Time value={signedUpAt} /> },
  { header: 'Source', cell: ({ click }) => click?.source || 'Direct' },
  { header: 'Campaign', cell: ({ click }) => click?.campaign || '–' },
  { header: 'Rate', cell: ({ rate }) => `${Number(rate)} %`, numeric: true },
  {
    header: 'Earned',
    numeric: true,
    cell: ({ earned }) =>
      earned.length === 0
        ? '–'
        : earned.map((money) => (
            <div key={money.currency}>
              <Money value={money} />
            </div>
          )),
  },
]

const REVIEWS: readonly Column<ReviewView>[] = [
  { header: 'You wrote', rowHeader: true, cell: ({ message }) => message },
  { header: 'When', cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  {
    header: 'Answer',
    cell: ({ status, answer }) => (status === 'OPEN' ? <Badge tone="info">Waiting</Badge> : answer),
  },
]

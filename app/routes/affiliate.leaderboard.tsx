import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData } from '@remix-run/react'
import {
  Badge,
  Button,
  Card,
  type Column,
  DataTable,
  EmptyState,
  FormErrors,
  InputField,
  Money,
  PageHeader,
  SelectField,
} from '~/components/ui'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { Leaderboard } from '../../server/domain/affiliate/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Leaderboard')

const SHOWN = 12

export const loader = async (args: LoaderFunctionArgs) => {
  const months = lastMonths(new Date())
  const asked = new URL(args.request.url).searchParams.get('month') ?? months[0] ?? ''
  const month = months.includes(asked) ? asked : undefined
  const board = await load(args, (api) => api.growth.leaderboard(month === undefined ? {} : { month }))
  return json({ board, months, month: month ?? '' })
}

/** '2026-11' and those before it, in UTC. */
const lastMonths = (now: Date): string[] =>
  Array.from({ length: SHOWN }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  )

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { intent, publicName } = textFields(await request.formData(), ['intent', 'publicName'])
  try {
    await apiOf(context).growth.showMe({ publicName: intent === 'leave' ? null : publicName })
  } catch (error) {
    return formFailure(error, request, { publicName })
  }
  return redirect(withNotice(paths.leaderboard(), 'leaderboard-set'))
}

const Board = () => {
  const { board, months, month } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const withAmounts = board.places.some(({ earned }) => earned !== null)
  return (
    <>
      <PageHeader
        title="Leaderboard"
        description="Who brought the most customers, of those who chose to be shown. Months are of UTC."
        breadcrumb={[{ label: 'Affiliate Program', to: paths.affiliate() }]}
      />
      <Card flush>
        <Form method="get" className="filters" key={month}>
          <SelectField name="month" label="Month" defaultValue={month} optional>
            <option value="">All time</option>
            {months.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </SelectField>
          <div className="actions">
            <Button>Show</Button>
          </div>
        </Form>
        <DataTable
          caption="Affiliates by customers, the most first"
          columns={withAmounts ? [...COLUMNS, EARNED] : COLUMNS}
          rows={board.places}
          rowKey={({ name }) => name}
          empty={
            <EmptyState title="Nobody yet" action={null}>
              Whoever is on it and has a customer who paid appears here.
            </EmptyState>
          }
        />
      </Card>
      <Card
        title={board.publicName === null ? 'Be on it' : `You are on it as “${board.publicName}”`}
        description="Other affiliates see the name you choose and how many customers you brought; what you earned only where an admin has switched that on for all."
      >
        <FormErrors failure={failure} labels={{ publicName: 'Name' }} />
        <Form method="post" className="form">
          <InputField
            name="publicName"
            label="Name"
            error={failure?.fieldErrors.publicName}
            defaultValue={failure?.values.publicName ?? board.publicName ?? ''}
            minLength={2}
            maxLength={40}
            autoComplete="off"
          />
          <div className="actions">
            <Button variant="primary" name="intent" value="show">
              {board.publicName === null ? 'Show me' : 'Change the name'}
            </Button>
            {board.publicName !== null && (
              <Button name="intent" value="leave" formNoValidate>
                Leave the leaderboard
              </Button>
            )}
          </div>
        </Form>
      </Card>
    </>
  )
}

export default Board

type Place = Leaderboard['places'][number]

const COLUMNS: readonly Column<Place>[] = [
  { header: 'Place', numeric: true, cell: ({ place }) => String(place) },
  {
    header: 'Name',
    rowHeader: true,
    cell: ({ name, you }) => (
      <>
        {name} {you && <Badge tone="info">You</Badge>}
      </>
    ),
  },
  { header: 'Customers', numeric: true, cell: ({ customers }) => String(customers) },
]

const EARNED: Column<Place> = {
  header: 'Earned',
  numeric: true,
  cell: ({ earned }) =>
    (earned ?? []).map((money) => (
      <div key={money.currency}>
        <Money value={money} />
      </div>
    )),
}

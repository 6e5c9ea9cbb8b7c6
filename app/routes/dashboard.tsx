import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import {
  Card,
  type Column,
  DataTable,
  Money,
  PageHeader,
  Stat,
  StatGroup,
  type Step,
  Steps,
  Time,
} from '~/components/ui'
import { load } from '~/lib/api.server'
import { daysUntil, plural } from '~/lib/format'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('Dashboard')

export const loader = async (args: LoaderFunctionArgs) => {
  const [{ user }, workspaces, links, { balances, totalSales }, activity] = await load(args, (api) =>
    Promise.all([
      api.auth.me(),
      api.workspace.list({ limit: 1 }),
      api.affiliate.links({ limit: 1 }),
      api.affiliate.balance(),
      api.activity.list({ limit: 8 }),
    ]),
  )
  const { trialEndsAt } = user.organization
  // Counted here and not in the browser, whose clock may differ.
  const daysLeft = trialEndsAt === null ? 0 : daysUntil(trialEndsAt, args.context.api.now())
  return json({
    user,
    daysLeft,
    done: {
      workspace: workspaces.items.length > 0,
      link: links.items.length > 0,
      sale: totalSales.length > 0,
    },
    available: balances.map(({ balance }) => balance),
    activity: activity.items,
  })
}

const PLANS = { FREE: 'Free', BUSINESS: 'Business', AGENCY: 'Agency' } as const

const Dashboard = () => {
  const { user, daysLeft, done, available, activity } = useLoaderData<typeof loader>()
  const { trialEndsAt } = user.organization
  return (
    <>
      <PageHeader title={`Hello, ${user.firstName}`} description={user.organization.name} />
      <StatGroup>
        <Stat label="Plan" value={PLANS[user.planType]} note={MEANS[user.planType]} />
        {user.planType === 'BUSINESS' && daysLeft > 0 && trialEndsAt !== null && (
          <Stat
            label="Trial"
            value={`${plural(daysLeft, 'day')} left`}
            note={
              <>
                Until <Time value={trialEndsAt} />; after it nothing is deleted.{' '}
                <Link to={paths.billingUpgrade()}>See the plans</Link>
              </>
            }
          />
        )}
        {available.map((money) => (
          <Stat
            key={money.currency}
            label={`Available in ${money.currency}`}
            value={<Money value={money} />}
            note={<Link to={paths.balance()}>See the statement</Link>}
          />
        ))}
      </StatGroup>
      {user.role === 'ADMIN' && <Administration />}
      {!(done.workspace && done.link && done.sale) && (
        <Card title={user.role === 'ADMIN' ? 'If you sell yourself' : 'What to do next'}>
          <Steps steps={nextSteps(done, user.planType === 'AGENCY')} />
        </Card>
      )}
      {activity.length > 0 && (
        <Card title="Latest activity" flush>
          <DataTable
            caption="Latest activity"
            columns={ACTIVITY}
            rows={activity}
            rowKey={(line) => line.id}
            empty={null}
          />
        </Card>
      )}
      {user.role !== 'ADMIN' && (
        <p className="muted">
          No longer need this account? <Link to={paths.closeAccount()}>Close it</Link>
        </p>
      )}
    </>
  )
}

export default Dashboard

/** What an admin does is done through the HTTP interface. */
const Administration = () => (
  <Card title="You run this installation">
    <p>
      Plans are given through the <Link to={paths.apiDocs()}>HTTP interface</Link>:{' '}
      <code className="code">PATCH /api/admin/users/{'{id}'}</code> with the user id that a member sees under
      Links.
    </p>
  </Card>
)

interface ActivityLine {
  readonly id: string
  readonly description: string
  readonly createdAt: string
}

const ACTIVITY: readonly Column<ActivityLine>[] = [
  { header: 'What happened', rowHeader: true, cell: (line) => line.description },
  { header: 'When', cell: (line) => <Time value={line.createdAt} withTime /> },
]

const MEANS = {
  FREE: 'You can build one workspace, and buy copies',
  BUSINESS: 'You can build workspaces',
  AGENCY: 'You can build workspaces and sell copies',
} as const

interface Done {
  readonly workspace: boolean
  readonly link: boolean
  readonly sale: boolean
}

const nextSteps = (done: Done, agency: boolean): readonly Step[] => [
  {
    title: 'Make a workspace',
    text: 'Import one from a file, or begin with an empty one. What you bought stands there too.',
    done: done.workspace,
    to: paths.workspaces(),
  },
  {
    title: 'Make a link that sells one',
    text: `It names the workspace and its price, and freezes your rate.${agency ? '' : ' Selling takes the Agency plan, which an admin gives you.'}`,
    done: done.link,
    to: paths.links(),
  },
  {
    title: 'Sell the first copy',
    text: 'Send the link to whoever may want one. Every sale, and what you earned of it, is on the sales page.',
    done: done.sale,
    to: paths.sales(),
  },
]

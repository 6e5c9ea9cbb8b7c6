import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react'
import type { ReactNode } from 'react'
import {
  Alert,
  Badge,
  Button,
  ButtonLink,
  Card,
  type Column,
  DataTable,
  EmptyState,
  FormErrors,
  Money,
  PageHeader,
  Time,
} from '~/components/ui'
import { DIFFERENCE, differencesOf, foundBy, lookedAt, PROVIDERS } from '~/features/admin/reconciliation'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { ComparedDay, Reconciliation, SweepRun } from '../../server/domain/webhook/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Reconciliation')

export const loader = async (args: LoaderFunctionArgs) =>
  json(await load(args, (api) => api.webhook.reconciliation()))

export const action = async ({ request, context }: ActionFunctionArgs) => {
  try {
    await apiOf(context).webhook.sweep()
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.admin('reconciliation'), 'providers-swept'))
}

const ReconciliationPage = () => {
  const { providers, runs, days } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const differences = differencesOf(days)
  return (
    <>
      <PageHeader
        title="Reconciliation"
        description="Every ten minutes each provider is asked for what it did not tell us, and that is processed like any webhook. Each night its last eight days are compared with the books."
        actions={
          <Form method="post">
            <Button variant="primary">Ask the providers now</Button>
          </Form>
        }
      />
      <FormErrors failure={failure} labels={{}} />
      <Verdict providers={providers} days={days} count={differences.length} />
      {differences.length > 0 && (
        <Card
          flush
          title="What differs"
          description="Charge by charge. Nothing is corrected by itself: look the charge up at the provider, and have its events processed again, or book what is missing."
        >
          <DataTable
            caption="Charges that differ"
            columns={DIFFERENCES}
            rows={differences}
            rowKey={({ kind, charge }) => `${kind} ${charge}`}
            empty={null}
          />
        </Card>
      )}
      <Card flush title="Asked last">
        <DataTable
          caption="The last time each provider was asked"
          columns={LAST}
          rows={providers}
          rowKey={({ provider }) => provider}
          empty={
            <EmptyState
              title="No provider is switched on"
              action={<ButtonLink to={paths.admin()}>Back to the overview</ButtonLink>}
            >
              With keys of Stripe or MamoPay, payments can be taken and are compared here.
            </EmptyState>
          }
        />
      </Card>
      <Card
        flush
        title="Day by day"
        description="Days in UTC, by when the provider charged. What was given back is all that was given back of those charges by now."
      >
        <DataTable
          caption="Days, newest first"
          columns={DAYS}
          rows={days}
          rowKey={({ provider, day, charged }) => `${provider} ${day} ${charged.there.currency}`}
          empty={
            <EmptyState
              title="No day was compared yet"
              action={<ButtonLink to={paths.admin('payments')}>Show the payments</ButtonLink>}
            >
              A day with charges stands here after the night that follows it.
            </EmptyState>
          }
        />
      </Card>
      {runs.length > 0 && (
        <Card flush title="Sweeps so far" description="The last twenty, newest first.">
          <DataTable
            caption="Sweeps, newest first"
            columns={RUNS}
            rows={runs}
            rowKey={({ id }) => id}
            empty={null}
          />
        </Card>
      )}
    </>
  )
}

export default ReconciliationPage

const Verdict = ({
  providers,
  days,
  count,
}: {
  readonly providers: Reconciliation['providers']
  readonly days: readonly ComparedDay[]
  readonly count: number
}) => {
  const failing = providers.filter(({ last }) => last?.error != null)
  if (count > 0)
    return (
      <Alert
        tone="danger"
        title={count === 1 ? 'One charge differs from the books' : `${count} charges differ from the books`}
      >
        They are listed below, each with what the provider says and what the books say.
      </Alert>
    )
  if (failing.length > 0)
    return (
      <Alert
        tone="warning"
        title={`${failing.map(({ provider }) => named(provider)).join(' and ')} could not be asked`}
      >
        It is tried again every ten minutes, from where the last good sweep ended: nothing is skipped.
      </Alert>
    )
  if (days.length === 0) return null
  return (
    <Alert tone="good" title="The books agree with the providers">
      Every charge of the days below is booked with its amount, and with what was given back of it.
    </Alert>
  )
}

const named = (provider: string): string => PROVIDERS[provider] ?? provider

type Differing = ReturnType<typeof differencesOf>[number]

const DIFFERENCES: readonly Column<Differing>[] = [
  {
    header: 'Charge',
    rowHeader: true,
    cell: ({ provider, charge, paymentId, day }) => (
      <>
        {paymentId === null ? (
          <span className="break">{charge}</span>
        ) : (
          <Link to={paths.admin(`payments/${paymentId}`)} className="break">
            {charge}
          </Link>
        )}
        <p className="muted">
          {named(provider)}, {day}
        </p>
      </>
    ),
  },
  { header: 'What differs', cell: ({ kind }) => DIFFERENCE[kind] },
  {
    header: 'There',
    numeric: true,
    cell: ({ there, currency }) => <Money value={{ amount: there, currency }} />,
  },
  {
    header: 'In the books',
    numeric: true,
    cell: ({ here, currency }) => <Money value={{ amount: here, currency }} />,
  },
]

const Result = ({ run }: { readonly run: SweepRun }): ReactNode => {
  if (run.error !== null)
    return (
      <>
        <Badge tone="danger">Failed</Badge> <span className="break">{run.error}</span>
      </>
    )
  if (run.finishedAt === null) return <Badge tone="neutral">Not finished</Badge>
  return <Badge tone={run.done.aside > 0 ? 'warning' : run.found > 0 ? 'info' : 'good'}>{foundBy(run)}</Badge>
}

const LAST: readonly Column<Reconciliation['providers'][number]>[] = [
  { header: 'Provider', rowHeader: true, cell: ({ provider }) => named(provider) },
  {
    header: 'All seen up to',
    cell: ({ upto }) => (upto === null ? 'Not asked yet' : <Time value={upto} withTime />),
  },
  { header: 'Looked at', cell: ({ last }) => (last === null ? '–' : lookedAt(last)) },
  { header: 'Result', cell: ({ last }) => (last === null ? '–' : <Result run={last} />) },
]

/** Both sides where they differ, one where they do not. */
const Both = ({ of }: { readonly of: ComparedDay['charged'] }): ReactNode =>
  of.there.amount === of.here.amount ? (
    <Money value={of.there} />
  ) : (
    <>
      <Money value={of.there} />
      <p className="muted">
        in the books <Money value={of.here} />
      </p>
    </>
  )

const DAYS: readonly Column<ComparedDay>[] = [
  {
    header: 'Day',
    rowHeader: true,
    cell: ({ day, provider }) => (
      <>
        {day}
        <p className="muted">{named(provider)}</p>
      </>
    ),
  },
  { header: 'Charges', numeric: true, cell: ({ charges }) => charges.toLocaleString('en') },
  { header: 'Charged', numeric: true, cell: ({ charged }) => <Both of={charged} /> },
  { header: 'Given back', numeric: true, cell: ({ refunded }) => <Both of={refunded} /> },
  {
    header: 'Result',
    cell: ({ differences }) =>
      differences.length === 0 ? (
        <Badge tone="good">Agrees</Badge>
      ) : (
        <Badge tone="danger">{differences.length === 1 ? '1 differs' : `${differences.length} differ`}</Badge>
      ),
  },
]

const RUNS: readonly Column<SweepRun>[] = [
  {
    header: 'When',
    rowHeader: true,
    cell: ({ startedAt, provider }) => (
      <>
        <Time value={startedAt} withTime />
        <p className="muted">{named(provider)}</p>
      </>
    ),
  },
  { header: 'Looked at', cell: lookedAt },
  { header: 'Result', cell: (run) => <Result run={run} /> },
]

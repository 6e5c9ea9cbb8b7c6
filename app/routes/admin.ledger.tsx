import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData } from '@remix-run/react'
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
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { AccountBalance, Finding, Position, Proof } from '../../server/domain/reporting/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('The books')

export const loader = async (args: LoaderFunctionArgs) => json(await load(args, (api) => api.balance.books()))

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { scope } = textFields(await request.formData(), ['scope'])
  try {
    await apiOf(context).balance.prove({ scope: scope === 'incremental' ? 'incremental' : 'full' })
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.admin('ledger'), 'books-proven'))
}

const Ledger = () => {
  const { positions, runs } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const [last] = runs
  return (
    <>
      <PageHeader
        title="The books"
        description="Whether every cent is accounted for. They are proven each night, and in full each week."
        actions={<ProveNow />}
      />
      <FormErrors failure={failure} labels={{}} />
      <Verdict last={last} />
      {last !== undefined && last.violations.length > 0 && <Violations found={last.violations} />}
      {positions.length === 0 && (
        <Card title="What the accounts hold">
          <EmptyState
            title="Nothing is booked yet"
            action={<ButtonLink to={paths.admin('payments')}>Show the payments</ButtonLink>}
          >
            The first sale opens the accounts.
          </EmptyState>
        </Card>
      )}
      {positions.map((position) => (
        <Accounts key={position.currency} position={position} />
      ))}
      {runs.length > 0 && (
        <Card flush title="Proofs so far" description="The last twenty, newest first.">
          <DataTable
            caption="Proofs, newest first"
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

export default Ledger

const ProveNow = () => (
  <Form method="post" className="actions">
    <Button variant="primary" name="scope" value="full">
      Prove everything
    </Button>
    <Button name="scope" value="incremental">
      Prove what is new
    </Button>
  </Form>
)

const Verdict = ({ last }: { readonly last: Proof | undefined }) => {
  if (last === undefined)
    return (
      <Alert tone="warning" title="The books were not proven yet">
        “Prove everything” looks at every transfer and every rule, and changes nothing of them.
      </Alert>
    )
  return (
    <Alert
      tone={last.ok ? 'good' : 'danger'}
      title={last.ok ? 'The books add up' : `The books do not add up: ${last.violations.length} found`}
    >
      <p>
        Last proven <Time value={last.finishedAt} withTime />,{' '}
        {last.scope === 'FULL' ? 'in full' : 'what was new'}: {looked(last)}.
      </p>
    </Alert>
  )
}

const looked = ({ checked }: Proof): string =>
  [
    counted(checked.transfers, 'transfer', 'transfers'),
    counted(checked.entries, 'entry', 'entries'),
    counted(checked.accounts, 'account', 'accounts'),
    counted(checked.seals, 'seal', 'seals'),
    counted(checked.invariants, 'rule', 'rules'),
  ].join(', ')

const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** What one thing to do mends stands together. */
const Violations = ({ found }: { readonly found: readonly Finding[] }) => (
  <Card
    title="What does not add up"
    description="Amounts are in the smallest unit of their currency, such as cents."
  >
    <div className="stack">
      {[...new Set(found.map(({ todo }) => todo))].map((todo) => (
        <section key={todo} className="stack">
          <p>
            <strong>What to do:</strong> {todo}
          </p>
          <ul className="plain">
            {found
              .filter((one) => one.todo === todo)
              .map(({ id, subject, problem, name }) => (
                <li key={`${id} ${subject} ${problem}`} className="break">
                  <strong>{subject}</strong>: {problem}
                  <p className="muted">
                    Should be: {name} ({id})
                  </p>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  </Card>
)

const NAMES: Readonly<Record<string, string>> = {
  revenue: 'Revenue',
  fees: 'Fees of providers',
  tax: 'Tax',
  paid_out: 'Paid out by hand',
  adjustments: 'Adjustments',
  available: 'Users: available',
  pending: 'Users: pending',
  withdrawing: 'Users: in withdrawal',
}

const PROVIDERS: Readonly<Record<string, string>> = { stripe: 'Stripe', mamopay: 'MamoPay' }

const TOTAL = 'total'

const nameOf = ({ kind, name, balance }: AccountBalance): ReactNode => {
  if (kind === 'provider') return `Held at ${PROVIDERS[name] ?? name}`
  if (kind !== TOTAL) return NAMES[kind] ?? kind
  const sum = <strong>All of them together</strong>
  return balance.amount === 0 ? (
    <>
      {sum} <Badge tone="good">Zero, as it must be</Badge>
    </>
  ) : (
    <>
      {sum} <Badge tone="danger">This must be zero</Badge>
    </>
  )
}

const BALANCES: readonly Column<AccountBalance>[] = [
  { header: 'Account', rowHeader: true, cell: nameOf },
  {
    header: 'Balance',
    numeric: true,
    cell: ({ kind, balance }) =>
      kind === TOTAL ? (
        <strong>
          <Money value={balance} />
        </strong>
      ) : (
        <Money value={balance} />
      ),
  },
]

const Accounts = ({ position }: { readonly position: Position }) => {
  const { currency, platform, owed, total } = position
  return (
    <Card
      flush
      title={`What the accounts hold in ${currency}`}
      description="Money that came in stands below zero, whom it belongs to above: together they are zero."
    >
      <DataTable
        caption={`Accounts in ${currency}`}
        columns={BALANCES}
        rows={[...platform, ...owed, { kind: TOTAL, name: '', balance: total }]}
        rowKey={({ kind, name }) => `${kind} ${name}`}
        empty={null}
      />
    </Card>
  )
}

const RUNS: readonly Column<Proof>[] = [
  { header: 'When', rowHeader: true, cell: ({ startedAt }) => <Time value={startedAt} withTime /> },
  { header: 'What', cell: ({ scope }) => (scope === 'FULL' ? 'Everything' : 'What was new') },
  { header: 'Looked at', cell: looked },
  {
    header: 'Result',
    cell: ({ ok, violations }) =>
      ok ? <Badge tone="good">Adds up</Badge> : <Badge tone="danger">{violations.length} found</Badge>,
  },
]

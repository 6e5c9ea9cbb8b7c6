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
  FormErrors,
  Money,
  PageHeader,
  Pagination,
  Stat,
  StatGroup,
  Time,
  useHydrated,
} from '~/components/ui'
import { explanationOf } from '~/features/money/commissions'
import { apiFilter, LINE_TYPES, lineWords, readFilter, readMonth, readZone } from '~/features/money/statement'
import { StatementDownloads } from '~/features/money/statement-downloads'
import { StatementFilters } from '~/features/money/statement-filters'
import { WithdrawalList } from '~/features/money/withdrawal-list'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths, withQuery } from '~/lib/paths'
import type { Balance, Transaction } from '../../server/domain/balance/schemas'

export const meta: MetaFunction = () => pageTitle('Balance')

export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const filter = readFilter(search)
  const timezone = readZone(search)
  const asked = apiFilter(filter, timezone)
  const cursor = search.get('cursor') ?? undefined
  return json({
    filter,
    timezone: search.has('timezone') ? timezone : null,
    month: readMonth(search, new Date()),
    monthCurrency: search.get('monthCurrency'),
    csv: paths.transactionsCsv(asked),
    ...(await load(args, async (api) => ({
      balances: await api.balance.get(),
      withdrawals: (await api.payout.list({ limit: 100 })).items,
      statement: await api.balance.transactions({ ...asked, limit: 50, cursor }),
    }))),
  })
}

/** A withdrawal's request is taken back, or the statement of a month issued. */
export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { id, ...asked } = textFields(await request.formData(), ['id', 'month', 'currency', 'timezone'])
  const { month, currency, timezone } = asked
  try {
    if (month === '') await apiOf(context).payout.cancel({ id })
    else await apiOf(context).balance.issueStatement({ month, currency, timezone })
  } catch (error) {
    return formFailure(error, request)
  }
  if (month === '') return redirect(withNotice(paths.balance(), 'withdrawal-cancelled'))
  const chosen = withQuery(paths.balance(), { month, monthCurrency: currency, timezone })
  return redirect(withNotice(chosen, 'statement-issued'))
}

const BalancePage = () => {
  const failure = useActionData<typeof action>()
  const { balances, withdrawals, statement, filter, csv, ...asked } = useLoaderData<typeof loader>()
  const hydrated = useHydrated()
  const timezone = asked.timezone ?? (hydrated ? Intl.DateTimeFormat().resolvedOptions().timeZone : 'UTC')
  const currencies = balances.map(({ currency }) => currency)
  const monthCurrency = currencies.find((code) => code === asked.monthCurrency) ?? currencies[0]
  const filtered = Object.keys(filter).length > 0
  const none = balances.length === 0
  return (
    <>
      <PageHeader
        title="Balance"
        description="What the platform owes you, each currency by itself."
        actions={
          <>
            <ButtonLink to={paths.commissions({})}>Commissions</ButtonLink>
            <ButtonLink to={paths.sales()}>Sales</ButtonLink>
            <ButtonLink to={paths.payoutMethod()}>Payout details</ButtonLink>
            <ButtonLink to={paths.tax()}>Tax details</ButtonLink>
          </>
        }
      />
      <FormErrors failure={failure} labels={{}} />
      {balances.map((balance) => (
        <Figures key={balance.currency} balance={balance} />
      ))}
      {!none && <Explanation />}
      {!none && <WithdrawalList withdrawals={withdrawals} />}
      <Card
        flush
        title="Statement"
        description="Every movement of your available balance. A line is never changed; what was wrong is set right by a further one."
        actions={
          !none && (
            <ButtonLink to={csv} reload>
              Download CSV
            </ButtonLink>
          )
        }
      >
        {!none && <StatementFilters filter={filter} currencies={currencies} timezone={timezone} />}
        <DataTable
          caption="Your statement, newest first"
          columns={COLUMNS}
          rows={statement.items}
          rowKey={({ id }) => id}
          empty={filtered ? <NothingFound /> : <NothingYet />}
        />
        <Pagination nextCursor={statement.nextCursor} />
      </Card>
      {monthCurrency !== undefined && (
        <StatementDownloads
          currencies={currencies}
          currency={monthCurrency}
          month={asked.month}
          timezone={timezone}
        />
      )}
    </>
  )
}

export default BalancePage

const Figures = ({ balance }: { readonly balance: Balance }) => (
  <section aria-label={`Balance in ${balance.currency}`}>
    <StatGroup>
      <Stat
        label={`Available in ${balance.currency}`}
        value={<Money value={balance.balance} />}
        note={
          balance.balance.amount < 0 ? 'Below zero after refunds; what you earn next fills it up' : undefined
        }
      />
      <Stat label="Pending" value={<Money value={balance.pendingCommissions} />} />
      <Stat label="In withdrawal" value={<Money value={balance.inWithdrawal} />} />
      <Stat label="Earned in all" value={<Money value={balance.totalEarned} />} />
    </StatGroup>
    {balance.balance.amount > 0 && (
      <div className="actions">
        <ButtonLink to={paths.withdraw(balance.currency)} variant="primary">
          Withdraw {balance.currency}
        </ButtonLink>
      </div>
    )}
  </section>
)

const Explanation = () => (
  <p className="muted explanation">
    <strong>Pending</strong> is earned but still held, in case a payment is given back. When the hold is over
    it becomes <strong>available</strong>: yours to be paid out. <strong>In withdrawal</strong> you asked for,
    and it is on its way. <strong>Earned in all</strong> counts what was credited, less what refunds took
    back.
  </p>
)

const COLUMNS: readonly Column<Transaction>[] = [
  {
    header: 'What',
    rowHeader: true,
    cell: (line) => <What line={line} />,
  },
  { header: 'Type', cell: ({ type }) => <Badge>{LINE_TYPES[type]}</Badge> },
  { header: 'Date', cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  { header: 'Amount', numeric: true, cell: ({ amount }) => <Money value={amount} signed /> },
  { header: 'Balance after', numeric: true, cell: ({ balanceAfter }) => <Money value={balanceAfter} /> },
]

/** What is about a commission leads to why it is as high as it is. */
const What = ({ line }: { readonly line: Transaction }) => {
  const explained = explanationOf(line)
  return explained === null ? lineWords(line) : <Link to={explained}>{lineWords(line)}</Link>
}

const NothingFound = () => (
  <EmptyState
    title="Nothing fits these filters"
    action={<ButtonLink to={paths.balance()}>Show everything</ButtonLink>}
  >
    Choose a longer time or another type.
  </EmptyState>
)

const NothingYet = () => (
  <EmptyState
    title="No movements yet"
    action={
      <ButtonLink to={paths.links()} variant="primary">
        Go to your links
      </ButtonLink>
    }
  >
    Your share of the first sale through one of your links will be the first line.
  </EmptyState>
)

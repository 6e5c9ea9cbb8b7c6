import { BarChart, ButtonLink, Card, type Column, DataTable, Money, Stat, StatGroup } from '~/components/ui'
import { decimalText, formatDate, formatMoney, formatNumber } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { AffiliateDashboard, DashboardSource } from '../../../server/domain/affiliate/schemas'
import { DashboardFilter } from './dashboard-filter'

type Part = AffiliateDashboard['series'][number]

/** What an affiliate's links brought: all of it, then a stretch of time against the one before, then where from. */
export const Dashboard = ({ shown }: { readonly shown: AffiliateDashboard }) => (
  <>
    <StatGroup>
      <Stat label="Total Referrals" value={formatNumber(shown.affiliate.totalReferrals)} />
      <Stat
        label="Pending Earnings"
        value={<Amounts of={shown.affiliate.pendingEarnings} />}
        note="Credited when their hold or dispute is over"
      />
      <Stat
        label="Total Earnings"
        value={<Amounts of={shown.affiliate.totalEarnings} />}
        note="Less what was refunded"
      />
    </StatGroup>
    <Card
      title="Over time"
      description={`${stretch(shown)}, against ${before(shown)}. Days are of ${shown.timezone}.`}
    >
      <DashboardFilter shown={shown} />
      <StatGroup>
        <Stat
          label="Clicks"
          value={formatNumber(shown.clicks)}
          note={was(formatNumber(shown.previous.clicks))}
        />
        <Stat
          label="Sign-ups"
          value={formatNumber(shown.signups)}
          note={was(formatNumber(shown.previous.signups))}
        />
        <Stat
          label="Conversions"
          value={formatNumber(shown.conversions)}
          note={was(formatNumber(shown.previous.conversions))}
        />
        <Stat label="Sign-up rate" value={rate(shown.signupRate)} note="Of the clicks" />
        <Stat label="Conversion rate" value={rate(shown.conversionRate)} note="Of the clicks" />
        <Stat
          label="Earnings"
          value={<Amounts of={shown.earnings} />}
          note={was(amountsText(shown.previous.earnings))}
        />
      </StatGroup>
      <div className="charts">
        <BarChart
          title="Clicks"
          summary={`${formatNumber(shown.clicks)} in all`}
          bars={shown.series.map((part) => ({
            name: partName(part, shown),
            value: part.clicks,
            shown: formatNumber(part.clicks),
          }))}
        />
        {currenciesOf(shown).map((currency) => (
          <BarChart
            key={currency}
            title={`Earnings, ${currency}`}
            summary={`${formatMoney(amountIn(shown.earnings, currency))} in all`}
            bars={shown.series.map((part) => {
              const money = amountIn(part.earnings, currency)
              return {
                name: partName(part, shown),
                value: Number(decimalText(money)),
                shown: formatMoney(money),
              }
            })}
          />
        ))}
      </div>
      <details className="as-table">
        <summary>The same as a table</summary>
        <DataTable
          caption={`Clicks, sign-ups, conversions and earnings by ${shown.unit}`}
          columns={partColumns(shown)}
          rows={shown.series}
          rowKey={({ from }) => from}
          empty={null}
        />
      </details>
    </Card>
    <Sources title="Sources" what="source" rows={shown.sources} unsaid="Direct" />
    <Sources title="Mediums" what="medium" rows={shown.mediums} unsaid="Not said" />
    <Sources title="Campaigns" what="campaign" rows={shown.campaigns} unsaid="None" />
    <Sources title="Landing pages" what="landing page" rows={shown.landingPages} unsaid="Not said" />
    <div className="actions">
      <ButtonLink to={paths.referrals()}>Referrals</ButtonLink>
      <ButtonLink to={paths.coupons()}>Codes</ButtonLink>
      <ButtonLink to={paths.materials()}>Materials</ButtonLink>
      <ButtonLink to={paths.leaderboard()}>Leaderboard</ButtonLink>
      <ButtonLink to={paths.commissions({})}>Commissions</ButtonLink>
      <ButtonLink to={paths.balance()}>Balance, statement and withdrawals</ButtonLink>
    </div>
  </>
)

interface SourcesProps {
  readonly title: string
  readonly what: string
  readonly rows: readonly DashboardSource[]
  /** What it is called where nothing was said. */
  readonly unsaid: string
}

const Sources = ({ title, what, rows, unsaid }: SourcesProps) => (
  <Card flush title={title}>
    <DataTable
      caption={`What each ${what} brought`}
      columns={[
        { header: title, cell: ({ name }) => (name === '' ? unsaid : name), rowHeader: true },
        { header: 'Clicks', cell: ({ clicks }) => formatNumber(clicks), numeric: true },
        { header: 'Sign-ups', cell: ({ signups }) => formatNumber(signups), numeric: true },
        { header: 'Conversions', cell: ({ conversions }) => formatNumber(conversions), numeric: true },
      ]}
      rows={rows}
      rowKey={({ name }) => name}
      empty={
        <p className="empty-line">
          Nothing in this time. Share your link; to tell campaigns apart, add utm_source, utm_medium and
          utm_campaign to it.
        </p>
      }
    />
  </Card>
)

const partColumns = (shown: AffiliateDashboard): Column<Part>[] => [
  { header: UNITS[shown.unit], cell: (part) => partName(part, shown), rowHeader: true },
  { header: 'Clicks', cell: ({ clicks }) => formatNumber(clicks), numeric: true },
  { header: 'Sign-ups', cell: ({ signups }) => formatNumber(signups), numeric: true },
  { header: 'Conversions', cell: ({ conversions }) => formatNumber(conversions), numeric: true },
  { header: 'Earnings', cell: ({ earnings }) => <Amounts of={earnings} />, numeric: true },
]

const UNITS = { hour: 'Hour', day: 'Day', month: 'Month' } as const

type Amounts = AffiliateDashboard['earnings']

/** Sums of different currencies, one under the other; never one number. */
const Amounts = ({ of }: { readonly of: Amounts }) =>
  of.length === 0 ? (
    <>–</>
  ) : (
    of.map((money) => (
      <div key={money.currency}>
        <Money value={money} />
      </div>
    ))
  )

const amountsText = (of: Amounts): string =>
  of.length === 0 ? '–' : of.map((money) => formatMoney(money)).join(', ')

const amountIn = (of: Amounts, currency: string) =>
  of.find((money) => money.currency === currency) ?? { amount: 0, currency }

const currenciesOf = (shown: AffiliateDashboard): string[] => [
  ...new Set(shown.series.flatMap(({ earnings }) => earnings.map(({ currency }) => currency))),
]

const was = (text: string): string => `${text} before`
const rate = (value: string | null): string => (value === null ? '–' : `${value} %`)

/** '14:00', '21 Nov 2026' or 'Nov 2026'. */
const partName = ({ from }: Part, { unit, timezone }: AffiliateDashboard): string => {
  if (unit === 'hour') return formatDate(from, timezone, true).replace(/^.*, (\d\d:\d\d).*$/, '$1')
  const day = formatDate(from, timezone)
  return unit === 'month' ? day.replace(/^\d+ /, '') : day
}

const stretch = ({ period, timezone }: AffiliateDashboard): string => between(period, timezone)
const before = ({ previous, timezone }: AffiliateDashboard): string => between(previous, timezone)

/** The last day is the one that holds the last moment. */
const between = ({ from, to }: { from: string; to: string }, timezone: string): string => {
  const [first, last] = [
    formatDate(from, timezone),
    formatDate(new Date(Date.parse(to) - 1).toISOString(), timezone),
  ]
  return first === last ? first : `${first} to ${last}`
}

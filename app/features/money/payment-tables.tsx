import type { ReactNode } from 'react'
import { Badge, Card, type Column, DataTable, Money, Time, type Tone } from '~/components/ui'
import type { InspectedPayment } from '../../../server/domain/payment/schemas'

type Commission = InspectedPayment['commissions'][number]
type Refund = InspectedPayment['refunds'][number]
type Dispute = InspectedPayment['disputes'][number]
type Transfer = InspectedPayment['transfers'][number]

/** SALE → Sale, PARTIALLY_REVERSED → Partially reversed. */
const spoken = (code: string): string =>
  `${code.slice(0, 1)}${code.slice(1).toLowerCase().replaceAll('_', ' ')}`

const TONES: Readonly<Record<string, Tone>> = {
  CREDITED: 'good',
  SUCCEEDED: 'good',
  WON: 'good',
  PARTIALLY_REVERSED: 'warning',
  PENDING: 'warning',
  REQUESTED: 'warning',
  OPEN: 'danger',
  LOST: 'danger',
  FAILED: 'danger',
}
const Code = ({ code }: { readonly code: string }) => (
  <Badge tone={TONES[code] ?? 'neutral'}>{spoken(code)}</Badge>
)
const orDash = (amount: { amount: number; currency: string }): ReactNode =>
  amount.amount === 0 ? '–' : <Money value={amount} />

/** What the payment earned whom, and what of it was taken back. */
export const Commissions = ({ rows }: { readonly rows: readonly Commission[] }) => (
  <Card flush={rows.length > 0} title="Shares">
    <DataTable
      caption="Shares of this payment"
      columns={COMMISSION_COLUMNS}
      rows={rows}
      rowKey={({ id }) => id}
      empty={<p className="muted">Nobody earned a share of this payment.</p>}
    />
  </Card>
)

const COMMISSION_COLUMNS: readonly Column<Commission>[] = [
  { header: 'Who', rowHeader: true, cell: ({ who }) => who },
  { header: 'For', cell: ({ kind }) => spoken(kind) },
  { header: 'State', cell: ({ status }) => <Code code={status} /> },
  { header: 'Rate', numeric: true, cell: ({ ratePercentage }) => `${ratePercentage} %` },
  { header: 'Share', numeric: true, cell: ({ amount }) => <Money value={amount} /> },
  { header: 'Taken back', numeric: true, cell: ({ reversed }) => orDash(reversed) },
  { header: 'Held', numeric: true, cell: ({ held }) => orDash(held) },
]

export const Refunds = ({ rows }: { readonly rows: readonly Refund[] }) =>
  rows.length === 0 ? null : (
    <Card flush title="Refunds">
      <DataTable
        caption="Refunds of this payment"
        columns={REFUND_COLUMNS}
        rows={rows}
        rowKey={({ id }) => id}
        empty={null}
      />
    </Card>
  )

const REFUND_COLUMNS: readonly Column<Refund>[] = [
  { header: 'When', rowHeader: true, cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  { header: 'State', cell: ({ status }) => <Code code={status} /> },
  { header: 'Why', cell: ({ reason }) => reason ?? 'Made at the provider' },
  { header: 'Reference', cell: ({ reference }) => <Reference text={reference} /> },
  { header: 'Amount', numeric: true, cell: ({ amount }) => <Money value={amount} /> },
]

export const Disputes = ({ rows }: { readonly rows: readonly Dispute[] }) =>
  rows.length === 0 ? null : (
    <Card flush title="Disputes">
      <DataTable
        caption="Disputes of this payment"
        columns={DISPUTE_COLUMNS}
        rows={rows}
        rowKey={({ id }) => id}
        empty={null}
      />
    </Card>
  )

const DISPUTE_COLUMNS: readonly Column<Dispute>[] = [
  { header: 'When', rowHeader: true, cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  { header: 'State', cell: ({ status }) => <Code code={status} /> },
  { header: 'Reference', cell: ({ reference }) => <Reference text={reference} /> },
  { header: 'Amount', numeric: true, cell: ({ amount }) => <Money value={amount} /> },
]

const Reference = ({ text }: { readonly text: string | null }) =>
  text === null ? <span className="muted">–</span> : <span className="code">{text}</span>

/** All that was posted for the payment and its shares: each transfer's amounts sum to nothing. */
export const Transfers = ({ rows }: { readonly rows: readonly Transfer[] }) => (
  <Card
    flush={rows.length > 0}
    title="In the books"
    description="Every transfer moves as much out of accounts as into others; written once, never changed."
  >
    <DataTable
      caption="What was posted, oldest first"
      columns={TRANSFER_COLUMNS}
      rows={rows.flatMap(({ entries, ...transfer }) =>
        entries.map((entry, i) => ({ ...transfer, ...entry, key: `${transfer.id}.${i}` })),
      )}
      rowKey={({ key }) => key}
      empty={<p className="muted">Nothing was paid, so nothing was posted.</p>}
    />
  </Card>
)

interface EntryRow {
  readonly id: string
  readonly kind: string
  readonly createdAt: string
  readonly account: string
  readonly amount: { readonly amount: number; readonly currency: string }
  readonly key: string
}

const TRANSFER_COLUMNS: readonly Column<EntryRow>[] = [
  {
    header: 'What',
    rowHeader: true,
    cell: ({ kind, id }) => `${spoken(kind.toUpperCase())}, no. ${id}`,
  },
  { header: 'When', cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  { header: 'Account', cell: ({ account }) => account.replaceAll('_', ' ') },
  { header: 'Amount', numeric: true, cell: ({ amount }) => <Money value={amount} /> },
]

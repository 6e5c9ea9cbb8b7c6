import { Card, type Column, DataTable, Money, Time } from '~/components/ui'
import type { CommissionExplanation } from '../../../server/domain/payment/schemas'
import { eventWords } from './commissions'

type TakenBackEvent = CommissionExplanation['takenBack'][number]
type Booked = CommissionExplanation['booked'][number]

/** Refunds and disputes of the payment, with their days. */
export const TakenBack = ({ events }: { readonly events: readonly TakenBackEvent[] }) => (
  <Card
    flush
    title="Refunds and disputes"
    description="What the buyer got back or claims. Your commission goes back in the same proportion as the base."
  >
    <DataTable
      caption="Refunds and disputes of the payment, oldest first"
      columns={EVENTS}
      rows={events}
      rowKey={({ what, at, amount }) => `${what}${at}${amount.amount}`}
      empty={<p className="empty-line">None: nothing of this payment was given back.</p>}
    />
  </Card>
)

const EVENTS: readonly Column<TakenBackEvent>[] = [
  { header: 'What', rowHeader: true, cell: ({ what, status }) => eventWords(what, status) },
  { header: 'Begun', cell: ({ at }) => <Time value={at} withTime /> },
  { header: 'Last news', cell: ({ changedAt }) => <Time value={changedAt} withTime /> },
  { header: 'Of the payment', numeric: true, cell: ({ amount }) => <Money value={amount} /> },
]

/** What was booked of one commission. */
export const BookedLines = ({ booked }: { readonly booked: readonly Booked[] }) => (
  <Card flush title="What was booked" description="Of this commission alone, on your balance.">
    <DataTable
      caption="What was booked of this commission, oldest first"
      columns={BOOKED}
      rows={booked}
      rowKey={({ account, at, amount, lineId }) => `${lineId}${account}${at}${amount.amount}`}
      empty={<p className="empty-line">Nothing yet.</p>}
    />
  </Card>
)

const BOOKED: readonly Column<Booked>[] = [
  { header: 'What', rowHeader: true, cell: ({ notes }) => notes },
  { header: 'Date', cell: ({ at }) => <Time value={at} withTime /> },
  {
    header: 'Where',
    cell: ({ account, lineId }) => (account === 'pending' ? 'Pending' : `Available, line ${lineId}`),
  },
  { header: 'Amount', numeric: true, cell: ({ amount }) => <Money value={amount} signed /> },
]

import { Form } from '@remix-run/react'
import {
  Button,
  ButtonLink,
  Card,
  type Column,
  Confirm,
  DataTable,
  EmptyState,
  Money,
  Time,
} from '~/components/ui'
import { paths, withQuery } from '~/lib/paths'
import type { BatchView } from '../../../server/domain/payout/schemas'

interface PayoutBatchesProps {
  readonly batches: readonly BatchView[]
  /** Where the older ones are; null: there are none. */
  readonly older: string | null
}

/** What is paid by hand is taken in batches: here one is made, and each is downloaded as often as it is needed. */
export const PayoutBatches = ({ batches, older }: PayoutBatchesProps) => (
  <Card
    flush
    title="Batches to pay"
    description="For PayPal, a bank or by hand. Each approved withdrawal is in one batch only, so that nobody pays it twice."
  >
    <div className="filters">
      <Confirm
        label="Make a batch"
        question={
          <p>
            Every approved withdrawal that is paid by hand goes into it and is “being paid” from then on: it
            can no longer be put on hold or rejected. Your name is noted. Then download the file, which has
            the payout details in clear, pay what is in it, and mark each withdrawal paid or failed.
          </p>
        }
      >
        <Form method="post">
          <Button name="intent" value="batch">
            Make a batch now
          </Button>
        </Form>
      </Confirm>
    </div>
    <DataTable
      caption="Batches, newest first"
      columns={COLUMNS}
      rows={batches}
      rowKey={({ id }) => id}
      empty={
        <EmptyState
          title="No batches yet"
          action={
            <ButtonLink to={withQuery(paths.admin('withdrawals'), { status: 'APPROVED' })}>
              Show what is approved
            </ButtonLink>
          }
        >
          Approve withdrawals, then make a batch of them here.
        </EmptyState>
      }
    />
    {older !== null && (
      <nav className="pagination" aria-label="Older batches">
        <ButtonLink to={older}>Older batches</ButtonLink>
      </nav>
    )}
  </Card>
)

const COLUMNS: readonly Column<BatchView>[] = [
  { header: 'Made', rowHeader: true, cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  { header: 'By', cell: ({ madeBy }) => madeBy },
  {
    header: 'Withdrawals',
    cell: ({ withdrawals, open }) => (
      <>
        {withdrawals}
        <p className="muted">
          {open === 0 ? 'all paid or failed' : `${open} still to be marked paid or failed`}
        </p>
      </>
    ),
  },
  {
    header: 'To pay',
    numeric: true,
    cell: ({ toPay }) =>
      toPay.map((money) => (
        <p key={money.currency}>
          <Money value={money} />
        </p>
      )),
  },
  {
    header: 'File',
    cell: ({ id }) => (
      <ButtonLink to={paths.payoutBatchCsv(id)} reload>
        Download CSV
      </ButtonLink>
    ),
  },
]

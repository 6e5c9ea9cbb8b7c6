import { Form } from '@remix-run/react'
import {
  Badge,
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
import { paths } from '~/lib/paths'
import type { WithdrawalView } from '../../../server/domain/payout/schemas'
import { methodWords, WITHDRAWAL_STATUS } from './withdrawals'

/** One's own withdrawals; what waits for approval can be taken back. */
export const WithdrawalList = ({ withdrawals }: { readonly withdrawals: readonly WithdrawalView[] }) => (
  <Card flush title="Withdrawals" description="What you asked to be paid, newest first.">
    <DataTable
      caption="Your withdrawals, newest first"
      columns={COLUMNS}
      rows={withdrawals}
      rowKey={({ id }) => id}
      empty={
        <EmptyState
          title="No withdrawals yet"
          action={<ButtonLink to={paths.payoutMethod()}>Add payout details</ButtonLink>}
        >
          Once your available balance reaches the minimum you can ask for it to be paid out.
        </EmptyState>
      }
    />
  </Card>
)

const COLUMNS: readonly Column<WithdrawalView>[] = [
  { header: 'Requested', rowHeader: true, cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  { header: 'To', cell: ({ method }) => methodWords(method) },
  { header: 'State', cell: (withdrawal) => <State withdrawal={withdrawal} /> },
  {
    header: 'Amount',
    numeric: true,
    cell: ({ amount, fee }) => <AmountAndFee amount={amount} fee={fee} getter="You get" />,
  },
  { header: 'Change', cell: (withdrawal) => <Cancel withdrawal={withdrawal} /> },
]

/** What was asked for and, where something is kept of it, what that leaves. */
export const AmountAndFee = ({
  amount,
  fee,
  getter,
}: Pick<WithdrawalView, 'amount' | 'fee'> & { readonly getter: string }) => (
  <>
    <Money value={amount} />
    {fee.amount > 0 && (
      <p className="muted">
        Fee <Money value={fee} />
        <br />
        {getter} <Money value={{ ...amount, amount: amount.amount - fee.amount }} />
      </p>
    )}
  </>
)

/** The state with what there is to say about it. */
export const State = ({ withdrawal }: { readonly withdrawal: WithdrawalView }) => {
  const { words, tone } = WITHDRAWAL_STATUS[withdrawal.status]
  const { reason, reference, sentThrough, sentAt } = withdrawal
  return (
    <>
      <Badge tone={tone}>{words}</Badge>
      {sentThrough !== null && sentAt !== null && (
        <p className="muted">
          Sent to {sentThrough} on <Time value={sentAt} withTime />
        </p>
      )}
      {reason !== null && <p className="muted">{reason}</p>}
      {reference !== null && <p className="muted">Reference: {reference}</p>}
    </>
  )
}

const Cancel = ({ withdrawal }: { readonly withdrawal: WithdrawalView }) =>
  withdrawal.status === 'REQUESTED' ? (
    <Confirm
      label="Take back"
      question={<p>The request ends, and the money is available again at once. You can ask again later.</p>}
    >
      <Form method="post" action={paths.balance()}>
        <input type="hidden" name="id" value={withdrawal.id} />
        <Button variant="danger" name="intent" value="cancel">
          Take it back
        </Button>
      </Form>
    </Confirm>
  ) : (
    <span className="muted">–</span>
  )

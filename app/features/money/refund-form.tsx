import { Form } from '@remix-run/react'
import { Button, Card, FormErrors, InputField, Money, TextareaField } from '~/components/ui'
import { decimalText } from '~/lib/format'
import type { FormFailure } from '~/lib/forms'
import type { InspectedPayment } from '../../../server/domain/payment/schemas'

interface RefundFormProps {
  /** Null: nothing can be refunded. */
  readonly refund: InspectedPayment['refund']
  /** The amount somebody asked to look at, and what is wrong with it. */
  readonly typed: string | null
  readonly fault: string | null
  readonly failure: FormFailure | undefined
  readonly attempt: string
}

/** Gives money back: first the amount, then what that takes back from whom, then the reason. */
export const RefundForm = ({ refund, typed, fault, failure, attempt }: RefundFormProps) => (
  <Card title="Refund">
    {refund === null ? (
      <p className="muted">
        Nothing can be refunded: it is given back already, being given back, or disputed with the bank.
      </p>
    ) : (
      <div className="stack">
        <FormErrors failure={failure} labels={{ reason: 'Reason', amount: 'Amount' }} />
        <Form method="get" className="form" preventScrollReset>
          <InputField
            name="amount"
            label={`Amount in ${refund.left.currency}`}
            inputMode="decimal"
            autoComplete="off"
            key={typed ?? ''}
            defaultValue={typed ?? decimalText(refund.amount)}
            error={fault ?? undefined}
            hint={
              <>
                At most <Money value={refund.left} />, which is what is left.
              </>
            }
          />
          <div className="actions">
            <Button>Show what this takes back</Button>
          </div>
        </Form>
        {fault === null && <Consequences refund={refund} failure={failure} attempt={attempt} />}
      </div>
    )}
  </Card>
)

const KINDS: Readonly<Record<string, string>> = {
  SALE: 'the seller',
  REFERRAL: 'who referred the buyer',
  OVERRIDE: 'who recruited the affiliate',
}

const Consequences = ({
  refund,
  failure,
  attempt,
}: {
  readonly refund: NonNullable<InspectedPayment['refund']>
  readonly failure: FormFailure | undefined
  readonly attempt: string
}) => (
  <Form method="post" className="form">
    <p>
      The buyer gets <Money value={refund.amount} /> back. It comes from:
    </p>
    <ul>
      {refund.shares.map(({ who, kind, takenBack }) => (
        <li key={`${who} ${kind}`}>
          <Money value={takenBack} /> of {who}, {KINDS[kind] ?? kind.toLowerCase()}. A balance that does not
          cover it goes below zero.
        </li>
      ))}
      {refund.tax.amount > 0 && (
        <li>
          <Money value={refund.tax} /> of the tax
        </li>
      )}
      {refund.platform.amount > 0 && (
        <li>
          <Money value={refund.platform} /> of the platform’s own share
        </li>
      )}
    </ul>
    <p>
      {refund.freezes
        ? 'With it the whole payment is given back, so the copy is frozen: its owner can read and export it. '
        : ''}
      Buyer and seller are mailed. It cannot be called back from here.
    </p>
    <input type="hidden" name="amount" value={refund.amount.amount} />
    <input type="hidden" name="attempt" value={attempt} />
    <TextareaField
      name="reason"
      label="Reason"
      hint="For the log."
      rows={2}
      maxLength={500}
      error={failure?.fieldErrors.reason}
      defaultValue={failure?.values.reason}
    />
    <div className="actions">
      <Button variant="danger">
        Refund <Money value={refund.amount} />
      </Button>
    </div>
  </Form>
)

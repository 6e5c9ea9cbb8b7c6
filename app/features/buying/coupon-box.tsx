import { Form } from '@remix-run/react'
import { Button, InputField, Money } from '~/components/ui'
import type { EnteredCoupon } from '../../../server/domain/affiliate/schemas'

export interface Entered {
  /** As it was typed. */
  readonly typed: string
  /** Null: it does not count here. */
  readonly coupon: EnteredCoupon | null
  /** Why it does not. */
  readonly problem: string | null
}

/** A code of somebody's, entered before going on to pay; it works by the page's address alone. */
export const CouponBox = ({ entered }: { readonly entered: Entered }) => (
  <Form method="get" className="form coupon" preventScrollReset>
    {entered.coupon !== null && (
      <p role="status">
        <strong>{entered.coupon.code}</strong>: {entered.coupon.words}.
        {entered.coupon.due !== null && (
          <>
            {' '}
            You pay <Money value={entered.coupon.due} /> now.
          </>
        )}
      </p>
    )}
    <InputField
      name="coupon"
      label="Discount code"
      defaultValue={entered.typed}
      error={entered.problem ?? undefined}
      autoComplete="off"
      maxLength={200}
      optional
    />
    <div className="actions">
      <Button>{entered.coupon === null ? 'Apply' : 'Change'}</Button>
    </div>
  </Form>
)

import { Form } from '@remix-run/react'
import type { ReactNode } from 'react'
import { Badge, Button, type Column, Confirm, DataTable, Time, type Tone } from '~/components/ui'
import type { CouponView } from '../../../server/domain/affiliate/schemas'
import { SCOPES } from './coupon-form'

const STATES: Readonly<Record<CouponView['state'], { words: string; tone: Tone }>> = {
  ACTIVE: { words: 'Counts', tone: 'good' },
  EXPIRED: { words: 'Time is over', tone: 'neutral' },
  USED_UP: { words: 'Used up', tone: 'neutral' },
  ENDED: { words: 'Ended', tone: 'neutral' },
}

/** Codes, newest first, each with what it takes off and the button that ends it. */
export const CouponTable = ({
  coupons,
  empty,
  withOwner = false,
}: {
  readonly coupons: readonly CouponView[]
  readonly empty: ReactNode
  readonly withOwner?: boolean
}) => (
  <DataTable
    caption="Discount codes, newest first"
    columns={withOwner ? [...FIRST, OWNER, ...REST] : [...FIRST, ...REST]}
    rows={coupons}
    rowKey={({ id }) => id}
    empty={empty}
  />
)

const OWNER: Column<CouponView> = {
  header: 'Affiliate',
  cell: ({ affiliate }) => (
    <>
      {affiliate.name}
      <p className="muted">{affiliate.code}</p>
    </>
  ),
}

const FIRST: readonly Column<CouponView>[] = [
  {
    header: 'Code',
    rowHeader: true,
    cell: ({ code }) => code,
  },
  {
    header: 'Takes off',
    cell: ({ words, scope }) => (
      <>
        {words}
        <p className="muted">{SCOPES[scope]}</p>
      </>
    ),
  },
]

const REST: readonly Column<CouponView>[] = [
  {
    header: 'Used',
    numeric: true,
    cell: ({ uses, maxUses }) => (maxUses === null ? String(uses) : `${uses} of ${maxUses}`),
  },
  {
    header: 'Ends',
    cell: ({ expiresAt }) => (expiresAt === null ? '–' : <Time value={expiresAt} withTime />),
  },
  {
    header: 'State',
    cell: ({ state }) => <Badge tone={STATES[state].tone}>{STATES[state].words}</Badge>,
  },
  {
    header: 'End it',
    cell: ({ id, code, state }) =>
      state === 'ENDED' ? (
        '–'
      ) : (
        <Confirm
          label="End"
          question={
            <p>
              Nobody enters {code} any more. Who pays with it already keeps their price, and whoever it
              brought stays a customer of its affiliate.
            </p>
          }
        >
          <Form method="post">
            <input type="hidden" name="id" value={id} />
            <Button variant="danger" name="intent" value="end">
              End it now
            </Button>
          </Form>
        </Confirm>
      ),
  },
]

import { z } from 'zod'
import { CurrencyCode, MoneyJson } from '../../kit/money'
import { PageInput } from '../../kit/pages'
import { Day, Month, startOfDay, TimeZone } from '../../kit/periods'

export const LineType = z.enum(['COMMISSION', 'WITHDRAWAL', 'ADJUSTMENT', 'REFUND'])
export type LineType = z.infer<typeof LineType>

/** A moment with its zone, or a day, which begins at midnight in `timezone`. */
const Moment = z.union(
  [z.iso.datetime({ offset: true }), Day],
  'A time such as 2026-11-21T12:00:00Z, or a day such as 2026-11-21.',
)

const FILTER = {
  type: LineType.optional(),
  currency: CurrencyCode.optional(),
  from: Moment.optional(),
  to: Moment.optional(),
  /** Of the days: UTC if left out. */
  timezone: TimeZone.optional(),
}

interface Asked {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly timezone?: string | undefined
}

const inMoments = <T extends Asked>({
  from,
  to,
  timezone = 'UTC',
  ...rest
}: T): Omit<T, keyof Asked> & { from?: Date; to?: Date } => {
  const moment = (text: string) => (text.length === 10 ? startOfDay(text, timezone) : new Date(text))
  return {
    ...rest,
    ...(from === undefined ? {} : { from: moment(from) }),
    ...(to === undefined ? {} : { to: moment(to) }),
  }
}

/** Which lines of one's own statement: `from` is in, `to` is out. */
export const TransactionsFilter = z.object(FILTER).transform(inMoments)
export type TransactionsFilter = z.infer<typeof TransactionsFilter>

export const TransactionsInput = z.object({ ...FILTER, ...PageInput.shape }).transform(inMoments)
export type TransactionsInput = z.infer<typeof TransactionsInput>

/** A line of a user's statement. */
export const Transaction = z.object({
  id: z.string(),
  type: LineType,
  /** Signed. */
  amount: MoneyJson,
  balanceBefore: MoneyJson,
  balanceAfter: MoneyJson,
  referenceType: z.string(),
  referenceId: z.string(),
  notes: z.string(),
  createdAt: z.string(),
})
export type Transaction = z.infer<typeof Transaction>

export const TransactionsPage = z.object({ items: z.array(Transaction), nextCursor: z.string().nullable() })

/** Which month of which currency, as the months are in a zone (UTC if left out). */
export const StatementInput = z.strictObject({
  currency: CurrencyCode,
  month: Month,
  timezone: TimeZone.default('UTC'),
})
export type StatementInput = z.infer<typeof StatementInput>

/** A month's statement that was issued, and what it was signed with. */
export const IssuedStatement = StatementInput.extend({
  keyId: z.string(),
  /** Base64url. */
  signature: z.string(),
})

/** What the platform owes a user in one currency. */
export const Balance = z.object({
  currency: z.string(),
  /** Available. */
  balance: MoneyJson,
  /** Earned, not yet credited. */
  pendingCommissions: MoneyJson,
  /** Every commission ever credited, less what refunds took back and disputes hold. */
  totalEarned: MoneyJson,
  /** Asked for, not yet paid out. */
  inWithdrawal: MoneyJson,
})
export type Balance = z.infer<typeof Balance>

export const BalanceWithSales = Balance.extend({
  /** What buyers paid for one's workspaces, less what refunds and lost disputes gave back. */
  totalSales: MoneyJson,
})
export type BalanceWithSales = z.infer<typeof BalanceWithSales>

/** Something in the books that does not add up. */
export const Violation = z.object({
  kind: z.enum(['TRANSFER', 'ENTRY', 'ACCOUNT', 'SEAL', 'SNAPSHOT']),
  /** Of the transfer, entry or account; the number of the seal, also of a snapshot made with it. */
  id: z.string(),
  accountId: z.string().nullable(),
  transferId: z.string().nullable(),
  problem: z.string(),
})
export type Violation = z.infer<typeof Violation>

export const LedgerProof = z.object({
  ok: z.boolean(),
  /** How much was looked at. */
  checked: z.object({
    transfers: z.number(),
    entries: z.number(),
    accounts: z.number(),
    seals: z.number(),
  }),
  /** How many violations there are in all. */
  found: z.number(),
  /** Up to this seal all was looked at; null: nothing is sealed yet. */
  sealNo: z.string().nullable(),
  /** The first 200. */
  violations: z.array(Violation),
})
export type LedgerProof = z.infer<typeof LedgerProof>

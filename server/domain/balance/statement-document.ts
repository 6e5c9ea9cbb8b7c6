import type { CanonicalValue } from '../../kit/canonical-json'
import type { LineType } from './schemas'

export const STATEMENT_FORMAT = 'offshoot.statement/1'

/**
 * A month of one available balance, complete by itself. Amounts are whole numbers of the currency's minor unit, times
 * ISO 8601 in UTC, hashes hexadecimal. The form is a contract: `npm run verify-statement` and whoever else checks it
 * rely on it, so a change of it is another format.
 */
export type StatementDocument = {
  readonly format: typeof STATEMENT_FORMAT
  /** `preview` until it is issued. */
  readonly id: string
  /** The address of the platform that says this. */
  readonly issuer: string
  readonly issuedAt: string
  /** It was issued: the one statement of a month that was over, for good. Else it is a preview, and more may come. */
  readonly final: boolean
  readonly holder: { readonly userId: string; readonly name: string }
  readonly currency: { readonly code: string; readonly exponent: number }
  /** Half-open, in instants: the month as it was in the zone. */
  readonly period: {
    readonly month: string
    readonly timezone: string
    readonly from: string
    readonly to: string
  }
  /** `no` counts the lines of this balance since its first one. */
  readonly opening: { readonly balance: number; readonly no: number }
  readonly closing: { readonly balance: number; readonly no: number }
  readonly totals: { readonly [Type in LineType]: { readonly count: number; readonly amount: number } }
  readonly lines: readonly StatementLine[]
  /** The end of the balance's hash chain with the last line, or before the month if it has none; empty: no line ever. */
  readonly head: string
}

export type StatementLine = {
  readonly no: number
  readonly id: string
  readonly type: LineType
  readonly amount: number
  readonly balanceBefore: number
  readonly balanceAfter: number
  readonly referenceType: string
  readonly referenceId: string
  readonly notes: string
  readonly createdAt: string
  /** The line's link of the chain in the books. */
  readonly hash: string
}

/** How many lines and how much in all, of each type. */
export const totalsOf = (
  lines: readonly Pick<StatementLine, 'type' | 'amount'>[],
): StatementDocument['totals'] => {
  const total = (type: LineType) => {
    const amounts = lines.filter((line) => line.type === type).map(({ amount }) => amount)
    return { count: amounts.length, amount: amounts.reduce((sum, amount) => sum + amount, 0) }
  }
  return {
    COMMISSION: total('COMMISSION'),
    WITHDRAWAL: total('WITHDRAWAL'),
    ADJUSTMENT: total('ADJUSTMENT'),
    REFUND: total('REFUND'),
  }
}

/** The document as a value of JSON; the assignment proves that it is one. */
export const asValue = (document: StatementDocument): CanonicalValue => document

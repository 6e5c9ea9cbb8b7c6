import { and, eq, isNotNull } from 'drizzle-orm'
import { ledgerEntries, ledgerTransfers } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { CurrencyCode } from '../../kit/money'
import { type Account, postTransfer } from './post-transfer'
import { lineColumns, toTransaction } from './queries'
import type { LineType, Transaction } from './schemas'

export interface BalanceTransactionInput {
  readonly userId: string
  readonly type: LineType
  /** Signed, in minor units: what the available balance changes by. */
  readonly amount: bigint
  readonly currency: string
  readonly referenceType: string
  readonly referenceId: string
  readonly notes: string
  readonly idempotencyKey: string
}

/**
 * Adds one line to a user's statement, with its other side: a commission comes out of the revenue and a refund goes
 * back there, a withdrawal waits in the user's `withdrawing`, an adjustment is the platform's. The same key again
 * returns the first line.
 * @throws DomainError 400 for an unknown currency, a sign that does not fit the type, or 2^53 and beyond; else as
 * `postTransfer`.
 */
export const createBalanceTransaction = async (
  ctx: Context,
  input: BalanceTransactionInput,
): Promise<Transaction & { replayed: boolean }> => {
  checkInput(input)
  const { userId, type, amount, currency, referenceType, referenceId, notes } = input
  const { transferId, replayed } = await postTransfer(ctx, {
    key: input.idempotencyKey,
    kind: type.toLowerCase(),
    currency,
    referenceType,
    referenceId,
    notes,
    entries: [
      { account: { kind: 'available', userId }, amount, lineType: type },
      { account: otherSide(type, userId), amount: -amount },
    ],
  })
  const [line] = await ctx.db
    .select(lineColumns)
    .from(ledgerEntries)
    .innerJoin(ledgerTransfers, eq(ledgerTransfers.id, ledgerEntries.transferId))
    .where(and(eq(ledgerEntries.transferId, transferId), isNotNull(ledgerEntries.lineType)))
  if (line === undefined) throw new Error('a posting without its line')
  return { ...toTransaction(line), replayed }
}

const checkInput = ({ type, amount, currency }: BalanceTransactionInput): void => {
  if (!CurrencyCode.safeParse(currency).success)
    throw invalid([{ path: ['currency'], message: 'Not a currency of ISO 4217 in capitals, such as USD.' }])
  const limit = BigInt(Number.MAX_SAFE_INTEGER)
  if (amount > limit || amount < -limit)
    throw invalid([{ path: ['amount'], message: 'More than can be told exactly (2^53).' }])
  if (!SIGNS[type](amount))
    throw invalid([{ path: ['amount'], message: `The sign does not fit a ${type.toLowerCase()}.` }])
}

const SIGNS: Readonly<Record<LineType, (amount: bigint) => boolean>> = {
  COMMISSION: (amount) => amount > 0n,
  WITHDRAWAL: (amount) => amount < 0n,
  REFUND: (amount) => amount < 0n,
  ADJUSTMENT: (amount) => amount !== 0n,
}

const otherSide = (type: LineType, userId: string): Account => {
  switch (type) {
    case 'COMMISSION':
    case 'REFUND':
      return { kind: 'revenue' }
    case 'WITHDRAWAL':
      return { kind: 'withdrawing', userId }
    case 'ADJUSTMENT':
      return { kind: 'adjustments' }
  }
}

import type { Context } from '../../kit/context'
import { currencyExponent, type MoneyJson } from '../../kit/money'
import { listTransactions } from './queries'
import type { Transaction, TransactionsFilter } from './schemas'

/** Fixed: programs read them by place. */
const COLUMNS: readonly (readonly [name: string, cell: (line: Transaction) => string])[] = [
  ['id', ({ id }) => id],
  ['type', ({ type }) => type],
  ['currency', ({ amount }) => amount.currency],
  ['amount_minor', ({ amount }) => String(amount.amount)],
  ['amount', ({ amount }) => decimal(amount)],
  ['balance_before_minor', ({ balanceBefore }) => String(balanceBefore.amount)],
  ['balance_before', ({ balanceBefore }) => decimal(balanceBefore)],
  ['balance_after_minor', ({ balanceAfter }) => String(balanceAfter.amount)],
  ['balance_after', ({ balanceAfter }) => decimal(balanceAfter)],
  ['reference_type', ({ referenceType }) => textCell(referenceType)],
  ['reference_id', ({ referenceId }) => textCell(referenceId)],
  ['notes', ({ notes }) => textCell(notes)],
  ['created_at', ({ createdAt }) => createdAt],
]

/** A user's statement as CSV (RFC 4180, UTF-8), newest first. Times in UTC; amounts in minor units and in decimals. */
export const exportTransactions = async (
  ctx: Context,
  { userId, ...filter }: TransactionsFilter & { userId: string },
): Promise<string> => {
  const lines: Transaction[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await listTransactions(ctx, { ...filter, userId, limit: 1000, cursor })
    lines.push(...page.items)
    if (page.nextCursor === null) return transactionsCsv(lines)
    cursor = page.nextCursor
  }
}

export const transactionsCsv = (lines: readonly Transaction[]): string =>
  [COLUMNS.map(([name]) => name), ...lines.map((line) => COLUMNS.map(([, cell]) => cell(line)))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('')

/** -150 USD → -1.50; 150 JPY → 150; 1500 KWD → 1.500. */
export const decimal = ({ amount, currency }: MoneyJson): string => {
  const digits = currencyExponent(currency)
  const text = String(Math.abs(amount)).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  return `${amount < 0 ? '-' : ''}${whole}${digits === 0 ? '' : `.${text.slice(-digits)}`}`
}

/** A text that a spreadsheet would take for a formula is marked as text; quotes as RFC 4180 wants them. */
export const textCell = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

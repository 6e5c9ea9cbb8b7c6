import { and, asc, eq, gte, inArray, lt, or } from 'drizzle-orm'
import { taxProfiles, users, withdrawals } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import { recordActivity } from '../audit'
import { decimal, textCell } from '../balance'
import { calendarYear } from './rules'
import { openTaxDetails } from './tax-details'
import type { TaxDetails, TaxSummaryInput } from './tax-schemas'

interface Line {
  readonly year: number
  readonly user: Pick<typeof users.$inferSelect, 'id' | 'firstName' | 'lastName' | 'email'>
  /** In clear; null: none on file. */
  readonly tax: TaxDetails | null
  readonly currency: string
  /** Minor units; below nothing when more of earlier years came back than was paid. */
  readonly paid: bigint
}

/** Fixed: programs read them by place. */
const COLUMNS: readonly (readonly [name: string, cell: (line: Line) => string])[] = [
  ['year', ({ year }) => String(year)],
  ['recipient_name', ({ user, tax }) => textCell(tax?.name ?? `${user.firstName} ${user.lastName}`)],
  ['recipient_business_name', ({ tax }) => textCell(tax?.businessName ?? '')],
  ['recipient_tin', ({ tax }) => textCell(tax?.taxId ?? '')],
  ['address', ({ tax }) => textCell(tax?.address ?? '')],
  ['city', ({ tax }) => textCell(tax?.city ?? '')],
  ['region', ({ tax }) => textCell(tax?.region ?? '')],
  ['postal_code', ({ tax }) => textCell(tax?.postalCode ?? '')],
  ['country', ({ tax }) => tax?.country ?? ''],
  ['form', ({ tax }) => tax?.form ?? ''],
  // The form's box is in dollars; what was paid in another currency stands beside it.
  ['box_1_nonemployee_compensation', (line) => (line.currency === 'USD' ? paidText(line) : '')],
  ['currency', ({ currency }) => currency],
  ['paid_minor', ({ paid }) => String(paid)],
  ['paid', (line) => paidText(line)],
  ['account_id', ({ user }) => user.id],
  ['account_email', ({ user }) => textCell(user.email)],
]

const paidText = ({ paid, currency }: Line): string => decimal(moneyToJson({ amount: paid, currency }))

/**
 * What each payee was paid in a calendar year (UTC), a row per currency, as CSV (RFC 4180, UTF-8) with the columns of a
 * 1099-NEC and tax ids in clear; fees are part of it. What came back counts in the year in which it came back, so that
 * the summary of a year that is over never changes. Who took it stands in the log.
 */
export const exportTaxSummary = (ctx: Context, { year }: TaxSummaryInput): Promise<string> =>
  inTransaction(ctx, async (tx) => {
    const lines = await linesOf(tx, year)
    await recordActivity(tx, {
      action: 'tax_summary_exported',
      description: `The tax summary of ${year} was exported with tax ids`,
      after: { year, payees: [...new Set(lines.map(({ user }) => user.id))] },
    })
    return [COLUMNS.map(([name]) => name), ...lines.map((line) => COLUMNS.map(([, cell]) => cell(line)))]
      .map((cells) => `${cells.join(',')}\r\n`)
      .join('')
  })

const linesOf = async (ctx: Context, year: number): Promise<Line[]> => {
  const { from, to } = calendarYear(year)
  const within = (moment: Date | null) => moment !== null && moment >= from && moment < to
  const rows = await ctx.db
    .select({
      withdrawal: withdrawals,
      user: { id: users.id, firstName: users.firstName, lastName: users.lastName, email: users.email },
    })
    .from(withdrawals)
    .innerJoin(users, eq(users.id, withdrawals.userId))
    .where(
      and(
        inArray(withdrawals.status, ['PAID', 'RETURNED']),
        or(
          and(gte(withdrawals.paidAt, from), lt(withdrawals.paidAt, to)),
          and(gte(withdrawals.updatedAt, from), lt(withdrawals.updatedAt, to)),
        ),
      ),
    )
  const profiles = await profilesAt(ctx, [...new Set(rows.map(({ user }) => user.id))], to)
  const lines = new Map<string, Line>()
  for (const { withdrawal, user } of rows) {
    const { amount, currency, status, paidAt, updatedAt } = withdrawal
    // Returned is where a withdrawal ends: its last change is its return.
    const back = status === 'RETURNED' && within(updatedAt) ? amount : 0n
    const paid = (within(paidAt) ? amount : 0n) - back
    const key = `${user.id} ${currency}`
    const known = lines.get(key)
    const profile = profiles.get(user.id)
    const tax = known?.tax ?? (profile === undefined ? null : taxDetailsOf(ctx, profile))
    lines.set(key, { year, user, tax, currency, paid: (known?.paid ?? 0n) + paid })
  }
  return [...lines]
    .filter(([, { paid }]) => paid !== 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, line]) => line)
}

/** Null: erased when the account was closed. */
const taxDetailsOf = (ctx: Context, profile: Profile): TaxDetails | null =>
  profile.sealed.length === 0 ? null : openTaxDetails(ctx, profile)

type Profile = typeof taxProfiles.$inferSelect

/** The tax details of each that were on file when the year ended; where none were, the first given after. */
const profilesAt = async (
  ctx: Context,
  userIds: readonly string[],
  end: Date,
): Promise<Map<string, Profile>> => {
  const rows = await ctx.db
    .select()
    .from(taxProfiles)
    .where(inArray(taxProfiles.userId, [...userIds]))
    .orderBy(asc(taxProfiles.createdAt), asc(taxProfiles.replacedAt))
  const found = new Map<string, Profile>()
  for (const row of rows) if (row.createdAt < end || !found.has(row.userId)) found.set(row.userId, row)
  return found
}

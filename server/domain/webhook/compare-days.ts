import { and, eq, gte, isNotNull, isNull, lt, max, sql } from 'drizzle-orm'
import { reconciliationDays, reconciliationRuns } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { safeNumber } from '../../kit/money'
import type { ListedCharge, PaymentProvider } from '../../kit/ports'
import { enqueueMail } from '../../kit/queue'
import { bookedBetween, type ComparedCharge, compareCharges } from '../payment'
import { listAll } from './list-all'
import type { Difference } from './schemas'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Full days (UTC) that are compared again each day: what is given back within them is seen too. */
const DAYS = 8
/** Milliseconds. How far apart the provider's moment of a charge and that of its booking may lie. */
const APART = DAY

type DayRow = typeof reconciliationDays.$inferSelect

/** Whether the days of a provider were not compared yet since 02:00 (UTC). */
export const comparisonDue = async (
  ctx: Context,
  { name, mode }: Pick<PaymentProvider, 'name' | 'mode'>,
): Promise<boolean> => {
  const [row] = await ctx.db
    .select({ last: max(reconciliationRuns.startedAt) })
    .from(reconciliationRuns)
    .where(
      and(
        eq(reconciliationRuns.provider, name),
        eq(reconciliationRuns.mode, mode),
        isNotNull(reconciliationRuns.finishedAt),
        isNull(reconciliationRuns.error),
        sql`${reconciliationRuns.checked} ? 'days'`,
      ),
    )
  const due = midnight(new Date(ctx.now().getTime() - 2 * HOUR)).getTime() + 2 * HOUR
  return row?.last == null || row.last.getTime() < due
}

/**
 * Compares what a provider says was charged on each of the last full days with what the ledger has of those very
 * charges, and what was given back of them. Each charge that differs is kept by name, and told to the admin once.
 * @param until charges made after this may still be on their way to us
 * @returns how many days it were
 */
export const compareDays = async (ctx: Context, provider: PaymentProvider, until: Date): Promise<number> => {
  const to = midnight(until)
  const from = new Date(to.getTime() - DAYS * DAY)
  const listed = await listAll(provider.listCharges, new Date(from.getTime() - APART))
  const compared = await compareCharges(ctx, provider, listed)
  const days = new Map<string, DayRow>()
  const rowOf = (at: Date, currency: string): DayRow => {
    const day = at.toISOString().slice(0, 10)
    const key = `${day} ${currency}`
    const row = days.get(key) ?? emptyDay(provider, day, currency, ctx.now())
    days.set(key, row)
    return row
  }
  for (const one of compared) {
    const at = one.charge.madeAt ?? null
    if (at === null || at < from || at >= to || one.charge.state === 'failed') continue
    if (one.charge.state !== 'pending') add(rowOf(at, one.charge.paid.currency), one)
  }
  for (const missing of await unlisted(ctx, provider, listed, from, to)) {
    const row = rowOf(missing.paidAt, missing.currency)
    row.bookedCharged += missing.charged
    row.bookedRefunded += missing.refunded
    row.differences.push(notThere(missing))
  }
  await keep(ctx, provider, from, to, [...days.values()])
  return DAYS
}

const midnight = (at: Date): Date => new Date(Math.floor(at.getTime() / DAY) * DAY)

const emptyDay = (provider: PaymentProvider, day: string, currency: string, checkedAt: Date): DayRow => ({
  provider: provider.name,
  mode: provider.mode,
  day,
  currency,
  charges: 0,
  providerCharged: 0n,
  bookedCharged: 0n,
  providerRefunded: 0n,
  bookedRefunded: 0n,
  differences: [],
  checkedAt,
})

const add = (row: DayRow, { charge, booked }: ComparedCharge): void => {
  row.charges += 1
  row.providerCharged += charge.paid.amount
  row.providerRefunded += charge.refunded
  row.bookedCharged += booked?.charged ?? 0n
  row.bookedRefunded += booked?.refunded ?? 0n
  const differs = (kind: Difference['kind'], there: bigint, here: bigint) =>
    row.differences.push({
      kind,
      charge: charge.ref,
      paymentId: booked?.paymentId ?? null,
      there: safeNumber(there),
      here: safeNumber(here),
    })
  if (booked === null) differs('NOT_BOOKED', charge.paid.amount, 0n)
  else if (booked.charged !== charge.paid.amount || booked.currency !== charge.paid.currency)
    differs('AMOUNT', charge.paid.amount, booked.charged)
  if (booked !== null && booked.refunded !== charge.refunded)
    differs('REFUNDED', charge.refunded, booked.refunded)
}

type Booked = Awaited<ReturnType<typeof bookedBetween>>[number]

const notThere = ({ chargeId, paymentIntentId, paymentId, charged }: Booked): Difference => ({
  kind: 'NOT_THERE',
  charge: chargeId ?? paymentIntentId ?? paymentId,
  paymentId,
  there: 0,
  here: safeNumber(charged),
})

/**
 * Payments the provider does not list. They are dated by our clock, and late where a webhook was late: so each is looked
 * for by name before it is said to be missing.
 */
const unlisted = async (
  ctx: Context,
  provider: PaymentProvider,
  listed: readonly ListedCharge[],
  from: Date,
  to: Date,
): Promise<Booked[]> => {
  const names = new Set(listed.flatMap(({ ref, paymentIntentId }) => [ref, paymentIntentId]))
  const booked = await bookedBetween(ctx, provider, from, to)
  const missing: Booked[] = []
  for (const one of booked) {
    if (one.charged === 0n || names.has(one.chargeId) || names.has(one.paymentIntentId)) continue
    if ((await provider.fetchRefunds(one)) === null) missing.push(one)
  }
  return missing
}

const DAY_KEY = [
  reconciliationDays.provider,
  reconciliationDays.mode,
  reconciliationDays.day,
  reconciliationDays.currency,
]

/** The days as they are now take the place of what was said of them before. */
const keep = (
  ctx: Context,
  provider: PaymentProvider,
  from: Date,
  to: Date,
  rows: readonly DayRow[],
): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { name, mode } = provider
    const dayOf = (at: Date) => at.toISOString().slice(0, 10)
    await tx.db
      .delete(reconciliationDays)
      .where(
        and(
          eq(reconciliationDays.provider, name),
          eq(reconciliationDays.mode, mode),
          gte(reconciliationDays.day, dayOf(from)),
          lt(reconciliationDays.day, dayOf(to)),
        ),
      )
    for (const row of rows)
      await tx.db.insert(reconciliationDays).values(row).onConflictDoUpdate({ target: DAY_KEY, set: row })
    for (const row of rows) for (const difference of row.differences) await tell(tx, row, difference)
  })

const tell = async (ctx: Context, row: DayRow, difference: Difference): Promise<void> => {
  if (ctx.config.admin === null) return
  const { kind, charge, there, here } = difference
  await enqueueMail(ctx, {
    key: `alert:difference:${row.provider}:${row.mode}:${charge}:${kind}:${there}:${here}`,
    to: ctx.config.admin.email,
    template: 'admin-alert',
    data: {
      title: 'The books differ from a payment provider’s',
      text: `${row.provider} charge ${charge} of ${row.day}: there ${there}, in the books ${here}, in the smallest unit of ${row.currency}: ${WORDS[kind]}. See ${ctx.config.appUrl}/admin/reconciliation`,
    },
  })
}

const WORDS: Readonly<Record<Difference['kind'], string>> = {
  NOT_BOOKED: 'it is not booked',
  NOT_THERE: 'the provider does not list it',
  AMOUNT: 'another amount was charged',
  REFUNDED: 'another amount was given back',
}

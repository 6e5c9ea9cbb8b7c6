import { and, desc, eq, gt, lte } from 'drizzle-orm'
import { programSettings } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { DomainError, invalid } from '../../kit/errors'
import { mailOtherAdmins, recordActivity } from '../audit'
import { describeProgram } from './describe-program'
import { latestFirst, programAt } from './program-at'
import { type ChangeProgramInput, type ProgramView, SETTING_NAMES, type SettingName } from './schemas'
import { type HighestShares, highestShares, lockShares, sumOf } from './shares'

/**
 * Sets any of the programme's settings from a moment on (at once, by default). Nothing is overwritten: each is a row of
 * its own, and of two admins at once both are kept, of whom the later counts. What counts already is not written again.
 * A limit from which on two admins are needed is raised or removed after 24 hours at the earliest, and every other admin
 * is told by mail: no one of them can be rid of the second in time. A limit counts from its moment on against all that is
 * pending too: what is to come later stays as far as it is stricter, so that whoever sets the present one calls off the rest.
 * @throws DomainError 400 when the moment is over; 422 SHARES_TOO_HIGH.
 */
export const changeProgram = (ctx: Context, input: ChangeProgramInput): Promise<ProgramView> =>
  inTransaction(ctx, async (tx) => {
    const now = tx.now()
    const from = input.effectiveFrom === undefined ? now : new Date(input.effectiveFrom)
    if (from < now) throw invalid([{ path: ['effectiveFrom'], message: 'Not in the past.' }])
    await lockShares(tx)
    const before = await highestShares(tx)
    for (const name of SETTING_NAMES) {
      const value = input[name]
      if (value === undefined) continue
      const loosened = name === 'twoPersonLimits' && (await loosens(tx, input.twoPersonLimits ?? {}, from))
      const at = loosened ? new Date(Math.max(from.getTime(), now.getTime() + NOTICE)) : from
      const row = await write(tx, { name, value, at, reason: input.reason })
      if (loosened && row !== null) await tellOtherAdmins(tx, { ...row, reason: input.reason })
      if (name === 'twoPersonLimits') await callOffLooser(tx, input.twoPersonLimits ?? {}, at, input.reason)
    }
    refuseTooHigh(input, before, await highestShares(tx))
    return describeProgram(tx)
  })

const NOTICE = 86_400_000

type Limits = Readonly<Record<string, number>>

/** Null: it would count already. */
const write = async (
  ctx: Context,
  { name, value, at, reason }: { name: SettingName; value: unknown; at: Date; reason: string },
) => {
  const known = await inForce(ctx, name, at)
  if (known !== undefined && canonical(known.value) === canonical(value)) return null
  const row = await nextRow(ctx, name, at)
  await ctx.db
    .insert(programSettings)
    .values({ ...row, name, value, reason, changedBy: signedIn(ctx).userId })
  await recordActivity(ctx, {
    action: 'program_changed',
    description: `A setting of the programme was changed: ${name}`,
    subject: { type: 'program_setting', id: name },
    before: { [name]: known?.value ?? null },
    after: { [name]: value, effectiveFrom: row.effectiveFrom.toISOString(), reason },
  })
  return row
}

/** Whether an amount would need one admin that needs two now, or at any moment until then. */
const loosens = async (ctx: Context, limits: Limits, from: Date): Promise<boolean> => {
  let strictest: Limits = {}
  for (const at of [ctx.now(), ...(await changesOfLimits(ctx, ctx.now(), from))])
    strictest = stricter(strictest, (await programAt(ctx, at)).twoPersonLimits)
  return Object.entries(strictest).some(([currency, limit]) => (limits[currency] ?? Infinity) > limit)
}

/** What is pending after that moment is never looser than these. */
const callOffLooser = async (ctx: Context, limits: Limits, from: Date, reason: string): Promise<void> => {
  for (const at of await changesOfLimits(ctx, from, null)) {
    const { twoPersonLimits: pending } = await programAt(ctx, at)
    await write(ctx, { name: 'twoPersonLimits', value: stricter(limits, pending), at, reason })
  }
}

/** When the limits change, after one moment and until another; null: for good. */
const changesOfLimits = async (ctx: Context, after: Date, until: Date | null): Promise<Date[]> => {
  const { name, effectiveFrom } = programSettings
  const rows = await ctx.db
    .selectDistinct({ effectiveFrom })
    .from(programSettings)
    .where(
      and(
        eq(name, 'twoPersonLimits' satisfies SettingName),
        gt(effectiveFrom, after),
        until === null ? undefined : lte(effectiveFrom, until),
      ),
    )
    .orderBy(effectiveFrom)
  return rows.map((row) => row.effectiveFrom)
}

/** Of each currency the lower limit; one that has none is limited by the other's. */
const stricter = (one: Limits, other: Limits): Limits =>
  Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((currency) => [
      currency,
      Math.min(one[currency] ?? Infinity, other[currency] ?? Infinity),
    ]),
  )

const tellOtherAdmins = (
  ctx: Context,
  { id, effectiveFrom, reason }: { id: string; effectiveFrom: Date; reason: string },
): Promise<void> => {
  const { userId, email } = signedIn(ctx)
  return mailOtherAdmins(ctx, {
    key: `program:two-person:${id}`,
    title: 'A limit for withdrawals is to be raised or removed',
    text: `${email} has changed from which amount on two admins approve a withdrawal. It counts from ${effectiveFrom.toISOString()}. Their reason: ${reason === '' ? 'none was given' : reason}. To call it off, set the present limits again, which any admin may do at once: ${ctx.config.appUrl}/admin/program`,
    except: [userId],
  })
}

/** The row that would count at that moment; undefined: the environment's value does. */
const inForce = async (ctx: Context, name: SettingName, at: Date) => {
  const [row] = await ctx.db
    .select({ value: programSettings.value })
    .from(programSettings)
    .where(and(eq(programSettings.name, name), lte(programSettings.effectiveFrom, at)))
    .orderBy(...latestFirst)
    .limit(1)
  return row
}

/** Behind every row there is, even within a millisecond, or when another machine's clock is ahead. */
const nextRow = async (ctx: Context, name: SettingName, from: Date) => {
  const [last] = await ctx.db
    .select({ id: programSettings.id, createdAt: programSettings.createdAt })
    .from(programSettings)
    .where(eq(programSettings.name, name))
    .orderBy(desc(programSettings.createdAt), desc(programSettings.id))
    .limit(1)
  const id = newId(ctx)
  const now = ctx.now()
  const isAhead = last !== undefined && last.createdAt >= now
  const createdAt = isAhead ? last.createdAt : now
  return {
    id: isAhead && id <= last.id ? following(last.id) : id,
    createdAt,
    // The clock went on since it was asked for from now on.
    effectiveFrom: from < createdAt ? createdAt : from,
  }
}

const following = (id: string): string => {
  const hex = (BigInt(`0x${id.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Equal values, whatever the order of their members. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )

/** All shares of any payment to come are at most all of it. What only lowers them is always possible. */
const refuseTooHigh = (input: ChangeProgramInput, before: HighestShares, after: HighestShares): void => {
  if (sumOf(after) <= 10_000 || sumOf(after) <= sumOf(before)) return
  const { sale, referral, override } = after
  const message = `All shares of one payment are at most 100 %, and these could come to ${sumOf(after) / 100} %: ${sale / 100} % for a seller, ${referral / 100} % for a referral, ${override / 100} % above it. Rates that sellers, links and referred customers already have count too.`
  const issues = SHARES.filter((name) => input[name] !== undefined).map((name) => ({ path: [name], message }))
  throw new DomainError(422, 'SHARES_TOO_HIGH', message, { issues })
}

const SHARES = [
  'sellerCommissionPercentage',
  'sellerLevels',
  'referralCommissionPercentage',
  'overrideCommissionPercentage',
  'overrideDepth',
  'referralTiers',
] as const

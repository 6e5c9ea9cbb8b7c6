import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import {
  activityLog,
  ledgerAccounts,
  ledgerEntries,
  ledgerTransfers,
  mails,
  users,
  withdrawals,
} from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makePayee } from '../../../db/testing/factories/payout'
import { signedIn } from '../../kit/context'
import { divideHalfAway } from '../../kit/money'
import { getBalances, verifyLedger } from '../balance'
import { updateUser } from '../identity'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import {
  approveWithdrawal,
  cancelWithdrawal,
  exportWithdrawals,
  listAllWithdrawals,
  markPaid,
  markReturned,
  payoutTerms,
  quoteWithdrawal,
  rejectWithdrawal,
  requestWithdrawal,
} from '.'
import { feeOf } from './rules'

const database = useDatabase()
const USD = (amount: number) => ({ amount, currency: 'USD' })

/** The programme is one for all tests of this file: each begins a day later than the one before. */
let day = Date.parse('2027-03-01T12:00:00.000Z')
const given = async (more: Parameters<typeof makePayee>[1] = {}) => {
  day += 86_400_000
  const ctx = testContext(database.db, { clock: testClock(new Date(day)) })
  const admins = [
    ctx.as((await makeUser(ctx, { role: 'ADMIN', firstName: 'Root' })).actor),
    ctx.as((await makeUser(ctx, { role: 'ADMIN', firstName: 'Second' })).actor),
  ] as const
  return { ctx, admin: admins[0], second: admins[1], ...(await makePayee(ctx, more)) }
}
const set = (admin: TestContext, input: unknown) => changeProgram(admin, ChangeProgramInput.parse(input))
const rowOf = async (id: string) => {
  const [row] = await database.db.select().from(withdrawals).where(eq(withdrawals.id, id))
  return row
}
const logOf = async (id: string) =>
  (await database.db.select().from(activityLog).where(eq(activityLog.subjectId, id))).map(
    ({ action }) => action,
  )
const entriesOf = async (key: string) => {
  const rows = await database.db
    .select({ kind: ledgerAccounts.kind, amount: ledgerEntries.amount })
    .from(ledgerEntries)
    .innerJoin(ledgerTransfers, eq(ledgerTransfers.id, ledgerEntries.transferId))
    .innerJoin(ledgerAccounts, eq(ledgerAccounts.id, ledgerEntries.accountId))
    .where(eq(ledgerTransfers.idempotencyKey, key))
  return Object.fromEntries(rows.map(({ kind, amount }) => [kind, Number(amount)]))
}
const available = async (ctx: TestContext, userId: string) =>
  (await getBalances(ctx, userId)).find(({ currency }) => currency === 'USD')?.balance.amount
const booksAddUp = async () => expect((await verifyLedger(testContext(database.db))).violations).toEqual([])

afterEach(booksAddUp)

describe('the least that is paid out', () => {
  it('is the programme’s where it names the currency, else the environment’s', async () => {
    const { as, admin } = await given()
    await set(admin, { minWithdrawals: { USD: 1_000, JPY: 0 } })
    expect((await payoutTerms(as)).minimums).toEqual([USD(1_000)])
    const refusal = {
      status: 422,
      code: 'BELOW_MINIMUM',
      message: 'At least 10.00 USD are paid out at a time.',
    }
    await expect(requestWithdrawal(as, USD(999))).rejects.toMatchObject(refusal)
    await expect(quoteWithdrawal(as, USD(999))).rejects.toMatchObject(refusal)
    await expect(requestWithdrawal(as, { amount: 4_999, currency: 'EUR' })).rejects.toMatchObject({
      message: 'At least 50.00 EUR are paid out at a time.',
    })
    await requestWithdrawal(as, USD(1_000))
    await set(admin, { minWithdrawals: {} })
  })
})

describe('the fee of a withdrawal', () => {
  const fees = { payoutFees: { PAYPAL: { percentage: 1.25, fixed: { USD: 25 } } } }

  it('is told before, fixed with the request, kept when it is paid, and comes back when that comes back', async () => {
    const { ctx, as, user, admin } = await given()
    await set(admin, fees)
    expect((await payoutTerms(as)).fees).toEqual([{ fixed: USD(25), percentage: 1.25 }])
    expect(await quoteWithdrawal(as, USD(10_000))).toEqual({
      codeNeeded: false,
      amount: USD(10_000),
      fee: USD(150),
      net: USD(9_850),
    })
    const { id, fee } = await requestWithdrawal(as, { ...USD(10_000), fee: 150 })
    expect(fee).toEqual(USD(150))
    await set(admin, { payoutFees: {} })
    expect(await entriesOf(`withdrawal:${id}:request`)).toEqual({ available: -10_000, withdrawing: 10_000 })
    await approveWithdrawal(admin, { id })
    const line = (await exportWithdrawals(admin, { status: 'APPROVED' }))
      .split('\r\n')
      .find((one) => one.startsWith(id))
    expect(line).toContain(',USD,9850,98.50,PAYPAL,')
    expect(line).toMatch(/,10000,150,p•••@payee\.example$/)
    await markPaid(admin, { id, reference: 'P' })
    expect(await entriesOf(`withdrawal:${id}:paid`)).toEqual({
      withdrawing: -10_000,
      paid_out: 9_850,
      fees: 150,
    })
    const [mail] = await database.db
      .select()
      .from(mails)
      .where(eq(mails.key, `withdrawal:${id}:PAID`))
    expect(mail?.data).toMatchObject({ amount: 10_000, fee: 150 })
    await markReturned(admin, { id, reason: 'Closed' })
    expect(await entriesOf(`withdrawal:${id}:back`)).toEqual({
      paid_out: -9_850,
      fees: -150,
      available: 10_000,
    })
    expect(await available(ctx, user.id)).toBe(10_000)
    await expect(
      database.db.update(withdrawals).set({ fee: 0n }).where(eq(withdrawals.id, id)),
    ).rejects.toThrow()
  })

  it('that changed since it was told is not charged: it is told again', async () => {
    const { ctx, as, user, admin } = await given()
    const { fee } = await quoteWithdrawal(as, USD(10_000))
    await set(admin, fees)
    await expect(requestWithdrawal(as, { ...USD(10_000), fee: fee.amount })).rejects.toMatchObject({
      status: 409,
      code: 'FEE_CHANGED',
    })
    expect(await available(ctx, user.id)).toBe(10_000)
    await set(admin, { payoutFees: {} })
  })

  it('that would leave nothing is refused', async () => {
    const { as, admin } = await given()
    await set(admin, { payoutFees: { PAYPAL: { fixed: { USD: 5_000 } } } })
    for (const ask of [requestWithdrawal, quoteWithdrawal])
      await expect(ask(as, USD(5_000))).rejects.toMatchObject({ status: 422, code: 'FEE_ABOVE_AMOUNT' })
    expect((await requestWithdrawal(as, USD(5_001))).fee).toEqual(USD(5_000))
    await set(admin, { payoutFees: {} })
  })

  it('is of its own currency and way of being paid only', async () => {
    const { as, admin } = await given({ currency: 'KWD', available: 100_000n })
    await set(admin, { payoutFees: { PAYPAL: { fixed: { USD: 25 } }, BANK: { fixed: { KWD: 500 } } } })
    expect((await quoteWithdrawal(as, { amount: 60_000, currency: 'KWD' })).fee.amount).toBe(0)
    await set(admin, { payoutFees: {} })
  })

  it('is exact for every amount and rate: fixed plus the percentage, half a minor unit upwards', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 53n - 1n }),
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 0, max: 1_000_000 }),
        (amount, points, fixed) => {
          const payoutFees = { PAYPAL: { percentage: (points / 100).toFixed(2), fixed: { USD: fixed } } }
          expect(feeOf({ payoutFees }, 'PAYPAL', { amount, currency: 'USD' })).toBe(
            BigInt(fixed) + divideHalfAway(amount * BigInt(points), 10_000n),
          )
        },
      ),
    )
  })
})

describe('a quote', () => {
  it('says what stands in the way, and changes nothing', async () => {
    const { ctx, as, user } = await given()
    await expect(quoteWithdrawal(as, USD(10_001))).rejects.toMatchObject({ code: 'INSUFFICIENT_BALANCE' })
    await expect(quoteWithdrawal(as, { amount: 5_000, currency: 'EUR' })).rejects.toMatchObject({
      code: 'INSUFFICIENT_BALANCE',
    })
    expect(await quoteWithdrawal(as, USD(10_000))).toMatchObject({ net: USD(10_000) })
    expect(await available(ctx, user.id)).toBe(10_000)
  })
})

describe('from the limit on, a withdrawal', () => {
  const limited = async (limit = 5_000) => {
    const world = await given()
    await set(world.admin, { twoPersonLimits: { USD: limit } })
    const { id } = await requestWithdrawal(world.as, USD(5_000))
    return { ...world, id }
  }
  const off = (admin: TestContext) => set(admin, { twoPersonLimits: {} })

  it('is approved by two admins, not by one twice; both stand in the log', async () => {
    const { ctx, admin, second, id } = await limited()
    expect(await approveWithdrawal(admin, { id })).toMatchObject({
      status: 'REQUESTED',
      approvedAt: null,
      firstApproval: { by: 'Root Example', at: ctx.now().toISOString() },
    })
    await expect(approveWithdrawal(admin, { id })).rejects.toMatchObject({
      status: 422,
      code: 'SECOND_ADMIN_NEEDED',
    })
    const [listed] = (await listAllWithdrawals(second, { limit: 100, status: 'REQUESTED' })).items.filter(
      (one) => one.id === id,
    )
    expect(listed?.firstApproval?.by).toBe('Root Example')
    expect(await approveWithdrawal(second, { id })).toMatchObject({ status: 'APPROVED' })
    expect(await rowOf(id)).toMatchObject({
      firstApprovedBy: 'userId' in admin.actor ? admin.actor.userId : '',
      approvedBy: 'userId' in second.actor ? second.actor.userId : '',
    })
    expect((await logOf(id)).sort()).toEqual([
      'withdrawal_approved',
      'withdrawal_first_approved',
      'withdrawal_requested',
    ])
    await off(admin)
  })

  it('below it is approved by one', async () => {
    const { admin, id } = await limited(5_001)
    expect(await approveWithdrawal(admin, { id })).toMatchObject({ status: 'APPROVED', firstApproval: null })
    await off(admin)
  })

  it('is held to the limit of when it was requested, and to a stricter one set since', async () => {
    const { admin, id } = await limited()
    await admin.clock.advance(1_000)
    await off(admin)
    expect(await approveWithdrawal(admin, { id })).toMatchObject({ status: 'REQUESTED' })
    const later = await given()
    const { id: other } = await requestWithdrawal(later.as, USD(5_000))
    later.ctx.clock.advance(1_000)
    await set(later.admin, { twoPersonLimits: { USD: 1 } })
    expect(await approveWithdrawal(later.admin, { id: other })).toMatchObject({ status: 'REQUESTED' })
    await off(later.admin)
    // It was said once that two are needed: the first is not the second, whatever was set since.
    await expect(approveWithdrawal(later.admin, { id: other })).rejects.toMatchObject({
      code: 'SECOND_ADMIN_NEEDED',
    })
  })

  it('approved by one admin twice at once waits for another', async () => {
    const { admin, id } = await limited()
    const settled = await Promise.allSettled(
      Array.from({ length: 6 }, () => approveWithdrawal(admin, { id })),
    )
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await rowOf(id)).toMatchObject({ status: 'REQUESTED', approvedBy: null })
    expect((await logOf(id)).filter((action) => action === 'withdrawal_first_approved')).toHaveLength(1)
    await off(admin)
  })

  it('approved by two admins at once is approved, each of them once', async () => {
    const { admin, second, id } = await limited()
    await Promise.all([approveWithdrawal(admin, { id }), approveWithdrawal(second, { id })])
    const row = await rowOf(id)
    expect(row?.status).toBe('APPROVED')
    expect(new Set([row?.firstApprovedBy, row?.approvedBy]).size).toBe(2)
    expect((await logOf(id)).filter((action) => action === 'withdrawal_approved')).toHaveLength(1)
    await off(admin)
  })

  it('is approved by nobody who has been an admin for less than 24 hours, as first or as second', async () => {
    const { ctx, admin, id } = await limited()
    const made = await makeUser(ctx)
    await updateUser(admin, { id: made.id, role: 'ADMIN' })
    const fresh = ctx.as({ ...made.actor, kind: 'admin' })
    const tooNew = { status: 422, code: 'ADMIN_TOO_NEW' }
    await expect(approveWithdrawal(fresh, { id })).rejects.toMatchObject(tooNew)
    await approveWithdrawal(admin, { id })
    ctx.clock.advance(86_399_999)
    await expect(approveWithdrawal(fresh, { id })).rejects.toMatchObject(tooNew)
    expect((await rowOf(id))?.status).toBe('REQUESTED')
    ctx.clock.advance(1)
    expect(await approveWithdrawal(fresh, { id })).toMatchObject({ status: 'APPROVED' })
    await off(admin)
  })

  it('counts from the account’s creation for an admin whom nobody made one', async () => {
    const { ctx, admin, second, id } = await limited()
    await database.db
      .update(users)
      .set({ adminSince: null })
      .where(eq(users.id, signedIn(second).userId))
    await approveWithdrawal(admin, { id })
    await expect(approveWithdrawal(second, { id })).rejects.toMatchObject({ code: 'ADMIN_TOO_NEW' })
    ctx.clock.advance(86_400_000)
    expect(await approveWithdrawal(second, { id })).toMatchObject({ status: 'APPROVED' })
    await off(admin)
  })

  it('needs another first admin where the first is none any more, or was made one again', async () => {
    const { ctx, admin, second, id } = await limited()
    const { userId } = signedIn(admin)
    const third = ctx.as((await makeUser(ctx, { role: 'ADMIN', firstName: 'Third' })).actor)
    await approveWithdrawal(admin, { id })
    await updateUser(second, { id: userId, role: 'USER' })
    await updateUser(second, { id: userId, role: 'ADMIN' })
    expect(await approveWithdrawal(second, { id })).toMatchObject({
      status: 'REQUESTED',
      firstApproval: { by: 'Second Example' },
    })
    await updateUser(third, { id: signedIn(second).userId, role: 'USER' })
    expect(await approveWithdrawal(third, { id })).toMatchObject({
      status: 'REQUESTED',
      firstApproval: { by: 'Third Example' },
    })
    await off(third)
  })

  it('is never approved by the payee, as first or as second', async () => {
    const { ctx, user, admin, id } = await limited()
    const self = ctx.as({ ...user.actor, kind: 'admin' })
    await expect(approveWithdrawal(self, { id })).rejects.toMatchObject({ code: 'OWN_WITHDRAWAL' })
    await approveWithdrawal(admin, { id })
    await expect(approveWithdrawal(self, { id })).rejects.toMatchObject({ code: 'OWN_WITHDRAWAL' })
    await expect(
      database.db.update(withdrawals).set({ firstApprovedBy: user.id }).where(eq(withdrawals.id, id)),
    ).rejects.toThrow()
    await off(admin)
  })

  it('can still be taken back or rejected after the first', async () => {
    const one = await limited()
    await approveWithdrawal(one.admin, { id: one.id })
    expect(await cancelWithdrawal(one.as, { id: one.id })).toMatchObject({ status: 'CANCELLED' })
    expect(Object.keys(await cancelWithdrawal(one.as, { id: one.id }))).not.toContain('firstApproval')
    const two = await limited()
    await approveWithdrawal(two.admin, { id: two.id })
    expect(await rejectWithdrawal(two.second, { id: two.id, reason: 'No' })).toMatchObject({
      status: 'REJECTED',
    })
    await off(two.admin)
  })
})

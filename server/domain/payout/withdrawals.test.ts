import { eq, like, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activityLog, ledgerTransfers, mails, withdrawals } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { BANK, givenBalance, givenMethod, makePayee, PAYPAL } from '../../../db/testing/factories/payout'
import { createBalanceTransaction, getBalances, verifyLedger } from '../balance'
import {
  approveWithdrawal,
  batchCsv,
  cancelWithdrawal,
  createAdjustment,
  exportWithdrawals,
  holdWithdrawal,
  listAllWithdrawals,
  listWithdrawals,
  makeBatch,
  markFailed,
  markPaid,
  markReturned,
  payoutTerms,
  rejectWithdrawal,
  releaseWithdrawal,
  requestWithdrawal,
} from '.'
import { mayBecome, minimumWithdrawal } from './rules'
import { WithdrawalStatus } from './schemas'

const database = useDatabase()
const USD = (amount: number) => ({ amount, currency: 'USD' })

const figures = async (ctx: TestContext, userId: string, currency = 'USD') => {
  const balance = (await getBalances(ctx, userId)).find((one) => one.currency === currency)
  return { available: balance?.balance.amount ?? 0, withdrawing: balance?.inWithdrawal.amount ?? 0 }
}
const outcomes = async (attempts: Promise<unknown>[]) => {
  const settled = await Promise.allSettled(attempts)
  return {
    passed: settled.filter(({ status }) => status === 'fulfilled').length,
    codes: settled.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
    ),
  }
}
const booksAddUp = async () => expect((await verifyLedger(testContext(database.db))).violations).toEqual([])

const given = async (more: Parameters<typeof makePayee>[1] = {}) => {
  const ctx = testContext(database.db)
  const payee = await makePayee(ctx, more)
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN', firstName: 'Root' })).actor)
  return { ctx, ...payee, admin, userId: payee.user.id }
}
const givenRequest = async (more: Parameters<typeof makePayee>[1] = {}) => {
  const world = await given(more)
  const { id } = await requestWithdrawal(world.as, USD(6_000))
  return { ...world, id }
}
const mailsAbout = (id: string) =>
  database.db
    .select()
    .from(mails)
    .where(like(mails.key, `withdrawal:${id}:%`))
const logOf = (id: string) => database.db.select().from(activityLog).where(eq(activityLog.subjectId, id))

/** How much is kept about a user, wherever a withdrawal leaves something. */
const rowsOf = async (userId: string) => {
  const [row] = await database.db.execute<
    Record<'withdrawals' | 'entries' | 'logged' | 'mails', string>
  >(sql`select
    (select count(*) from withdrawals where user_id = ${userId}) withdrawals,
    (select count(*) from ledger_entries e join ledger_accounts a on a.id = e.account_id where a.user_id = ${userId}) entries,
    (select count(*) from activity_log where user_id = ${userId}) logged,
    (select count(*) from mails m join users u on u.email = m.to_address where u.id = ${userId}) mails`)
  const count = (what: 'withdrawals' | 'entries' | 'logged' | 'mails') => Number(row?.[what])
  return {
    withdrawals: count('withdrawals'),
    entries: count('entries'),
    logged: count('logged'),
    mails: count('mails'),
  }
}

describe('requesting a withdrawal', () => {
  it('takes the amount out of what is available, to the details on file', async () => {
    const { ctx, as, userId } = await given()
    const withdrawal = await requestWithdrawal(as, USD(6_000))
    expect(withdrawal).toEqual({
      id: expect.any(String),
      amount: USD(6_000),
      fee: USD(0),
      status: 'REQUESTED',
      method: { kind: 'PAYPAL', masked: 'p•••@payee.example' },
      reason: null,
      reference: null,
      createdAt: ctx.now().toISOString(),
      approvedAt: null,
      paidAt: null,
      sentThrough: null,
      sentAt: null,
    })
    expect(await figures(ctx, userId)).toEqual({ available: 4_000, withdrawing: 6_000 })
    expect((await listWithdrawals(as, { limit: 10 })).items).toEqual([withdrawal])
    const [transfer] = await database.db
      .select()
      .from(ledgerTransfers)
      .where(eq(ledgerTransfers.idempotencyKey, `withdrawal:${withdrawal.id}:request`))
    expect(transfer).toMatchObject({ kind: 'withdrawal', referenceId: withdrawal.id })
    expect(await logOf(withdrawal.id)).toMatchObject([{ action: 'withdrawal_requested' }])
  })

  it.each([
    ['USD', 4_999, 5_000],
    ['JPY', 49, 50],
    ['KWD', 49_999, 50_000],
  ])('has a minimum of 50 in %s', async (currency, less, least) => {
    const { as } = await given({ available: 1_000_000n, currency })
    await expect(requestWithdrawal(as, { amount: less, currency })).rejects.toMatchObject({
      status: 422,
      code: 'BELOW_MINIMUM',
    })
    expect((await payoutTerms(as)).minimums).toEqual([{ amount: least, currency }])
    expect(await requestWithdrawal(as, { amount: least, currency })).toMatchObject({ status: 'REQUESTED' })
  })

  it('is refused beyond what is available, and while that is below zero', async () => {
    const { ctx, as, userId, admin } = await given()
    const refusal = { status: 422, code: 'INSUFFICIENT_BALANCE' }
    await expect(requestWithdrawal(as, USD(10_001))).rejects.toMatchObject(refusal)
    await expect(requestWithdrawal(as, { amount: 5_000, currency: 'EUR' })).rejects.toMatchObject(refusal)
    await createAdjustment(admin, { userId, ...USD(-10_001), reason: 'Paid twice' })
    await expect(requestWithdrawal(as, USD(5_000))).rejects.toMatchObject(refusal)
    expect(await figures(ctx, userId)).toEqual({ available: -1, withdrawing: 0 })
    expect((await listWithdrawals(as, { limit: 10 })).items).toEqual([])
  })

  it('needs details on file, and waits 48 hours after they changed', async () => {
    const { ctx, as } = await given({ method: null })
    await expect(requestWithdrawal(as, USD(5_000))).rejects.toMatchObject({
      status: 422,
      code: 'NO_PAYOUT_METHOD',
    })
    await givenMethod(as, PAYPAL)
    await givenMethod(as, BANK)
    ctx.clock.advance(48 * 3_600_000 - 1)
    await expect(requestWithdrawal(as, USD(5_000))).rejects.toMatchObject({
      status: 422,
      code: 'PAYOUT_METHOD_ON_HOLD',
    })
    ctx.clock.advance(1)
    expect((await requestWithdrawal(as, USD(5_000))).method.kind).toBe('BANK')
  })

  it('keeps the details it was made with', async () => {
    const { as, id } = await givenRequest()
    await givenMethod(as, BANK)
    const [withdrawal] = (await listWithdrawals(as, { limit: 10 })).items
    expect(withdrawal).toMatchObject({ id, method: { kind: 'PAYPAL' } })
  })

  it('is possible once at a time in each currency', async () => {
    const { ctx, as, user } = await given({ available: 20_000n })
    await givenBalance(ctx, user.id, 20_000n, 'EUR')
    const { id } = await requestWithdrawal(as, USD(5_000))
    await expect(requestWithdrawal(as, USD(5_000))).rejects.toMatchObject({
      status: 409,
      code: 'WITHDRAWAL_OPEN',
    })
    await requestWithdrawal(as, { amount: 5_000, currency: 'EUR' })
    await cancelWithdrawal(as, { id })
    await requestWithdrawal(as, USD(5_000))
  })

  it('again under the same attempt is the first one, one after the other and at once', async () => {
    const { ctx, as, userId } = await given()
    const ask = (amount: number) => requestWithdrawal(as, { ...USD(amount), attempt: 'a1' })
    const both = await Promise.all(Array.from({ length: 20 }, () => ask(5_000)))
    expect(new Set([...both, await ask(5_000)].map(({ id }) => id)).size).toBe(1)
    await expect(ask(5_001)).rejects.toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_REUSED' })
    expect(await figures(ctx, userId)).toEqual({ available: 5_000, withdrawing: 5_000 })
  })

  it('for everything, twice at once, passes once', async () => {
    const { ctx, as, userId } = await given()
    const { passed, codes } = await outcomes([
      requestWithdrawal(as, USD(10_000)),
      requestWithdrawal(as, USD(10_000)),
    ])
    expect({ passed, codes }).toEqual({ passed: 1, codes: ['WITHDRAWAL_OPEN'] })
    expect(await figures(ctx, userId)).toEqual({ available: 0, withdrawing: 10_000 })
    await booksAddUp()
  })

  it('a thousand times at once against a balance that pays one passes once, and writes nothing else', async () => {
    const { ctx, as, userId } = await given()
    const before = await rowsOf(userId)
    const { passed, codes } = await outcomes(
      Array.from({ length: 1_000 }, (_, i) => requestWithdrawal(as, { ...USD(10_000), attempt: `try-${i}` })),
    )
    expect({ passed, refused: codes.length, codes: new Set(codes) }).toEqual({
      passed: 1,
      refused: 999,
      codes: new Set(['WITHDRAWAL_OPEN']),
    })
    const after = await rowsOf(userId)
    expect({
      withdrawals: after.withdrawals - before.withdrawals,
      entries: after.entries - before.entries,
      logged: after.logged - before.logged,
      mails: after.mails - before.mails,
    }).toEqual({ withdrawals: 1, entries: 2, logged: 1, mails: 0 })
    expect(await figures(ctx, userId)).toEqual({ available: 0, withdrawing: 10_000 })
    await booksAddUp()
  }, 60_000)

  it('beside a refund ends in a balance that equals its entries, whichever came first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { ctx, as, userId } = await given()
      const refund = () =>
        createBalanceTransaction(ctx, {
          userId,
          type: 'REFUND',
          amount: -3_000n,
          currency: 'USD',
          referenceType: 'payment',
          referenceId: 'p',
          notes: 'Refund',
          idempotencyKey: `refund:${userId}`,
        })
      const ask = () => requestWithdrawal(as, USD(10_000))
      const attempts = round % 2 === 0 ? [ask(), refund()] : [refund(), ask()]
      const { codes } = await outcomes(attempts)
      expect(await figures(ctx, userId)).toEqual(
        codes.length === 0
          ? { available: -3_000, withdrawing: 10_000 }
          : { available: 7_000, withdrawing: 0 },
      )
      if (codes.length > 0) expect(codes).toEqual(['INSUFFICIENT_BALANCE'])
    }
    await booksAddUp()
  })
})

describe('a withdrawal', () => {
  it('is approved and paid: the money leaves the house, and the owner is told each time', async () => {
    const { ctx, admin, userId, user, id } = await givenRequest()
    expect(await approveWithdrawal(admin, { id })).toMatchObject({
      status: 'APPROVED',
      approvedAt: ctx.now().toISOString(),
      user: { id: userId, email: user.email },
    })
    expect(await markPaid(admin, { id, reference: 'PP-1' })).toMatchObject({
      status: 'PAID',
      reference: 'PP-1',
      paidAt: ctx.now().toISOString(),
    })
    expect(await figures(ctx, userId)).toEqual({ available: 4_000, withdrawing: 0 })
    expect((await mailsAbout(id)).map(({ template, to }) => [template, to]).sort()).toEqual([
      ['withdrawal-approved', user.email],
      ['withdrawal-paid', user.email],
    ])
    expect((await logOf(id)).map(({ action, before, after }) => [action, before, after])).toEqual(
      expect.arrayContaining([
        [
          'withdrawal_paid',
          { status: 'APPROVED', reason: null, reference: null },
          { status: 'PAID', reason: null, reference: 'PP-1' },
        ],
      ]),
    )
    await markPaid(admin, { id, reference: 'PP-1' })
    await markPaid(admin, { id, reference: '' })
    await expect(markPaid(admin, { id, reference: 'PP-2' })).rejects.toMatchObject({
      status: 409,
      code: 'WITHDRAWAL_STATE',
    })
    await booksAddUp()
  })

  it('approved twice, one after the other or at once, is approved once with one mail', async () => {
    const { ctx, admin, id } = await givenRequest()
    const other = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    await Promise.all([approveWithdrawal(admin, { id }), approveWithdrawal(other, { id })])
    await approveWithdrawal(admin, { id })
    expect(await mailsAbout(id)).toHaveLength(1)
    expect((await logOf(id)).filter(({ action }) => action === 'withdrawal_approved')).toHaveLength(1)
  })

  it('is decided on by nobody whose own it is', async () => {
    const ctx = testContext(database.db)
    const { user, as } = await makePayee(ctx)
    const { id } = await requestWithdrawal(as, USD(5_000))
    const self = ctx.as({ ...user.actor, kind: 'admin' })
    for (const attempt of [
      () => approveWithdrawal(self, { id }),
      () => markPaid(self, { id, reference: 'x' }),
      () => markReturned(self, { id, reason: 'came back' }),
    ])
      await expect(attempt()).rejects.toMatchObject({ status: 422, code: 'OWN_WITHDRAWAL' })
    // Not even behind the verbs' back.
    await expect(
      database.db
        .update(withdrawals)
        .set({ status: 'APPROVED', approvedBy: user.id, approvedAt: ctx.now() })
        .where(eq(withdrawals.id, id)),
    ).rejects.toThrow()
  })

  it.each(['rejected', 'cancelled'] as const)('that is %s gives the money back, once', async (how) => {
    const { ctx, as, admin, userId, id } = await givenRequest()
    const end = () =>
      how === 'rejected' ? rejectWithdrawal(admin, { id, reason: 'Not yours' }) : cancelWithdrawal(as, { id })
    expect(await end()).toMatchObject({ status: how.toUpperCase() })
    await end()
    expect(await figures(ctx, userId)).toEqual({ available: 10_000, withdrawing: 0 })
    const mailed = (await mailsAbout(id)).map(({ template }) => template)
    expect(mailed).toEqual(how === 'rejected' ? ['withdrawal-rejected'] : [])
    await expect(approveWithdrawal(admin, { id })).rejects.toMatchObject({ code: 'WITHDRAWAL_STATE' })
    await booksAddUp()
  })

  it('that failed gives the money back once, however often and at once', async () => {
    const { ctx, admin, userId, id } = await givenRequest()
    await approveWithdrawal(admin, { id })
    const fail = () => markFailed(admin, { id, reason: 'No such account' })
    await Promise.all([fail(), fail(), fail()])
    expect(await fail()).toMatchObject({ status: 'FAILED', reason: 'No such account' })
    expect(await figures(ctx, userId)).toEqual({ available: 10_000, withdrawing: 0 })
    expect(await mailsAbout(id)).toHaveLength(2)
    await booksAddUp()
  })

  it('that was returned after it was paid gives the money back once, however often and at once', async () => {
    const { ctx, admin, userId, id } = await givenRequest()
    await approveWithdrawal(admin, { id })
    await markPaid(admin, { id, reference: 'B-1' })
    const back = () => markReturned(admin, { id, reason: 'Account closed' })
    await Promise.all([back(), back(), back()])
    await back()
    expect(await figures(ctx, userId)).toEqual({ available: 10_000, withdrawing: 0 })
    await expect(markFailed(admin, { id, reason: 'failed too' })).rejects.toMatchObject({
      code: 'WITHDRAWAL_STATE',
    })
    await booksAddUp()
  })

  it('is held and released, and is not paid meanwhile', async () => {
    const { admin, id } = await givenRequest()
    await expect(holdWithdrawal(admin, { id, reason: 'Too early' })).rejects.toMatchObject({
      code: 'WITHDRAWAL_STATE',
    })
    await expect(releaseWithdrawal(admin, { id, reason: 'Too early' })).rejects.toMatchObject({
      code: 'WITHDRAWAL_STATE',
    })
    await approveWithdrawal(admin, { id })
    expect(await holdWithdrawal(admin, { id, reason: 'Looks odd' })).toMatchObject({
      status: 'ON_HOLD',
      reason: 'Looks odd',
    })
    for (const attempt of [
      () => approveWithdrawal(admin, { id }),
      () => markPaid(admin, { id, reference: 'x' }),
    ])
      await expect(attempt()).rejects.toMatchObject({ status: 409, code: 'WITHDRAWAL_STATE' })
    expect(await releaseWithdrawal(admin, { id, reason: 'It is fine' })).toMatchObject({ status: 'APPROVED' })
    expect(await mailsAbout(id)).toHaveLength(1)
    await markPaid(admin, { id, reference: 'x' })
  })

  it('cancelled beside its approval ends as one of the two', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { ctx, as, admin, userId, id } = await givenRequest()
      const attempts = [() => cancelWithdrawal(as, { id }), () => approveWithdrawal(admin, { id })] as const
      const { passed, codes } = await outcomes(
        (round % 2 === 0 ? attempts : attempts.toReversed()).map((go) => go()),
      )
      expect({ passed, codes }).toEqual({ passed: 1, codes: ['WITHDRAWAL_STATE'] })
      const [row] = await database.db.select().from(withdrawals).where(eq(withdrawals.id, id))
      expect(await figures(ctx, userId)).toEqual(
        row?.status === 'CANCELLED'
          ? { available: 10_000, withdrawing: 0 }
          : { available: 4_000, withdrawing: 6_000 },
      )
    }
    await booksAddUp()
  })

  it('of somebody else, or none, is not there', async () => {
    const { ctx, id, admin } = await givenRequest()
    const stranger = ctx.as((await makeUser(ctx)).actor)
    const missing = { status: 404, code: 'WITHDRAWAL_NOT_FOUND' }
    for (const other of [id, crypto.randomUUID(), 'no-id', "'; --"]) {
      await expect(cancelWithdrawal(stranger, { id: other })).rejects.toMatchObject(missing)
      if (other !== id) await expect(approveWithdrawal(admin, { id: other })).rejects.toMatchObject(missing)
    }
    expect((await listWithdrawals(stranger, { limit: 10 })).items).toEqual([])
  })

  it('moves only as the database agrees, and never in amount or owner', async () => {
    const { id } = await givenRequest()
    for (const change of [sql`status = 'PAID'`, sql`amount = 1`, sql`method_id = method_id`])
      await expect(
        database.db.execute(sql`update withdrawals set ${change} where id = ${id}`),
      ).rejects.toThrow()
    await expect(database.db.execute(sql`delete from withdrawals where id = ${id}`)).rejects.toThrow()
    const known = await database.db.execute<{ from_state: string; to_state: string }>(
      sql`select from_state, to_state from state_transitions where entity = 'withdrawals'`,
    )
    const ours = WithdrawalStatus.options.flatMap((from) =>
      WithdrawalStatus.options.filter((to) => mayBecome(from, to)).map((to) => `${from} ${to}`),
    )
    expect(known.map(({ from_state, to_state }) => `${from_state} ${to_state}`).sort()).toEqual(ours.sort())
  })
})

it('the least that is paid out follows the currency', () => {
  expect(['JPY', 'USD', 'KWD'].map((currency) => minimumWithdrawal(50, currency))).toEqual([
    50n,
    5_000n,
    50_000n,
  ])
})

describe('the lists', () => {
  it('page through everything once, and know the state asked for', async () => {
    const { ctx, as, admin, id } = await givenRequest()
    await cancelWithdrawal(as, { id })
    ctx.clock.advance(1)
    const { id: second } = await requestWithdrawal(as, USD(5_000))
    const page = await listWithdrawals(as, { limit: 1 })
    expect(page.items.map((one) => one.id)).toEqual([second])
    const rest = await listWithdrawals(as, { limit: 1, cursor: page.nextCursor ?? '' })
    expect([rest.items.map((one) => one.id), rest.nextCursor]).toEqual([[id], null])
    const cancelled = await listAllWithdrawals(admin, { limit: 100, status: 'CANCELLED' })
    expect(cancelled.items.map((one) => one.id)).toContain(id)
    expect(new Set(cancelled.items.map(({ status }) => status))).toEqual(new Set(['CANCELLED']))
    const foreign = Buffer.from(`${ctx.now().toISOString()}|1.1`).toString('base64url')
    await expect(listWithdrawals(as, { limit: 1, cursor: foreign })).rejects.toMatchObject({ status: 400 })
  })

  it.each(['REQUESTED', 'APPROVED', 'PAID'] as const)(
    'are listed with their details masked, and nothing is written: %s',
    async (status) => {
      const { admin, id } = await givenRequest({ method: BANK })
      if (status !== 'REQUESTED') await approveWithdrawal(admin, { id })
      if (status === 'PAID') await markPaid(admin, { id, reference: 'R' })
      const before = await database.db.$count(activityLog)
      const csv = await exportWithdrawals(admin, { status })
      const line = csv.split('\r\n').find((one) => one.startsWith(id)) ?? ''
      expect(line).toContain(',BANK,')
      expect(line).not.toMatch(/DE89370400440532013000|Penelope/)
      expect(await database.db.$count(activityLog)).toBe(before)
    },
  )

  it('leave no detail in clear anywhere in the database', async () => {
    const { admin, id } = await givenRequest({ method: BANK })
    await approveWithdrawal(admin, { id })
    await batchCsv(admin, await makeBatch(admin))
    const tables = await database.owner.execute<{ name: string }>(
      sql`select table_name name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    )
    for (const { name } of tables) {
      const [found] = await database.owner.execute<{ n: number }>(
        sql`select count(*)::int n from ${sql.identifier(name)} t
          where t::text like '%Penelope%' or t::text like '%DE8937040044%' or t::text like '%paid.here%'`,
      )
      expect(found?.n, name).toBe(0)
    }
    // As bytes too, in which text is shown as hex.
    const [hex] = await database.owner.execute<{ n: number }>(
      sql`select count(*)::int n from payout_methods where position(${Buffer.from('Penelope')}::bytea in sealed) > 0`,
    )
    expect(hex?.n).toBe(0)
  })
})

describe('an adjustment', () => {
  it('adds or takes, below zero too, with the reason and who did it', async () => {
    const { ctx, admin, userId } = await given({ available: 100n })
    const line = await createAdjustment(admin, { userId, ...USD(-250), reason: 'Credited by mistake' })
    expect(line).toMatchObject({
      type: 'ADJUSTMENT',
      amount: USD(-250),
      balanceAfter: USD(-150),
      notes: 'Credited by mistake (Root Example)',
    })
    expect(await figures(ctx, userId)).toMatchObject({ available: -150 })
    const log = (await logOf(userId)).find(({ action }) => action === 'balance_adjusted')
    expect(log).toMatchObject({
      before: { balance: USD(100) },
      after: { balance: USD(-150), reason: 'Credited by mistake' },
    })
    await booksAddUp()
  })

  it('under the same attempt happens once, at once too; with other contents it is refused', async () => {
    const { ctx, admin, userId } = await given()
    const adjust = (amount: number) =>
      createAdjustment(admin, { userId, ...USD(amount), reason: 'A present', attempt: 'k' })
    const lines = await Promise.all([adjust(500), adjust(500)])
    expect(new Set([...lines, await adjust(500)].map(({ id }) => id)).size).toBe(1)
    expect(await figures(ctx, userId)).toMatchObject({ available: 10_500 })
    expect((await logOf(userId)).filter(({ action }) => action === 'balance_adjusted')).toHaveLength(1)
    await expect(adjust(501)).rejects.toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_REUSED' })
  })

  it('of one’s own balance is another admin’s to make', async () => {
    const { ctx, user } = await given()
    const self = ctx.as({ ...user.actor, kind: 'admin' })
    for (const userId of [user.id, user.id.toUpperCase()])
      await expect(
        createAdjustment(self, { userId, ...USD(500), reason: 'A present' }),
      ).rejects.toMatchObject({ status: 422, code: 'OWN_BALANCE' })
    expect(await figures(ctx, user.id)).toMatchObject({ available: 10_000 })
  })

  it('of nobody is refused', async () => {
    const { admin } = await given()
    for (const userId of [crypto.randomUUID(), 'nobody'])
      await expect(createAdjustment(admin, { userId, ...USD(1), reason: 'Why not' })).rejects.toMatchObject({
        status: 404,
        code: 'USER_NOT_FOUND',
      })
  })
})

describe('any sequence of steps', () => {
  it('leaves the balance a model expects', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('request' as const), amount: fc.integer({ min: 4_000, max: 12_000 }) }),
      fc.record({
        do: fc.constantFrom(...DECISIONS),
        amount: fc.constant(0),
      }),
      fc.record({ do: fc.constant('refund' as const), amount: fc.integer({ min: 1, max: 3_000 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 14 }), async (steps) => {
        const { ctx, as, admin, userId } = await given()
        const model = { available: 10_000, withdrawing: 0 }
        const last = { id: '', amount: 0, status: 'CANCELLED' as WithdrawalStatus }
        const isOpen = () => ['REQUESTED', 'APPROVED', 'ON_HOLD', 'PROCESSING'].includes(last.status)
        for (const { do: what, amount } of steps) {
          ctx.clock.advance(1)
          if (what === 'request') {
            const possible = amount >= 5_000 && !isOpen() && amount <= model.available
            const made: { id: string } | null = await requestWithdrawal(as, USD(amount)).catch(() => null)
            expect(made !== null).toBe(possible)
            if (made === null) continue
            Object.assign(last, { id: made.id, amount, status: 'REQUESTED' })
            model.available -= amount
            model.withdrawing += amount
          } else if (what === 'refund') {
            await createBalanceTransaction(ctx, {
              userId,
              type: 'REFUND',
              amount: -BigInt(amount),
              currency: 'USD',
              referenceType: 'payment',
              referenceId: 'p',
              notes: '',
              idempotencyKey: crypto.randomUUID(),
            })
            model.available -= amount
          } else if (last.id !== '') {
            const [to, from, go] = STEPS[what]
            const possible = from.includes(last.status)
            const same = last.status === to
            const done = await go(what === 'cancel' ? as : admin, last.id).then(
              () => true,
              () => false,
            )
            expect(done, `${what} of ${last.status}`).toBe(possible || same)
            if (!possible) continue
            const before = last.status
            last.status = to
            if (['CANCELLED', 'REJECTED', 'FAILED', 'RETURNED'].includes(to)) model.available += last.amount
            if (before !== 'PAID' && !isOpen()) model.withdrawing -= last.amount
          }
          expect(await figures(ctx, userId)).toEqual(model)
        }
      }),
      { numRuns: 15 },
    )
    await booksAddUp()
  })
})

const DECISIONS = ['cancel', 'approve', 'reject', 'hold', 'release', 'pay', 'fail', 'return'] as const
const reason = 'Because'
const STEPS: Record<
  (typeof DECISIONS)[number],
  [WithdrawalStatus, WithdrawalStatus[], (ctx: TestContext, id: string) => Promise<unknown>]
> = {
  cancel: ['CANCELLED', ['REQUESTED'], (ctx, id) => cancelWithdrawal(ctx, { id })],
  approve: ['APPROVED', ['REQUESTED'], (ctx, id) => approveWithdrawal(ctx, { id })],
  reject: ['REJECTED', ['REQUESTED', 'ON_HOLD'], (ctx, id) => rejectWithdrawal(ctx, { id, reason })],
  hold: ['ON_HOLD', ['APPROVED'], (ctx, id) => holdWithdrawal(ctx, { id, reason })],
  release: ['APPROVED', ['ON_HOLD'], (ctx, id) => releaseWithdrawal(ctx, { id, reason })],
  pay: ['PAID', ['APPROVED'], (ctx, id) => markPaid(ctx, { id, reference: 'R' })],
  fail: ['FAILED', ['APPROVED'], (ctx, id) => markFailed(ctx, { id, reason })],
  return: ['RETURNED', ['PAID'], (ctx, id) => markReturned(ctx, { id, reason })],
}

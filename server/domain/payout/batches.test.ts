import { and, eq, inArray } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, jobs, payoutBatches, withdrawals } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { BANK, makePayee } from '../../../db/testing/factories/payout'
import { getBalances } from '../balance'
import {
  approveWithdrawal,
  batchCsv,
  followWithdrawals,
  holdWithdrawal,
  listAllWithdrawals,
  listBatches,
  makeBatch,
  markFailed,
  markPaid,
  markReturned,
  rejectWithdrawal,
  requestWithdrawal,
  sendAgain,
  sendWithdrawal,
} from '.'

const database = useDatabase()

/** An approved withdrawal of 60.00 to a bank, and two admins. */
const given = async (details = BANK) => {
  const ctx = testContext(database.db)
  const { as, user } = await makePayee(ctx, { method: details })
  const [admin, second] = [
    ctx.as((await makeUser(ctx, { role: 'ADMIN', firstName: 'Root' })).actor),
    ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor),
  ]
  const { id } = await requestWithdrawal(as, { amount: 6_000, currency: 'USD' })
  await approveWithdrawal(admin, { id })
  return { ctx, as, user, admin, second, id }
}
const rowOf = async (id: string) => {
  const [row] = await database.db.select().from(withdrawals).where(eq(withdrawals.id, id))
  return row
}
const lineOf = async (admin: TestContext, batch: { id: string }, id: string) =>
  (await batchCsv(admin, batch)).split('\r\n').find((line) => line.startsWith(id))
const available = async (ctx: TestContext, userId: string) =>
  (await getBalances(ctx, userId))[0]?.balance.amount

describe('a batch of withdrawals', () => {
  it('takes what is approved and paid by hand, and says in the log who took what, without details', async () => {
    const { ctx, admin, id } = await given({
      kind: 'BANK',
      details: { name: '=HYPERLINK("x")', iban: 'DE89370400440532013000' },
    })
    const waiting = await given()
    await holdWithdrawal(waiting.admin, { id: waiting.id, reason: 'Look' })
    const batch = await makeBatch(admin)
    expect(batch).toMatchObject({
      madeBy: 'Root Example',
      createdAt: ctx.now().toISOString(),
      withdrawals: 1,
      open: 1,
      toPay: [{ amount: 6_000, currency: 'USD' }],
    })
    expect(await rowOf(id)).toMatchObject({ status: 'PROCESSING', batchId: batch.id, provider: null })
    expect(await rowOf(waiting.id)).toMatchObject({ status: 'ON_HOLD', batchId: null })
    expect(await lineOf(admin, batch, id)).toContain(
      'USD,6000,60.00,BANK,,"\'=HYPERLINK(""x"")",DE89370400440532013000,,,,6000,0',
    )
    const log = await database.db
      .select()
      .from(activityLog)
      .where(inArray(activityLog.subjectId, [id, batch.id]))
    expect(log.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['payout_batch_made', 'withdrawal_batched']),
    )
    expect(log.find(({ action }) => action === 'payout_batch_made')?.after).toEqual({ withdrawals: [id] })
    expect(JSON.stringify(log)).not.toContain('DE893704')
  })

  it('is given again by its id, the same, and nothing is written', async () => {
    const { admin, second, id } = await given()
    const batch = await makeBatch(admin)
    const before = await database.db.$count(activityLog)
    const file = await batchCsv(admin, batch)
    expect(await batchCsv(second, batch)).toBe(file)
    expect(file.split('\r\n')).toHaveLength(3)
    expect(file).toContain('DE89370400440532013000')
    expect((await listBatches(second, { limit: 100 })).items).toContainEqual(batch)
    expect(await database.db.$count(activityLog)).toBe(before)
    expect((await rowOf(id))?.status).toBe('PROCESSING')
  })

  it('made by two admins at once holds each withdrawal once; there is nothing left for the other', async () => {
    const { admin, second, id } = await given()
    const settled = await Promise.allSettled([makeBatch(admin), makeBatch(second), makeBatch(admin)])
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const one of settled)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ status: 422, code: 'NOTHING_TO_PAY' })
    const { batchId } = (await rowOf(id)) ?? {}
    expect(await database.db.$count(payoutBatches, eq(payoutBatches.id, batchId ?? ''))).toBe(1)
  })

  it('made while one of them is put on hold has it, or it is on hold: never both', async () => {
    const { admin, second, id } = await given()
    await Promise.allSettled([makeBatch(admin), holdWithdrawal(second, { id, reason: 'Look' })])
    const row = await rowOf(id)
    expect([row?.status, row?.batchId !== null]).toEqual(
      row?.status === 'ON_HOLD' ? ['ON_HOLD', false] : ['PROCESSING', true],
    )
  })

  it('keeps what is in it from being held or rejected; it ends as paid, and can come back', async () => {
    const { ctx, admin, user, id } = await given()
    const batch = await makeBatch(admin)
    const state = { status: 409, code: 'WITHDRAWAL_STATE' }
    await expect(holdWithdrawal(admin, { id, reason: 'Look' })).rejects.toMatchObject(state)
    await expect(rejectWithdrawal(admin, { id, reason: 'No' })).rejects.toMatchObject(state)
    const [listed] = (await listAllWithdrawals(admin, { limit: 100, status: 'PROCESSING' })).items.filter(
      (one) => one.id === id,
    )
    expect(listed).toMatchObject({ byHand: null, sentThrough: null })
    expect(await markPaid(admin, { id, reference: 'SEPA 1' })).toMatchObject({ status: 'PAID' })
    expect(await available(ctx, user.id)).toBe(4_000)
    const line = await lineOf(admin, batch, id)
    expect(line).toContain(',PAID,')
    expect(line).not.toContain('DE89370400440532013000')
    expect((await listBatches(admin, { limit: 100 })).items).toContainEqual({ ...batch, open: 0 })
    await markReturned(admin, { id, reason: 'Account closed' })
    expect(await available(ctx, user.id)).toBe(10_000)
  })

  it('gives back the money of what could not be paid, once, and a new request is in a new batch', async () => {
    const { ctx, as, admin, user, id } = await given()
    const batch = await makeBatch(admin)
    await Promise.all([markFailed(admin, { id, reason: 'No' }), markFailed(admin, { id, reason: 'No' })])
    expect(await available(ctx, user.id)).toBe(10_000)
    const { id: next } = await requestWithdrawal(as, { amount: 5_000, currency: 'USD' })
    await approveWithdrawal(admin, { id: next })
    const again = await makeBatch(admin)
    expect(await lineOf(admin, again, next)).toContain('DE89370400440532013000')
    expect(await lineOf(admin, again, id)).toBeUndefined()
    expect(await lineOf(admin, batch, next)).toBeUndefined()
  })

  it('is left alone by what sends withdrawals', async () => {
    const { ctx, admin, id } = await given()
    await makeBatch(admin)
    ctx.clock.advance(7_200_000)
    await followWithdrawals(ctx.as({ kind: 'job', name: 'test' }))
    await sendWithdrawal(ctx, id)
    await expect(sendAgain(admin, { id })).rejects.toMatchObject({ code: 'PAID_BY_HAND' })
    expect(
      await database.db.$count(jobs, and(eq(jobs.kind, 'payout.send'), eq(jobs.key, `payout:send:${id}`))),
    ).toBe(0)
    expect((await rowOf(id))?.status).toBe('PROCESSING')
  })

  it('never changes, and no withdrawal goes from one to another', async () => {
    const { admin, id } = await given()
    const batch = await makeBatch(admin)
    await expect(
      database.owner.update(withdrawals).set({ batchId: null }).where(eq(withdrawals.id, id)),
    ).rejects.toThrow()
    await expect(database.owner.delete(payoutBatches).where(eq(payoutBatches.id, batch.id))).rejects.toThrow()
  })

  it('is listed newest first, page by page', async () => {
    const { ctx, admin } = await given()
    ctx.clock.advance(60_000)
    const first = await makeBatch(admin)
    ctx.clock.advance(60_000)
    const { admin: root } = await given()
    const second = await makeBatch({ ...root, now: ctx.now })
    const page = await listBatches(admin, { limit: 1 })
    expect(page.items).toEqual([second])
    const rest = await listBatches(admin, { limit: 1, cursor: page.nextCursor ?? '' })
    expect(rest.items).toEqual([first])
  })

  it('is not made of nothing, and one that is not there is not found', async () => {
    const { ctx, admin } = await given()
    await makeBatch(admin)
    await expect(makeBatch(admin)).rejects.toMatchObject({ status: 422, code: 'NOTHING_TO_PAY' })
    for (const id of ['x', '00000000-0000-7000-8000-000000000000'])
      await expect(batchCsv(admin, { id })).rejects.toMatchObject({ status: 404, code: 'BATCH_NOT_FOUND' })
    const cursor = Buffer.from(`${ctx.now().toISOString()}|1.1`).toString('base64url')
    await expect(listBatches(admin, { limit: 1, cursor })).rejects.toMatchObject({ status: 400 })
  })
})

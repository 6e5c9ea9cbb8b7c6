import { describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../db/testing/factories/identity'
import { makePayee } from '../../db/testing/factories/payout'
import { createCallerFactory, toFailure } from '../trpc'
import { payoutRouter } from './payout'

const database = useDatabase()

const call = (ctx: TestContext, idempotencyKey: string | null = null) => {
  const limits: string[] = []
  const api = createCallerFactory(payoutRouter)({
    ...ctx,
    request: {
      address: '192.0.2.1',
      idempotencyKey,
      sessionId: null,
      setCookie: () => {},
      limit: async (name) => void limits.push(name),
    },
  })
  return { api, limits }
}
const statusOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 200,
    (error: unknown) => toFailure(error).status,
  )

const world = async () => {
  const ctx = testContext(database.db)
  const { user, as } = await makePayee(ctx, { available: 20_000n })
  const owner = call(as).api
  const other = call(ctx.as((await makeUser(ctx)).actor)).api
  const admin = call(ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)).api
  return { ctx, user, as, owner, other, admin, visitor: call(ctx).api }
}

describe('withdrawals through the API', () => {
  it('are their owner’s to cancel and the admins’ to decide on; nobody else sees them', async () => {
    const { owner, other, admin, visitor, user } = await world()
    const { id } = await owner.request({ amount: 5_000, currency: 'USD' })
    const reason = 'Because'
    const everyone = [visitor, other, owner]
    for (const api of everyone) {
      const attempts = [
        api.approve({ id }),
        api.reject({ id, reason }),
        api.hold({ id, reason }),
        api.release({ id, reason }),
        api.paid({ id, reference: 'R' }),
        api.fail({ id, reason }),
        api.return({ id, reason }),
        api.listAll({}),
        api.exportCsv({}),
        api.makeBatch(),
        api.listBatches({}),
        api.batchCsv({ id }),
        api.adjust({ userId: user.id, amount: 1, currency: 'USD', reason }),
      ]
      expect(new Set(await Promise.all(attempts.map(statusOf)))).toEqual(new Set([404]))
    }
    expect(await statusOf(visitor.cancel({ id }))).toBe(401)
    expect(await statusOf(visitor.request({ amount: 5_000, currency: 'USD' }))).toBe(401)
    expect(await statusOf(visitor.terms())).toBe(401)
    expect(await statusOf(other.cancel({ id }))).toBe(404)
    expect(await statusOf(admin.cancel({ id }))).toBe(404)
    expect((await other.list({})).items).toEqual([])

    expect((await admin.listAll({ status: 'REQUESTED' })).items.map((one) => one.id)).toContain(id)
    expect((await admin.approve({ id })).status).toBe('APPROVED')
    expect((await admin.hold({ id, reason })).status).toBe('ON_HOLD')
    expect((await admin.release({ id, reason })).status).toBe('APPROVED')
    expect(await admin.exportCsv({})).not.toContain('paid.here@payee.example')
    const batch = await admin.makeBatch()
    expect(await admin.batchCsv({ id: batch.id })).toContain('paid.here@payee.example')
    expect((await admin.listBatches({})).items).toEqual([batch])
    expect((await admin.paid({ id, reference: 'R' })).status).toBe('PAID')
    expect((await admin.return({ id, reason })).status).toBe('RETURNED')
    const second = await owner.request({ amount: 5_000, currency: 'USD' })
    expect((await owner.cancel({ id: second.id })).status).toBe('CANCELLED')
    const third = await owner.request({ amount: 5_000, currency: 'USD' })
    expect((await admin.reject({ id: third.id, reason })).status).toBe('REJECTED')
    const fourth = await owner.request({ amount: 5_000, currency: 'USD' })
    await admin.approve({ id: fourth.id })
    expect((await admin.fail({ id: fourth.id, reason })).status).toBe('FAILED')
    expect((await owner.list({})).items.map(({ status }) => status)).toHaveLength(4)
    expect(JSON.stringify([await owner.list({}), await admin.listAll({})])).not.toContain('paid.here')
  })

  it('and adjustments are named by the header for an attempt', async () => {
    const { ctx, as, user } = await world()
    const named = call(as, 'attempt-1').api
    const first = await named.request({ amount: 5_000, currency: 'USD' })
    expect((await named.request({ amount: 5_000, currency: 'USD' })).id).toBe(first.id)
    const admin = call(ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor), 'attempt-1').api
    const adjustment = { userId: user.id, amount: 7, currency: 'USD', reason: 'A present' }
    const line = await admin.adjust(adjustment)
    expect(await admin.adjust(adjustment)).toEqual(line)
  })

  it('refuse what is no amount, currency or reason', async () => {
    const { owner, admin, user } = await world()
    for (const input of [
      { amount: 0, currency: 'USD' },
      { amount: -5_000, currency: 'USD' },
      { amount: 5_000.5, currency: 'USD' },
      { amount: 5_000, currency: 'usd' },
      { amount: 2 ** 53, currency: 'USD' },
    ])
      expect(await statusOf(owner.request(input)), JSON.stringify(input)).toBe(400)
    const adjustment = { userId: user.id, amount: 1, currency: 'USD', reason: 'A present' }
    for (const wrong of [{ amount: 0 }, { amount: 1e15 }, { reason: ' ' }])
      expect(await statusOf(admin.adjust({ ...adjustment, ...wrong }))).toBe(400)
    expect(await statusOf(admin.listAll({ status: 'GONE' as never }))).toBe(400)
  })

  it('go where their owner says, who says so by password, counted like a sign-in', async () => {
    const { as, owner } = await world()
    const { api, limits } = call(as)
    const set = await api.setMethod({
      kind: 'BANK',
      details: { name: 'Ann', iban: 'DE89 3704 0044 0532 0130 00' },
      password: TEST_PASSWORD,
    })
    expect(limits).toEqual(['sign-in'])
    expect(set).toMatchObject({ kind: 'BANK', masked: 'DE•• •••• 3000', holdUntil: expect.any(String) })
    const terms = await owner.terms()
    expect(terms).toMatchObject({ method: set, minimums: [{ amount: 5_000, currency: 'USD' }] })
    expect(JSON.stringify(terms)).not.toContain('3704')
    expect(await statusOf(owner.request({ amount: 5_000, currency: 'USD' }))).toBe(422)
    const wrong = { kind: 'PAYPAL' as const, details: { email: 'a@b.example' }, password: 'no' }
    expect(await statusOf(api.setMethod(wrong))).toBe(403)
  })
})

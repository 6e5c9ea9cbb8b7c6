import { expect, it } from 'vitest'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser } from '../../db/testing/factories/identity'
import { signUp } from '../domain/identity'
import { createCallerFactory, toFailure } from '../trpc'
import { programRouter } from './program'

const database = useDatabase()

const world = async () => {
  const ctx = testContext(database.db)
  const call = (as: typeof ctx) =>
    createCallerFactory(programRouter)({
      ...as,
      request: {
        address: '192.0.2.1',
        idempotencyKey: null,
        sessionId: null,
        setCookie: () => {},
        limit: async () => {},
      },
    })
  const admin = call(ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor))
  const user = call(ctx.as((await makeUser(ctx)).actor))
  return { ctx, admin, user, visitor: call(ctx) }
}
const statusOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 200,
    (error: unknown) => toFailure(error).status,
  )

it('is the admins’ to see and to change; everybody sees the rates', async () => {
  const { admin, user, visitor } = await world()
  for (const api of [user, visitor]) {
    expect(await statusOf(api.get())).toBe(404)
    expect(await statusOf(api.change({ commissionHoldDays: 1 }))).toBe(404)
    expect(await api.rates()).toEqual({ seller: '20.00', referral: '15.00' })
  }
  expect(await admin.get()).toMatchObject({
    sellerCommissionPercentage: 20,
    referralCommissionPercentage: 15,
    overrideCommissionPercentage: 0,
    overrideDepth: 1,
    commissionHoldDays: 0,
    minWithdrawalOfOthers: 50,
    history: [],
  })
  expect(
    await admin.change({ payoutFees: { PAYPAL: { percentage: 1.5, fixed: { USD: 25 } }, BANK: {} } }),
  ).toMatchObject({
    payoutFees: { PAYPAL: { percentage: 1.5, fixed: { USD: 25 } }, BANK: { percentage: 0, fixed: {} } },
  })
  expect(await statusOf(admin.change({}))).toBe(400)
  expect(await statusOf(admin.change({ referralCommissionPercentage: 81 }))).toBe(422)
})

it('gives whoever signs up from then on the new rate, and leaves the others theirs', async () => {
  const { ctx, admin } = await world()
  const before = await makeUser(ctx)
  await admin.change({ sellerCommissionPercentage: 25 })
  const email = 'new.seller@example.test'
  await signUp(ctx, { email, password: 'lantern-orbit-meadow-42', firstName: 'New', lastName: 'Seller' })
  const rows = await database.db.query.users.findMany({
    columns: { email: true, commissionPercentage: true },
  })
  const rateOf = (address: string) => rows.find((row) => row.email === address)?.commissionPercentage
  expect([rateOf(before.email), rateOf(email)]).toEqual(['20.00', '25.00'])
})

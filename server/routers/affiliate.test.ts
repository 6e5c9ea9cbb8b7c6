import { expect, it } from 'vitest'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser } from '../../db/testing/factories/identity'
import { makeOffer, makeOrder, paidFacts } from '../../db/testing/factories/payment'
import { settleOrder } from '../domain/payment'
import { inTransaction } from '../kit/context'
import { createCallerFactory, toFailure } from '../trpc'
import { affiliateRouter } from './affiliate'

const database = useDatabase()

const apiOf = (ctx: TestContext) =>
  createCallerFactory(affiliateRouter)({
    ...ctx,
    request: {
      address: '127.0.0.1',
      idempotencyKey: null,
      sessionId: null,
      setCookie: () => {},
      limit: async () => {},
    },
  })

it('lists one’s commissions and explains each; somebody else’s looks like a missing one', async () => {
  const ctx = testContext(database.db)
  const offer = await makeOffer(ctx)
  const order = await makeOrder(ctx, offer)
  await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
  const mine = apiOf(ctx.as(offer.seller.actor))
  const theirs = apiOf(ctx.as((await makeUser(ctx)).actor))

  const { items } = await mine.commissions({})
  const id = items[0]?.id ?? ''
  expect(items).toHaveLength(1)
  expect(await mine.explainCommission({ id })).toMatchObject({ commission: items[0], differences: [] })
  expect((await mine.salesHistory({})).items[0]?.commissionId).toBe(id)

  const failures = await Promise.all(
    [theirs.explainCommission({ id }), theirs.explainCommission({ id: order.id })].map((asked) =>
      asked.catch((error: unknown) => {
        const { status, code, message } = toFailure(error)
        return { status, code, message }
      }),
    ),
  )
  expect(failures[0]).toEqual({
    status: 404,
    code: 'COMMISSION_NOT_FOUND',
    message: 'There is no such commission.',
  })
  expect(failures[1]).toEqual(failures[0])
})

import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { beforeEach, expect, it } from 'vitest'
import { payments } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeBareWorkspace, makePayment, makeSeller } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { inspectPayment, listAllPayments } from '.'

const database = useDatabase({ broken: 'has payments that nobody made' })
let ctx: TestContext
beforeEach(() => {
  ctx = testContext(database.db)
})

const paid = async (more: Partial<typeof payments.$inferInsert> = {}) => {
  const [seller, buyer] = [await makeSeller(ctx), await makeUser(ctx, { firstName: 'Bo', lastName: '' })]
  const { id: workspaceId } = await makeBareWorkspace(ctx, seller.id)
  const { id } = await makePayment(ctx, { buyerId: buyer.id, sellerId: seller.id, workspaceId })
  await database.db
    .update(payments)
    .set({ paymentIntentId: `pi_${id}`, ...more })
    .where(eq(payments.id, id))
  return id
}

it('what names no payment is not found', async () => {
  for (const id of ['7', randomUUID()])
    await expect(inspectPayment(ctx, { id })).rejects.toMatchObject({
      status: 404,
      code: 'PAYMENT_NOT_FOUND',
    })
})

it('a refund of more than is left is of what is left, and of less just that', async () => {
  const id = await paid({ feeAmount: 300n })
  expect(await inspectPayment(ctx, { id })).toMatchObject({
    buyer: { name: 'Bo' },
    fee: { amount: 300 },
    copy: null,
    refund: { left: { amount: 10_000 }, amount: { amount: 10_000 }, shares: [] },
  })
  for (const [amount, given] of [
    [2_500, 2_500],
    [99_999, 10_000],
  ] as const)
    expect(await inspectPayment(ctx, { id, amount })).toMatchObject({
      refund: { amount: { amount: given }, platform: { amount: given }, tax: { amount: 0 } },
    })
})

it.each([
  ['its provider knows no name for', { paymentIntentId: null }],
  [
    'is given back already',
    { status: 'REFUNDED' as const, refundedAmount: 10_000n, reportedRefundAmount: 10_000n },
  ],
])('a payment that %s cannot be refunded', async (_what, more) => {
  expect(await inspectPayment(ctx, { id: await paid(more) })).toMatchObject({ fee: null, refund: null })
})

it('a plan is sold by nobody', async () => {
  const id = await paid({ type: 'PLAN_PURCHASE', sellerId: null, workspaceId: null })
  expect(await inspectPayment(ctx, { id })).toMatchObject({ seller: null, sold: 'a plan' })
})

it('the list is of one status where that is asked for', async () => {
  const id = await paid({ status: 'DISPUTED' })
  await paid()
  const { items } = await listAllPayments(ctx, { status: 'DISPUTED', limit: 20 })
  expect(items.map((one) => one.id)).toEqual([id])
})

import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { activityLog, orders, payments, workspaceClones, workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { newId } from '../../kit/context'
import { cloneWorkspace } from './clone-workspace'
import { createWorkspace } from './create-workspace'
import { deleteWorkspace } from './delete-workspace'
import { manualClone } from './manual-clone'
import { getWorkspace } from './queries'

const database = useDatabase({ broken: 'has payments in every state without the money that made it' })

const scene = async () => {
  const ctx = testContext(database.db)
  const { seller, workspace, as } = await makeSellerWithWorkspace(ctx)
  const buyer = await makeUser(ctx)
  const admin = await makeUser(ctx, { role: 'ADMIN' })
  const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, workspace.id))
  if (row === undefined) throw new Error('the workspace is there')
  return { ctx, seller, asSeller: as, workspace, rowId: row.id, buyer, admin, asAdmin: ctx.as(admin.actor) }
}

const pay = async (
  ctx: TestContext,
  buyer: MadeUser,
  sellerId: string,
  workspaceId: bigint,
): Promise<string> => {
  const [orderId, paymentId, now] = [newId(ctx), newId(ctx), ctx.now()]
  const what = { provider: 'stripe', mode: 'sandbox', workspaceId, sellerId } as const
  await ctx.db.insert(orders).values({
    ...what,
    id: orderId,
    paymentType: 'WORKSPACE_PURCHASE',
    email: buyer.email,
    firstName: 'A',
    lastName: 'B',
    buyerKey: buyer.id,
    offerKey: orderId,
    planType: 'FREE',
    offerMode: 'ONE_OFF',
    priceAmount: 100n,
    priceCurrency: 'USD',
    createdAt: now,
    expiresAt: now,
  })
  await ctx.db.insert(payments).values({
    ...what,
    id: paymentId,
    orderId,
    type: 'WORKSPACE_PURCHASE',
    status: 'CAPTURED',
    externalId: paymentId,
    buyerId: buyer.id,
    currency: 'USD',
    capturedAmount: 100n,
    taxAmount: 0n,
    baseAmount: 100n,
    paidAt: now,
    createdAt: now,
  })
  return paymentId
}

test('an admin’s gift has a reason, an owner and a line in the log', async () => {
  const { ctx, asSeller, workspace, buyer, admin, asAdmin, seller } = await scene()
  await deleteWorkspace(asSeller, workspace.id)
  const result = await manualClone(asAdmin, { id: workspace.id, newOwnerId: buyer.id, reason: 'a gift' })
  expect(await getWorkspace(ctx.as(buyer.actor), result.clonedWorkspaceId)).toMatchObject({ pages: 6 })
  const [record] = await database.db
    .select()
    .from(workspaceClones)
    .where(eq(workspaceClones.id, result.cloneId))
  expect(record).toMatchObject({
    reason: 'a gift',
    clonedById: admin.id,
    sellerId: seller.id,
    paymentId: null,
  })
  const log = await database.db
    .select()
    .from(activityLog)
    .where(eq(activityLog.subjectId, result.clonedWorkspaceId))
  expect(log).toMatchObject([{ action: 'workspace_cloned', userId: admin.id }])
})

test('a payment has one copy, whoever makes it and however many try at once', async () => {
  const { ctx, seller, workspace, rowId, buyer, asAdmin } = await scene()
  const paymentId = await pay(ctx, buyer, seller.id, rowId)
  const input = { id: workspace.id, newOwnerId: buyer.id, paymentId }
  const tries = await Promise.allSettled([
    manualClone(asAdmin, input),
    manualClone(asAdmin, input),
    cloneWorkspace(ctx, { sourceId: rowId, buyerId: buyer.id, sellerId: seller.id, paymentId }),
  ])
  expect(tries.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
  for (const one of tries)
    if (one.status === 'rejected') expect(one.reason).toMatchObject({ status: 409, code: 'ALREADY_CLONED' })
  await expect(manualClone(asAdmin, input)).rejects.toMatchObject({ status: 409, code: 'ALREADY_CLONED' })
  expect(await database.db.$count(workspaceClones, eq(workspaceClones.paymentId, paymentId))).toBe(1)
})

test('a payment for something or someone else is refused', async () => {
  const { ctx, seller, asSeller, workspace, rowId, buyer, asAdmin } = await scene()
  const paymentId = await pay(ctx, buyer, seller.id, rowId)
  const other = await createWorkspace(asSeller, { name: 'Other' })
  const mismatch = { status: 422, code: 'PAYMENT_MISMATCH' }
  await expect(manualClone(asAdmin, { id: other.id, newOwnerId: buyer.id, paymentId })).rejects.toMatchObject(
    mismatch,
  )
  await expect(
    manualClone(asAdmin, { id: workspace.id, newOwnerId: seller.id, paymentId }),
  ).rejects.toMatchObject(mismatch)
})

test('only a purchase whose money is here is copied for', async () => {
  const { ctx, seller, workspace, rowId, buyer, asAdmin } = await scene()
  for (const wrong of [
    { type: 'WORKSPACE_RENEWAL' },
    { status: 'PARTIALLY_REFUNDED' },
    { status: 'REFUNDED' },
    { status: 'DISPUTED' },
  ] as const) {
    const paymentId = await pay(ctx, buyer, seller.id, rowId)
    await ctx.db.update(payments).set(wrong).where(eq(payments.id, paymentId))
    await expect(
      manualClone(asAdmin, { id: workspace.id, newOwnerId: buyer.id, paymentId }),
    ).rejects.toMatchObject({ status: 422, code: 'PAYMENT_MISMATCH' })
  }
})

test('what is not there is 404, and so is everything for anyone but an admin', async () => {
  const { ctx, asSeller, workspace, buyer, asAdmin } = await scene()
  const input = { id: workspace.id, newOwnerId: buyer.id, reason: 'x' }
  const cases = [
    [asSeller, input, 'NOT_FOUND'],
    [asAdmin, { ...input, id: 'abcdefghij123456' }, 'WORKSPACE_NOT_FOUND'],
    [asAdmin, { ...input, id: 'x' }, 'WORKSPACE_NOT_FOUND'],
    [asAdmin, { ...input, newOwnerId: newId(ctx) }, 'USER_NOT_FOUND'],
    [asAdmin, { ...input, paymentId: newId(ctx) }, 'PAYMENT_NOT_FOUND'],
  ] as const
  for (const [who, what, code] of cases)
    await expect(manualClone(who, what)).rejects.toMatchObject({ status: 404, code })
})

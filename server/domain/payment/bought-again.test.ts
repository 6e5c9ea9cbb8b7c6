import { and, eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { activityLog, payments, workspaceClones, workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import {
  brokenBooks,
  type MadeOffer,
  makeOffer,
  makeOrder,
  paidFacts,
} from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import type { DisputeSnapshot, RefundSnapshot } from '../../kit/ports'
import { exportWorkspace, updateWorkspace } from '../workspace'
import { applyDispute, applyRefund, settleOrder } from '.'

const database = useDatabase()
let ctx: TestContext
let offer: MadeOffer
let buyer: MadeUser

beforeEach(async () => {
  ctx = testContext(database.db)
  offer = await makeOffer(ctx)
  buyer = await makeUser(ctx)
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

const bought = async () => {
  ctx.clock.advance(60_000)
  const order = await makeOrder(ctx, offer, { buyerId: buyer.id })
  await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
  return order.id
}
const chargeOf = (orderId: string) => ({
  provider: 'stripe',
  mode: 'sandbox' as const,
  paymentIntentId: `pi_${orderId}`,
  chargeId: null,
})
const ALL = { amount: 10_000n, currency: 'USD' }
const refunded = (orderId: string, status: RefundSnapshot['status'] = 'succeeded') => {
  ctx.clock.advance(60_000)
  const refunds = [{ ref: `re_${orderId}`, requestId: null, amount: ALL, status }]
  return inTransaction(ctx, (tx) => applyRefund(tx, { ...chargeOf(orderId), refunded: null, refunds }))
}
const disputed = (orderId: string, state: DisputeSnapshot['state']) => {
  ctx.clock.advance(60_000)
  const dispute = { ref: `dp_${orderId}`, amount: ALL, state }
  return inTransaction(ctx, (tx) => applyDispute(tx, { ...chargeOf(orderId), dispute }))
}
const copyOf = async (orderId: string) => {
  const [row] = await database.db
    .select({ status: workspaces.status, id: workspaces.publicId })
    .from(payments)
    .innerJoin(workspaceClones, eq(workspaceClones.paymentId, payments.id))
    .innerJoin(workspaces, eq(workspaces.id, workspaceClones.copyWorkspaceId))
    .where(eq(payments.orderId, orderId))
  if (row === undefined) throw new Error('no copy')
  return row
}
const states = (...orderIds: string[]) => Promise.all(orderIds.map(async (one) => (await copyOf(one)).status))

describe('a full refund', () => {
  it('freezes the copy; buying the workspace again thaws it, and makes a copy of its own', async () => {
    const first = await bought()
    const as = ctx.as(buyer.actor)
    const { id } = await copyOf(first)
    await updateWorkspace(as, { id, name: 'My own words' })
    await refunded(first)
    expect(await states(first)).toEqual(['FROZEN'])
    expect((await exportWorkspace(as, id)).name).toBe('My own words')
    const second = await bought()
    expect(await states(first, second)).toEqual(['ACTIVE', 'ACTIVE'])
    expect((await copyOf(second)).id).not.toBe(id)
    await expect(updateWorkspace(as, { id, name: 'And more' })).resolves.toMatchObject({ name: 'And more' })
    const log = await database.db
      .select()
      .from(activityLog)
      .where(and(eq(activityLog.subjectId, id), eq(activityLog.action, 'workspace_thawed')))
    expect(log).toMatchObject([{ organizationId: buyer.organizationId }])
    expect(log[0]?.description).toContain('bought again')
  })

  it('of one of two purchases freezes its copy alone: it was not bought again since', async () => {
    const [first, second] = [await bought(), await bought()]
    await refunded(first)
    expect(await states(first, second)).toEqual(['FROZEN', 'ACTIVE'])
  })

  it('of what was bought again freezes both copies, and one that fails later thaws both', async () => {
    const first = await bought()
    await refunded(first)
    const second = await bought()
    await refunded(second)
    expect(await states(first, second)).toEqual(['FROZEN', 'FROZEN'])
    await refunded(second, 'failed')
    expect(await states(first, second)).toEqual(['ACTIVE', 'ACTIVE'])
  })

  it('is thawed by its own buyer’s purchase of that workspace alone', async () => {
    const first = await bought()
    await refunded(first)
    const mine = buyer
    buyer = await makeUser(ctx)
    await bought()
    buyer = mine
    offer = await makeOffer(ctx)
    await bought()
    expect(await states(first)).toEqual(['FROZEN'])
  })

  it('beside the purchase that follows it, at once, leaves the copy as one of their orders would', async () => {
    const first = await bought()
    const order = await makeOrder(ctx, offer, { buyerId: buyer.id })
    await Promise.all([refunded(first), inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))])
    expect((await states(order.id))[0]).toBe('ACTIVE')
  })
})

describe('a copy whose payment is disputed', () => {
  it('stays frozen though the workspace is bought again, until the dispute is over', async () => {
    const first = await bought()
    await disputed(first, 'open')
    const second = await bought()
    expect(await states(first, second)).toEqual(['FROZEN', 'ACTIVE'])
    await disputed(first, 'won')
    expect(await states(first, second)).toEqual(['ACTIVE', 'ACTIVE'])
  })

  it('and lost is thawed by buying again after it was lost', async () => {
    const first = await bought()
    await disputed(first, 'lost')
    const second = await bought()
    expect(await states(first, second)).toEqual(['ACTIVE', 'ACTIVE'])
  })
})

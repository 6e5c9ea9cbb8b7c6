import { and, eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  commissions,
  listings,
  mails,
  orders,
  organizations,
  payments,
  users,
  workspaceClones,
  workspaceMembers,
  workspaces,
} from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { type MadeListing, makeListing } from '../../../db/testing/factories/marketplace'
import { brokenBooks, paidFacts } from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { type Harness, startHarness } from '../../providers/sandbox/sandbox.harness'
import { editListing, pauseListing, suspendListing } from '../marketplace'
import { createPaymentLink, settleOrder } from '.'
import { CreatePaymentLinkInput } from './schemas'

const database = useDatabase()
let h: Harness
let ctx: TestContext
let made: MadeListing

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = testContext(database.db, { outside: { payments: new Map([['stripe', h.provider]]) } })
  made = await makeListing(ctx)
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

let guests = 0
const guest = () => {
  guests += 1
  return `guest-${guests}@example.test`
}
const buy = (more: { listingSlug?: string; workspaceId?: string; email?: string } = {}, as = ctx) =>
  createPaymentLink(as, {
    paymentType: 'WORKSPACE_PURCHASE',
    email: guest(),
    firstName: 'Gus',
    lastName: 'Guest',
    listingSlug: made.listing.slug,
    attempt: null,
    ...more,
  })
const orderOf = async (id: string) => {
  const [row] = await database.db.select().from(orders).where(eq(orders.id, id))
  if (row === undefined) throw new Error('no such order')
  return row
}
const settle = async (id: string) => {
  const order = await orderOf(id)
  return inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
}
const soldOf = async () => {
  const [row] = await database.db.select().from(listings).where(eq(listings.id, made.listing.id))
  return row?.sold
}

describe('buying from a listing', () => {
  it('sells a guest a copy, once, at the rate the listing was made with', async () => {
    await database.db.update(users).set({ commissionPercentage: '55.00' }).where(eq(users.id, made.seller.id))
    const email = guest()
    const { id } = await buy({ email, workspaceId: made.workspaceId })
    expect(await orderOf(id)).toMatchObject({
      listingId: made.listing.id,
      affiliateLinkId: null,
      sellerId: made.seller.id,
      commissionPercentage: '20.00',
      priceAmount: 10_000n,
      planType: 'FREE',
    })
    await settle(id)
    await settle(id)
    const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, id))
    if (payment === undefined) throw new Error('no payment')
    const [earned] = await database.db.select().from(commissions).where(eq(commissions.paymentId, payment.id))
    expect(earned).toMatchObject({
      kind: 'SALE',
      beneficiaryId: made.seller.id,
      amount: 2_000n,
      explanation: expect.objectContaining({ rateSource: 'listing' }),
    })
    const clones = await database.db
      .select()
      .from(workspaceClones)
      .where(eq(workspaceClones.paymentId, payment.id))
    expect(clones).toMatchObject([{ listingId: made.listing.id, sellerId: made.seller.id }])
    expect(await soldOf()).toBe(1)
    const told = await database.db.select({ template: mails.template }).from(mails).where(eq(mails.to, email))
    expect(told).toEqual([{ template: 'purchase-ready' }])
  })

  it('counts each of two sales at once', async () => {
    const both = [await buy(), await buy()]
    await Promise.all(both.map(({ id }) => settle(id)))
    expect(await soldOf()).toBe(2)
  })

  it('goes on with the open checkout, but not for a price of before', async () => {
    const email = guest()
    const first = await buy({ email })
    expect(await buy({ email })).toEqual(first)
    await editListing(made.as, {
      slug: made.listing.slug,
      offer: { mode: 'ONE_OFF', price: { amount: 15_000, currency: 'USD' } },
    })
    const dearer = await buy({ email })
    expect(dearer.id).not.toBe(first.id)
    expect((await orderOf(dearer.id)).priceAmount).toBe(15_000n)
    // Whoever has the old one open pays what it said.
    await settle(first.id)
    expect((await orderOf(first.id)).status).toBe('FULFILLED')
  })

  it('of who was paused or suspended while the buyer paid ends in a copy all the same', async () => {
    const [one, two] = [await buy(), await buy()]
    await pauseListing(made.as, { slug: made.listing.slug })
    await settle(one.id)
    await suspendListing(made.asAdmin, { id: made.listing.id, reason: 'Copied' })
    await settle(two.id)
    expect(await soldOf()).toBe(2)
  })

  it('earns a seller nothing on their own purchase', async () => {
    const { id } = await buy({}, made.as)
    await settle(id)
    const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, id))
    expect(payment?.withheld).toMatchObject([{ kind: 'SALE', reason: 'SELF_PURCHASE' }])
  })

  it('brings a subscription’s plan', async () => {
    made = await makeListing(ctx, {
      planType: 'BUSINESS',
      offer: {
        mode: 'SUBSCRIPTION',
        price: { amount: 5_000, currency: 'USD' },
        frequency: 'MONTHLY',
        frequencyInterval: 1,
        freeTrialPeriodInDays: 0,
      },
    })
    const { id } = await buy()
    expect(await orderOf(id)).toMatchObject({ planType: 'BUSINESS', frequency: 'MONTHLY' })
  })
})

describe('a checkout is refused', () => {
  it('for a listing that never was, or was never seen, and looks alike', async () => {
    const draft = await makeListing(ctx, { draft: true })
    for (const listingSlug of ['none', draft.listing.slug, 'a\0b'])
      await expect(buy({ listingSlug })).rejects.toMatchObject({
        status: 404,
        code: 'LISTING_NOT_FOUND',
        message: 'There is no such listing.',
      })
  })

  it('for a workspace that it does not sell', async () => {
    await expect(buy({ workspaceId: 'other' })).rejects.toMatchObject({
      status: 422,
      code: 'WORKSPACE_MISMATCH',
    })
  })

  it.each([
    ['is paused', async () => pauseListing(made.as, { slug: made.listing.slug })],
    ['is suspended', async () => suspendListing(made.asAdmin, { id: made.listing.id, reason: 'x' })],
    ['is reviewed again', async () => editListing(made.as, { slug: made.listing.slug, title: 'New' })],
    [
      'has a seller without the plan',
      async () =>
        database.db
          .update(organizations)
          .set({ grantedPlan: 'BUSINESS' })
          .where(eq(organizations.id, made.seller.organizationId)),
    ],
    [
      'sells a workspace that was deleted',
      async () =>
        database.db
          .update(workspaces)
          .set({ status: 'DELETED' })
          .where(eq(workspaces.publicId, made.workspaceId)),
    ],
    [
      'sells a workspace that is somebody else’s now',
      async () => {
        const other = await makeUser(ctx, { plan: 'AGENCY' })
        const [moved] = await database.db
          .update(workspaces)
          .set({ ownerId: other.id })
          .where(eq(workspaces.publicId, made.workspaceId))
          .returning()
        if (moved === undefined) throw new Error('no workspace')
        await database.db
          .update(workspaceMembers)
          .set({ userId: other.id })
          .where(eq(workspaceMembers.workspaceId, moved.id))
      },
    ],
  ])('when it %s', async (_why, change) => {
    await change()
    await expect(buy()).rejects.toMatchObject({ status: 422, code: 'LISTING_NOT_AVAILABLE' })
    expect(
      await database.db
        .select()
        .from(orders)
        .where(and(eq(orders.listingId, made.listing.id))),
    ).toEqual([])
  })

  it.each([[{}], [{ listingSlug: 'a', affiliateToken: 'b' }], [{ listingSlug: '' }]])(
    'that names %j to be sold by',
    (named) => {
      const asked = {
        paymentType: 'WORKSPACE_PURCHASE',
        email: 'a@example.test',
        firstName: 'A',
        lastName: 'B',
        ...named,
      }
      expect(CreatePaymentLinkInput.safeParse(asked).success).toBe(false)
    },
  )
})

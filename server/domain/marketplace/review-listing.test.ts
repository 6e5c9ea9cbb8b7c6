import { and, eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { activityLog, mails } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { type MadeListing, makeListing } from '../../../db/testing/factories/marketplace'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import {
  approveListing,
  createListing,
  editListing,
  listAllListings,
  pauseListing,
  readListing,
  rejectListing,
  searchListings,
  submitListing,
  suspendListing,
} from '.'
import type { ListingView } from './schemas'

const database = useDatabase()
let ctx: TestContext
let as: TestContext
let asAdmin: TestContext
let sellersEmail: string
let handedIn: ListingView

beforeEach(async () => {
  ctx = testContext(database.db)
  const made = await makeSellerWithWorkspace(ctx, { funnels: 1, pagesPerFunnel: 1 })
  as = made.as
  sellersEmail = made.seller.email
  asAdmin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  handedIn = await createListing(as, { workspaceId: made.workspace.id, title: 'Launch kit' })
})

const mailsTo = (to: string) =>
  database.db
    .select({ template: mails.template, data: mails.data })
    .from(mails)
    .where(and(eq(mails.to, to), eq(mails.template, 'listing-reviewed')))
const logOf = (id: string, action: string) =>
  database.db
    .select()
    .from(activityLog)
    .where(and(eq(activityLog.subjectId, id), eq(activityLog.action, action)))

describe('reviewing a listing', () => {
  it('puts it on the market, and tells its seller once', async () => {
    const live = await approveListing(asAdmin, { id: handedIn.id })
    expect(live).toMatchObject({ status: 'LIVE', available: true, publishedAt: ctx.now().toISOString() })
    expect((await readListing(ctx, { slug: handedIn.slug })).own).toBeNull()
    await approveListing(asAdmin, { id: handedIn.id })
    expect(await mailsTo(sellersEmail)).toMatchObject([{ data: { status: 'LIVE', again: false } }])
    expect(await logOf(handedIn.id, 'listing_approved')).toHaveLength(1)
  })

  it('by two admins at once is one change and one mail', async () => {
    const other = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    await Promise.all([asAdmin, other, asAdmin].map((admin) => approveListing(admin, { id: handedIn.id })))
    expect(await mailsTo(sellersEmail)).toHaveLength(1)
    expect(await logOf(handedIn.id, 'listing_approved')).toHaveLength(1)
  })

  it('approved by one and rejected by the other at once is one of the two', async () => {
    const both = await Promise.allSettled([
      approveListing(asAdmin, { id: handedIn.id }),
      rejectListing(asAdmin, { id: handedIn.id, reason: 'Too short' }),
    ])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await mailsTo(sellersEmail)).toHaveLength(1)
  })

  it('rejects it with a reason, until it is changed and handed in again', async () => {
    const rejected = await rejectListing(asAdmin, { id: handedIn.id, reason: 'Say more.' })
    expect(rejected).toMatchObject({ status: 'REJECTED', own: { reason: 'Say more.' } })
    expect(await mailsTo(sellersEmail)).toMatchObject([{ data: { status: 'REJECTED', reason: 'Say more.' } }])
    expect((await editListing(as, { slug: handedIn.slug, title: 'More' })).status).toBe('REJECTED')
    expect(await submitListing(as, { slug: handedIn.slug })).toMatchObject({
      status: 'SUBMITTED',
      own: { reason: null },
    })
    await approveListing(asAdmin, { id: handedIn.id })
    await expect(rejectListing(asAdmin, { id: handedIn.id, reason: 'No' })).rejects.toMatchObject({
      status: 409,
      code: 'LISTING_STATE',
    })
  })

  it('leaves to its seller what was not handed in', async () => {
    const { listing, asAdmin: admin } = await makeListing(ctx, { draft: true })
    await expect(approveListing(admin, { id: listing.id })).rejects.toMatchObject({ status: 409 })
    await expect(suspendListing(admin, { id: listing.id, reason: 'x' })).rejects.toMatchObject({
      status: 409,
    })
    const live = await makeListing(ctx)
    await pauseListing(live.as, { slug: live.listing.slug })
    await expect(approveListing(admin, { id: live.listing.id })).rejects.toMatchObject({ status: 409 })
    expect((await suspendListing(admin, { id: live.listing.id, reason: 'Copied' })).status).toBe('SUSPENDED')
  })

  it('of nothing is 404, and of one’s own another admin’s', async () => {
    for (const id of ['nonsense', crypto.randomUUID()])
      await expect(approveListing(asAdmin, { id })).rejects.toMatchObject({
        status: 404,
        code: 'LISTING_NOT_FOUND',
      })
    const seller = ctx.as({ ...as.actor, kind: 'admin' } as typeof as.actor)
    await expect(approveListing(seller, { id: handedIn.id })).rejects.toMatchObject({
      status: 422,
      code: 'OWN_LISTING',
    })
  })

  it('shows admins what waits', async () => {
    const { items } = await listAllListings(asAdmin, { limit: 100, status: 'SUBMITTED' })
    expect(items.map(({ id }) => id)).toContain(handedIn.id)
    expect(items.every(({ status }) => status === 'SUBMITTED')).toBe(true)
  })
})

describe('a suspended listing', () => {
  let made: MadeListing
  beforeEach(async () => {
    made = await makeListing(ctx)
    await suspendListing(made.asAdmin, { id: made.listing.id, reason: 'Not yours to sell' })
  })

  it('is off the market, with a reason for its seller', async () => {
    await expect(readListing(ctx, { slug: made.listing.slug })).rejects.toMatchObject({ status: 404 })
    const found = await searchListings(ctx, { limit: 100 })
    expect(found.items.map(({ id }) => id)).not.toContain(made.listing.id)
    expect((await readListing(made.as, { slug: made.listing.slug })).own?.reason).toBe('Not yours to sell')
    expect(await mailsTo(made.seller.email)).toMatchObject([
      { data: { status: 'LIVE' } },
      { data: { status: 'SUSPENDED', again: true, reason: 'Not yours to sell' } },
    ])
  })

  it('comes back when it is handed in and approved, or approved at once', async () => {
    await submitListing(made.as, { slug: made.listing.slug })
    expect((await approveListing(made.asAdmin, { id: made.listing.id })).status).toBe('LIVE')
    await suspendListing(made.asAdmin, { id: made.listing.id, reason: 'Again' })
    expect(await approveListing(made.asAdmin, { id: made.listing.id })).toMatchObject({
      status: 'LIVE',
      own: { reason: null },
    })
  })
})

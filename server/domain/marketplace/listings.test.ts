import { and, eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { activityLog, listings, organizations, users, workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { makeListing } from '../../../db/testing/factories/marketplace'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { highestShares } from '../program'
import type { Workspace } from '../workspace/schemas'
import {
  createListing,
  editListing,
  listOwnListings,
  pauseListing,
  readListing,
  resumeListing,
  submitListing,
  withdrawListing,
} from '.'
import { CreateListingInput } from './schemas'

const database = useDatabase()
let ctx: TestContext
let seller: MadeUser
let workspace: Workspace
let as: TestContext
const oneOff = { mode: 'ONE_OFF' as const, price: { amount: 10_000, currency: 'USD' } }

beforeEach(async () => {
  ctx = testContext(database.db)
  ;({ seller, workspace, as } = await makeSellerWithWorkspace(ctx, { funnels: 1, pagesPerFunnel: 1 }))
})

const create = (more: Partial<CreateListingInput> = {}, asked = as) =>
  createListing(asked, { workspaceId: workspace.id, title: 'Launch kit', offer: oneOff, ...more })
const rowOf = async (id: string) => {
  const [row] = await database.db.select().from(listings).where(eq(listings.id, id))
  if (row === undefined) throw new Error('no such listing')
  return row
}

describe('making a listing', () => {
  it('freezes the seller’s rate, fills in what was left out, hands it in, and says so in the log', async () => {
    const made = await createListing(as, { workspaceId: workspace.id })
    expect(made).toMatchObject({
      status: 'SUBMITTED',
      title: 'Premium Templates',
      description: 'Everything you need',
      category: 'other',
      language: 'en',
      planType: 'BUSINESS',
      offer: { mode: 'SUBSCRIPTION', price: { amount: 2_900, currency: 'USD' }, frequency: 'MONTHLY' },
      available: false,
      rating: { count: 0, mean: null },
      own: { workspace: { id: workspace.id }, commissionPercentage: '20.00', reason: null },
    })
    await database.db.update(users).set({ commissionPercentage: '1.00' }).where(eq(users.id, seller.id))
    expect((await rowOf(made.id)).commissionPercentage).toBe('20.00')
    const log = await database.db
      .select()
      .from(activityLog)
      .where(and(eq(activityLog.action, 'listing_created'), eq(activityLog.subjectId, made.id)))
    expect(log).toHaveLength(1)
  })

  it('keeps its rate among the shares that a programme may not exceed', async () => {
    await database.db.update(users).set({ commissionPercentage: '70.00' }).where(eq(users.id, seller.id))
    await create()
    await database.db.update(users).set({ commissionPercentage: '20.00' }).where(eq(users.id, seller.id))
    expect((await highestShares(ctx)).sale).toBeGreaterThanOrEqual(7_000)
  })

  it('takes the next free address of its title, for two at once as well', async () => {
    const prices = [1_000, 2_000, 3_000, 4_000]
    const slugs = await Promise.all(
      prices.map(
        async (amount) =>
          (await create({ title: 'Ünique offer!', offer: { ...oneOff, price: { amount, currency: 'USD' } } }))
            .slug,
      ),
    )
    expect(slugs.sort()).toEqual(['ünique-offer', 'ünique-offer-1', 'ünique-offer-2', 'ünique-offer-3'])
  })

  it('of one offer is one, for two at once as well', async () => {
    const both = await Promise.allSettled([create({ title: 'One' }), create({ title: 'Two' })])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(create({ title: 'Three' })).rejects.toMatchObject({ status: 409, code: 'LISTING_EXISTS' })
    await create({ offer: { ...oneOff, price: { amount: 9_900, currency: 'USD' } } })
  })

  it('asks whose the workspace is, then whether it may be sold, then what for', async () => {
    const stranger = await makeUser(ctx, { plan: 'AGENCY' })
    await expect(create({}, ctx.as(stranger.actor))).rejects.toMatchObject({
      status: 404,
      code: 'WORKSPACE_NOT_FOUND',
    })
    await expect(create({ workspaceId: 'nonsense' })).rejects.toMatchObject({ status: 404 })
    await expect(create({ category: 'no\0such' })).rejects.toMatchObject({ status: 400 })
    await expect(create({ planType: 'AGENCY' })).rejects.toMatchObject({
      status: 422,
      code: 'ONE_OFF_INCLUDES_NO_PLAN',
    })
    await database.db.update(workspaces).set({ notForResale: true })
    await expect(create()).rejects.toMatchObject({ status: 422, code: 'NOT_FOR_RESALE' })
    await database.db.update(workspaces).set({ notForResale: false })
    await database.db
      .update(organizations)
      .set({ grantedPlan: 'BUSINESS' })
      .where(eq(organizations.id, seller.organizationId))
    await expect(create({ category: 'nonsense' })).rejects.toMatchObject({
      status: 422,
      code: 'NOT_SELLABLE',
    })
    expect(await database.db.select().from(listings).where(eq(listings.sellerId, seller.id))).toEqual([])
  })

  it.each([
    ['a title of nothing but space', { title: ' \u200b ' }],
    ['a title of two lines', { title: 'One\nTwo' }],
    ['a title that is too long', { title: 'x'.repeat(121) }],
    ['half a character', { tagline: '\ud800' }],
    ['NUL', { description: 'a\0b' }],
    ['too many tags', { tags: Array.from({ length: 11 }, (_, i) => `t${i}`) }],
    ['a language that is none', { language: 'English' }],
    [
      'a price below nothing',
      { offer: { mode: 'ONE_OFF' as const, price: { amount: -1, currency: 'USD' } } },
    ],
  ])('refuses %s', (_what, more) => {
    expect(CreateListingInput.safeParse({ workspaceId: 'w', ...more }).success).toBe(false)
  })

  it('counts two spellings of a tag as one', async () => {
    expect((await create({ tags: ['Coaching', ' coaching ', 'Sales'] })).tags).toEqual(['coaching', 'sales'])
  })
})

describe('a listing', () => {
  it('that is no longer a draft goes live, rests, and comes back', async () => {
    const { listing, as: owner } = await makeListing(ctx)
    const { slug } = listing
    expect((await pauseListing(owner, { slug })).status).toBe('PAUSED')
    await expect(readListing(ctx, { slug })).rejects.toMatchObject({ status: 404, code: 'LISTING_NOT_FOUND' })
    expect((await resumeListing(owner, { slug })).status).toBe('LIVE')
    expect((await readListing(ctx, { slug })).own).toBeNull()
    await expect(submitListing(owner, { slug })).rejects.toMatchObject({ status: 409, code: 'LISTING_STATE' })
    await expect(withdrawListing(owner, { slug })).rejects.toMatchObject({ status: 409 })
  })

  it('that is a draft is handed in and withdrawn, and is seen by its seller only', async () => {
    const { slug } = await create({ draft: true })
    await expect(readListing(ctx, { slug })).rejects.toMatchObject({ status: 404 })
    const stranger = ctx.as((await makeUser(ctx)).actor)
    await expect(readListing(stranger, { slug })).rejects.toMatchObject({ status: 404 })
    await expect(pauseListing(as, { slug })).rejects.toMatchObject({ status: 409 })
    await expect(resumeListing(as, { slug })).rejects.toMatchObject({ status: 409 })
    expect((await submitListing(as, { slug })).status).toBe('SUBMITTED')
    expect((await submitListing(as, { slug })).status).toBe('SUBMITTED')
    await expect(editListing(as, { slug, title: 'Other' })).rejects.toMatchObject({ status: 409 })
    expect((await withdrawListing(as, { slug })).status).toBe('DRAFT')
    expect((await listOwnListings(as, { limit: 10, status: 'DRAFT' })).items.map((one) => one.slug)).toEqual([
      slug,
    ])
    expect((await listOwnListings(stranger, { limit: 10 })).items).toEqual([])
  })

  it('of somebody else looks like none, whatever is done to it', async () => {
    const { listing } = await makeListing(ctx)
    const stranger = ctx.as((await makeUser(ctx, { plan: 'AGENCY' })).actor)
    for (const verb of [submitListing, withdrawListing, pauseListing, resumeListing, editListing])
      for (const slug of [listing.slug, 'none', 'a\0b'])
        await expect(verb(stranger, { slug })).rejects.toMatchObject({
          status: 404,
          code: 'LISTING_NOT_FOUND',
          message: 'There is no such listing.',
        })
  })

  it('cannot be handed in or resumed by whom lost the plan', async () => {
    const { listing, as: owner, seller: its } = await makeListing(ctx)
    await pauseListing(owner, { slug: listing.slug })
    await database.db
      .update(organizations)
      .set({ grantedPlan: 'FREE' })
      .where(eq(organizations.id, its.organizationId))
    await expect(resumeListing(owner, { slug: listing.slug })).rejects.toMatchObject({
      status: 422,
      code: 'NOT_SELLABLE',
    })
  })

  it('cannot be brought into a state that does not follow, by whatever statement', async () => {
    const { id } = await create({ draft: true })
    await expect(
      database.db
        .update(listings)
        .set({ status: 'PAUSED', publishedAt: ctx.now() })
        .where(eq(listings.id, id)),
    ).rejects.toThrow()
    await expect(
      database.db.update(listings).set({ commissionPercentage: '99.00' }).where(eq(listings.id, id)),
    ).rejects.toThrow()
    const { listing } = await makeListing(ctx)
    await expect(database.db.delete(listings).where(eq(listings.id, listing.id))).rejects.toThrow()
  })
})

describe('an edit', () => {
  it('of a live listing’s price, tags, language and notes counts at once', async () => {
    const { listing, as: owner } = await makeListing(ctx)
    const edited = await editListing(owner, {
      slug: listing.slug,
      offer: { mode: 'ONE_OFF', price: { amount: 12_000, currency: 'USD' } },
      tags: ['new'],
      language: 'de',
      versionNotes: 'More pages',
      title: listing.title,
    })
    expect(edited).toMatchObject({
      status: 'LIVE',
      offer: { price: { amount: 12_000 } },
      tags: ['new'],
      language: 'de',
      versionNotes: 'More pages',
    })
  })

  it.each([
    ['title', 'Another kit'],
    ['tagline', 'All you need'],
    ['description', 'Other words'],
    ['category', 'food'],
  ])('of a live listing’s %s is reviewed first', async (word, text) => {
    const { listing, as: owner } = await makeListing(ctx)
    const edited = await editListing(owner, { slug: listing.slug, [word]: text })
    expect(edited).toMatchObject({ slug: listing.slug, status: 'SUBMITTED', [word]: text })
    await expect(readListing(ctx, { slug: listing.slug })).rejects.toMatchObject({ status: 404 })
  })

  it('of a paused listing’s words makes it a draft', async () => {
    const { listing, as: owner } = await makeListing(ctx)
    await pauseListing(owner, { slug: listing.slug })
    expect((await editListing(owner, { slug: listing.slug, title: 'New' })).status).toBe('DRAFT')
  })

  it('keeps the plan with another price, and brings its own with another mode', async () => {
    const { slug } = await createListing(as, { workspaceId: workspace.id, planType: 'AGENCY', draft: true })
    const monthly = (amount: number) => ({
      mode: 'SUBSCRIPTION' as const,
      price: { amount, currency: 'USD' },
      frequency: 'MONTHLY' as const,
      frequencyInterval: 1,
      freeTrialPeriodInDays: 7,
    })
    await expect(editListing(as, { slug, offer: monthly(5_000) })).rejects.toMatchObject({
      code: 'PRICE_BELOW_PLAN',
    })
    expect(await editListing(as, { slug, offer: monthly(12_000) })).toMatchObject({
      planType: 'AGENCY',
      offer: monthly(12_000),
    })
    expect((await editListing(as, { slug, planType: 'BUSINESS' })).planType).toBe('BUSINESS')
    expect(await editListing(as, { slug, offer: oneOff })).toMatchObject({ planType: 'FREE', offer: oneOff })
    await create({ offer: { ...oneOff, price: { amount: 700, currency: 'USD' } } })
    await expect(
      editListing(as, { slug, offer: { ...oneOff, price: { amount: 700, currency: 'USD' } } }),
    ).rejects.toMatchObject({ status: 409, code: 'LISTING_EXISTS' })
    await expect(editListing(as, { slug, category: 'nonsense' })).rejects.toMatchObject({ status: 400 })
  })
})

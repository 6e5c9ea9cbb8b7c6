import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { listings, users, workspaceInvitations, workspaceInviteLinks } from '../../../db/schema'
import { useDatabase } from '../../../db/testing/database'
import { closingWorld } from '../../../db/testing/factories/closing'
import { makeListing } from '../../../db/testing/factories/marketplace'
import { makeOrder, paidFacts } from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { createListing, pauseListing, searchListings } from '../marketplace'
import { settleOrder } from '../payment'
import { inviteMember, makeInviteLink } from '../workspace'

const database = useDatabase({ max: 8 })
const { given, close, traces } = closingWorld(database)

it('takes one’s listings off the market with their words, and what was sold stays sold', async () => {
  const ctx = given()
  const { as, seller, listing, workspaceId } = await makeListing(ctx, {
    tagline: 'By Quetzalcoatl',
    description: 'Quetzalcoatl wrote this',
    tags: ['quetzalcoatl'],
  })
  const draft = await createListing(as, { workspaceId, title: 'Quetzalcoatl draft', draft: true })
  const [row] = await database.db.select().from(listings).where(eq(listings.id, listing.id))
  if (row === undefined) throw new Error('no such listing')
  const order = await makeOrder(ctx, { link: row }, { affiliateLinkId: null, listingId: row.id })
  await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
  await pauseListing(as, { slug: listing.slug })
  await close(as)
  expect(await database.db.select().from(listings).where(eq(listings.id, draft.id))).toEqual([])
  expect(await database.db.select().from(listings).where(eq(listings.sellerId, seller.id))).toMatchObject([
    { id: row.id, status: 'SUSPENDED', title: 'Closed listing', description: '', tags: [], sold: 1 },
  ])
  expect((await searchListings(ctx, { limit: 10 })).items).toEqual([])
  expect((await traces('Quetzalcoatl')).filter((where) => !where.startsWith('activity_log'))).toEqual([])
})

it('forgets their address in invitations, and lets nobody in any more by what they sent', async () => {
  const ctx = given()
  const [closing, other] = [await makeListing(ctx), await makeListing(ctx)]
  const email = `zoraide-${other.workspaceId}@closing.example`
  await database.db.update(users).set({ email }).where(eq(users.id, closing.seller.id))
  await inviteMember(other.as, { id: other.workspaceId, email, role: 'EDITOR' })
  await inviteMember(closing.as, { id: closing.workspaceId, email: 'guest@closing.example', role: 'EDITOR' })
  await makeInviteLink(closing.as, { id: closing.workspaceId, role: 'ADMIN', maxUses: 5 })
  const as = ctx.as({ ...closing.seller.actor, email } as typeof closing.seller.actor)
  await pauseListing(as, { slug: closing.listing.slug })
  await close(as)
  expect(await traces(email)).toEqual([])
  const theirs = eq(workspaceInvitations.invitedById, closing.seller.id)
  expect(await database.db.select().from(workspaceInvitations).where(theirs)).toMatchObject([
    { status: 'REVOKED' },
  ])
  const [link] = await database.db.select().from(workspaceInviteLinks)
  expect(link?.revokedAt).not.toBeNull()
})

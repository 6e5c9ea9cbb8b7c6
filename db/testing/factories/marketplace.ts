import { approveListing, createListing } from '../../../server/domain/marketplace'
import type { CreateListingInput, ListingView } from '../../../server/domain/marketplace/schemas'
import type { TestContext } from '../context'
import { type MadeUser, makeUser } from './identity'
import { makeSellerWithWorkspace } from './workspace'

export interface MadeListing {
  readonly seller: MadeUser
  readonly admin: MadeUser
  readonly workspaceId: string
  readonly listing: ListingView
  /** The same world with the seller asking, or the admin who approved it. */
  readonly as: TestContext
  readonly asAdmin: TestContext
}

/** A seller with a workspace of six pages and its listing, live: a one-off of 100.00 USD unless said otherwise. */
export const makeListing = async (
  ctx: TestContext,
  more: Partial<CreateListingInput> = {},
): Promise<MadeListing> => {
  const { seller, workspace, as } = await makeSellerWithWorkspace(ctx, { funnels: 2, pagesPerFunnel: 3 })
  const admin = await makeUser(ctx, { role: 'ADMIN' })
  const made = await createListing(as, {
    workspaceId: workspace.id,
    title: 'Launch kit',
    offer: { mode: 'ONE_OFF', price: { amount: 10_000, currency: 'USD' } },
    ...more,
  })
  const asAdmin = ctx.as(admin.actor)
  if (more.draft !== true) await approveListing(asAdmin, { id: made.id })
  return {
    seller,
    admin,
    workspaceId: workspace.id,
    listing: { ...made, status: more.draft === true ? 'DRAFT' : 'LIVE' },
    as,
    asAdmin,
  }
}

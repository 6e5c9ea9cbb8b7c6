import { eq } from 'drizzle-orm'
import { generateAffiliateLink } from '../../server/domain/affiliate'
import { updateUser } from '../../server/domain/identity'
import { approveListing, createListing } from '../../server/domain/marketplace'
import { importWorkspace } from '../../server/domain/workspace'
import type { Context } from '../../server/kit/context'
import { affiliateLinks, users } from '../schema'
import { toDocument } from './content'
import type { LinkTerms, Seller } from './people'
import { at, userOf } from './world'

export type DemoLink = typeof affiliateLinks.$inferSelect

/** Gives a seller the plan to sell with, their workspace and two links to it. */
export const openShop = async (ctx: Context, seller: Seller): Promise<DemoLink[]> => {
  const user = await userOf(ctx, seller.email)
  await updateUser(at(ctx, 110, { kind: 'job', name: 'demo' }), { id: user.id, planType: 'AGENCY' })
  const actor = {
    kind: 'user',
    userId: user.id,
    organizationId: user.organizationId,
    email: user.email,
  } as const
  const workspace = await importWorkspace(at(ctx, 108, actor), toDocument(seller.workspace))
  const links: DemoLink[] = []
  for (const terms of seller.links) {
    const { id } = await generateAffiliateLink(at(ctx, 100, actor), linkInput(workspace.id, terms))
    const [link] = await ctx.db.select().from(affiliateLinks).where(eq(affiliateLinks.id, id))
    if (link !== undefined) links.push(link)
  }
  await listOnMarket(ctx, actor, workspace.id, seller)
  return links
}

/** Puts a seller's workspace on the market; where nobody is admin yet, it waits for one. */
const listOnMarket = async (
  ctx: Context,
  actor: Context['actor'],
  workspaceId: string,
  { listing: { price, tags, ...words } }: Seller,
): Promise<void> => {
  const { id } = await createListing(at(ctx, 98, actor), {
    workspaceId,
    ...words,
    tags: [...tags],
    offer: { mode: 'ONE_OFF', price: { amount: price, currency: 'USD' } },
  })
  const [admin] = await ctx.db.select().from(users).where(eq(users.role, 'ADMIN')).limit(1)
  if (admin === undefined) return
  const { id: userId, organizationId, email } = admin
  await approveListing(at(ctx, 97, { kind: 'admin', userId, organizationId, email }), { id })
}

const linkInput = (workspaceId: string, { name, price, monthly }: LinkTerms) => {
  const amount = { amount: price, currency: 'USD' }
  if (!monthly)
    return { name, workspaceId, planType: 'FREE', offer: { mode: 'ONE_OFF', price: amount } } as const
  return {
    name,
    workspaceId,
    planType: 'BUSINESS',
    offer: {
      mode: 'SUBSCRIPTION',
      price: amount,
      frequency: 'MONTHLY',
      frequencyInterval: 1,
      freeTrialPeriodInDays: 0,
    },
  } as const
}

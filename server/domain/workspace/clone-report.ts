import { eq } from 'drizzle-orm'
import { funnels, users, workspaceClones } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { workspaceFor } from './owned-workspace'
import { COPIED, NOT_COPIED } from './queries'
import type { CloneReport } from './schemas'

/**
 * Tells the owner of a copy where it came from, what came with it, and what is not entered yet. Null for a workspace
 * that is no copy. Only the copy is looked at: nothing of what the source has become since is told.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND
 */
export const cloneReport = async (ctx: Context, workspacePublicId: string): Promise<CloneReport | null> => {
  const copy = await workspaceFor(ctx, workspacePublicId, 'view')
  const [found] = await ctx.db
    .select({ clone: workspaceClones, seller: { firstName: users.firstName, lastName: users.lastName } })
    .from(workspaceClones)
    .innerJoin(users, eq(users.id, workspaceClones.sellerId))
    .where(eq(workspaceClones.copyWorkspaceId, copy.id))
  if (found === undefined) return null
  const { clone, seller } = found
  return {
    copiedAt: clone.createdAt.toISOString(),
    from: `${seller.firstName} ${seller.lastName}`.trim(),
    bought: clone.paymentId !== null,
    funnels: clone.funnelsCloned,
    pages: clone.pagesCloned,
    copied: [...COPIED],
    reset: RESET,
    notCopied: [...NOT_COPIED],
    needsInput: await openEntries(ctx, copy.id),
  }
}

const RESET = [
  'The slug: one of its own, made from the name',
  'You are the owner and the only member',
  'The plan is yours, whatever the seller’s is',
  'Visits count from 0, and every page has a linking id of its own',
  'Password protection is off',
]

const openEntries = async (ctx: Context, copyId: bigint): Promise<string[]> => {
  const all = await ctx.db
    .select({ tracking: funnels.tracking, passwordProtected: funnels.passwordProtected })
    .from(funnels)
    .where(eq(funnels.workspaceId, copyId))
  if (all.length === 0) return []
  return [
    all.some((funnel) => Object.keys(funnel.tracking).length === 0) &&
      'Tracking: enter your own analytics and pixel ids if you measure visits.',
    all.every((funnel) => !funnel.passwordProtected) &&
      'Password: every funnel is open; protect with one of your own what only some may see.',
    'Settings: enter your own domains, API keys and webhooks where the pages need them.',
  ].filter((line) => line !== false)
}

import type { Context } from '../../kit/context'
import { resolveListing } from '../marketplace'
import { type PublishedPage, previewTree, readForPreview, whatIsOffered } from '../workspace'
import { resolveLink } from './resolve-link'
import type { PreviewTree } from './schemas'

/** The row of what an offer sells now: the latest release, or the workspace as it is. */
const offeredRow = async (ctx: Context, offer: string): Promise<bigint> => {
  // A token has dots in it, a listing's slug none.
  const workspaceId = offer.includes('.')
    ? (await resolveLink(ctx, offer)).workspace.id
    : (await resolveListing(ctx, offer)).listing.workspaceId
  return (await whatIsOffered(ctx, workspaceId)).row.id
}

/**
 * One page of what is offered, as a copy of it would show it.
 * @param offer a live listing's slug, or a link's token
 * @returns null when there is no such page
 * @throws DomainError as `resolveListing`, `resolveLink`
 */
export const readPreview = async (
  ctx: Context,
  { offer, funnel, page }: { offer: string; funnel: string | null; page: string | null },
): Promise<PublishedPage | null> => readForPreview(ctx, await offeredRow(ctx, offer), { funnel, page })

/** Every funnel and page of what is offered, by name and slug. @throws DomainError as `readPreview` */
export const describePreview = async (ctx: Context, { offer }: { offer: string }): Promise<PreviewTree> =>
  previewTree(ctx, await offeredRow(ctx, offer))

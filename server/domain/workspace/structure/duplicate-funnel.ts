import { inArray } from 'drizzle-orm'
import { funnels, pageContents, pages } from '../../../../db/schema'
import { type Context, inTransaction } from '../../../kit/context'
import { storeContents, toContent } from '../contents'
import { reserve } from '../limits'
import { pageKey, pageNoOf } from '../rules'
import type { FunnelAddress } from '../schemas'
import { noteStructure } from './funnels'
import { freeSlug, funnelsOf, heldFunnel, nextFunnelNo, nextPageNo, pagesOfFunnel } from './part'

/**
 * The same funnel once more, last and as a draft: pages, theme and settings, without tracking ids and password. Links
 * between its pages lead to the new ones; links to other funnels stay.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND, FUNNEL_NOT_FOUND; 403 NOT_PERMITTED; 422 PLAN_LIMIT_REACHED,
 *   WORKSPACE_FROZEN, OVER_PLAN_LIMIT
 */
export const duplicateFunnel = (ctx: Context, address: FunnelAddress): Promise<{ funnelId: string }> =>
  inTransaction(ctx, async (tx) => {
    const { workspace, funnel } = await heldFunnel(tx, address, 'funnels.create')
    const { id: workspaceId, ownerId } = workspace
    await reserve(tx, { what: 'funnels', ownerId, workspaceId })
    const there = await funnelsOf(tx, workspaceId)
    const old = await pagesOfFunnel(tx, workspaceId, funnel.funnelNo)
    const funnelNo = await nextFunnelNo(tx, workspace)
    // All of them count in the new funnel, also those that came with a copy.
    if (old.length > 0)
      await reserve(tx, { what: 'pagesPerFunnel', ownerId, workspaceId, funnelNo }, old.length)
    const name = `${[...funnel.name].slice(0, 190).join('')} (copy)`
    await tx.db.insert(funnels).values({
      ...funnel,
      funnelNo,
      // A release goes on in the one it came with, not in this one.
      originNo: null,
      position: there.length,
      name,
      slug: freeSlug(
        undefined,
        funnel.slug,
        there.map(({ slug }) => slug),
        'funnel',
      ),
      status: 'DRAFT',
      tracking: {},
      passwordProtected: false,
      passwordHash: null,
    })
    const first = await nextPageNo(tx, workspace)
    const numbers = new Map(old.map(({ pageNo }, i) => [pageNo, first + i]))
    const hashes = await relinked(
      tx,
      old.map(({ contentHash }) => contentHash),
      numbers,
    )
    if (old.length > 0)
      await tx.db.insert(pages).values(
        old.map((page) => ({
          ...page,
          pageNo: numbers.get(page.pageNo) ?? 0,
          funnelNo,
          contentHash: hashes.get(page.contentHash.toString('hex')) ?? page.contentHash,
          originNo: null,
          originHash: null,
          visits: 0n,
          createdAt: tx.now(),
          updatedAt: tx.now(),
        })),
      )
    await noteStructure(tx, workspace, 'funnel_created', `Made the funnel “${name}”`)
    return { funnelId: String(funnelNo) }
  })

/** Stores each content with its links led to the new numbers. @returns the new hash of each, by the old one in hex */
const relinked = async (
  ctx: Context,
  hashes: readonly Buffer[],
  numbers: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<string, Buffer>> => {
  const renewed = new Map<string, Buffer>()
  const led = (text: string): string => {
    const no = text.startsWith('page:') ? numbers.get(pageNoOf(text.slice(5)) ?? 0) : undefined
    return no === undefined ? text : `page:${pageKey(no)}`
  }
  // A few bodies at a time: they may be large.
  for (let from = 0; from < hashes.length; from += 20) {
    const rows = await ctx.db
      .select()
      .from(pageContents)
      .where(inArray(pageContents.hash, hashes.slice(from, from + 20)))
    const contents = rows.map(({ hash, body }) => ({ hash, content: toContent(body, led) }))
    await storeContents(
      ctx,
      contents.map(({ content }) => content),
    )
    for (const { hash, content } of contents)
      renewed.set(hash.toString('hex'), Buffer.from(content.hash, 'hex'))
  }
  return renewed
}

import { and, eq, inArray, sql } from 'drizzle-orm'
import { pageContents, pages, workspacePictures } from '../../../../db/schema'
import { type Context, inTransaction } from '../../../kit/context'
import { pictureAddress, type StoredPicture, storePicture } from '../../picture'
import { editableWorkspace } from '../freeze-copy'
import type { JsonObject } from '../json'
import { pageKey } from '../rules'
import type { PictureView, ReplacePictureInput } from '../schemas'
import { updatePage } from '../update-page'
import { lockedLibrary, type PictureRow, pictureRow, toPictureView, touch } from './library'
import { usesOf } from './uses'

/**
 * Puts another picture in the place of one: in the library, on every page of this workspace that shows it, and wherever
 * its settings name it. Copies and the source keep the old one.
 * @throws DomainError as `addPicture`, 404 PICTURE_NOT_FOUND
 */
export const replacePicture = async (
  ctx: Context,
  { workspaceId, pictureId, content }: ReplacePictureInput,
): Promise<PictureView & { pages: number }> => {
  const workspace = await editableWorkspace(ctx, workspaceId, undefined, 'pages.edit')
  await pictureRow(ctx, workspace.id, pictureId)
  const stored = await storePicture(ctx, Buffer.from(content, 'base64'))
  return inTransaction(ctx, async (tx) => {
    const { id } = await lockedLibrary(tx, workspaceId)
    const before = await pictureRow(tx, id, pictureId)
    const uses = await usesOf(tx, id, before.hash)
    for (const page of await contentsOf(tx, id, uses.pages))
      await updatePage(tx, {
        workspaceId,
        pageId: pageKey(page.pageNo),
        content: JSON.parse(swapped(JSON.stringify(page.body), before, stored)) as JsonObject,
      })
    if (uses.elsewhere.length > 0) await swapInSettings(tx, id, before, stored)
    await tx.db
      .update(workspacePictures)
      .set({ hash: stored.hash })
      .where(and(eq(workspacePictures.workspaceId, id), eq(workspacePictures.pictureNo, before.no)))
    await touch(tx, id)
    return { ...toPictureView(await pictureRow(tx, id, pictureId)), pages: uses.pages.length }
  })
}

const contentsOf = async (ctx: Context, workspaceId: bigint, pageNos: readonly number[]) =>
  pageNos.length === 0
    ? []
    : ctx.db
        .select({ pageNo: pages.pageNo, body: pageContents.body })
        .from(pages)
        .innerJoin(pageContents, eq(pageContents.hash, pages.contentHash))
        .where(and(eq(pages.workspaceId, workspaceId), inArray(pages.pageNo, [...pageNos])))

/** Every address of the one, whatever its size, is the other's at full size. Addresses need no escaping in JSON. */
const swapped = (json: string, before: PictureRow, after: StoredPicture): string =>
  json.replaceAll(
    new RegExp(`/pictures/${before.hash.toString('hex')}-\\d+(x\\d+)?\\.webp`, 'g'),
    after.address,
  )

const swapInSettings = async (
  ctx: Context,
  workspaceId: bigint,
  before: PictureRow,
  after: StoredPicture,
): Promise<void> => {
  const id = sql`${workspaceId.toString()}::bigint`
  const from = pictureAddress(before.hash, before.width, before.height)
  const swap = (column: string) =>
    sql`replace(${sql.identifier(column)}::text, ${from}, ${after.address})::jsonb`
  await ctx.db.execute(sql`
    update workspaces set image = replace(image, ${from}, ${after.address}), settings = ${swap('settings')}
    where id = ${id}`)
  await ctx.db.execute(sql`
    update funnels set settings = ${swap('settings')}
    where workspace_id = ${id} and settings::text like ${`%${from}%`}`)
  await ctx.db.execute(sql`
    update pages set seo = ${swap('seo')} where workspace_id = ${id} and seo::text like ${`%${from}%`}`)
}

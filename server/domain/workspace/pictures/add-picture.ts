import { count, eq, max } from 'drizzle-orm'
import { workspacePictures } from '../../../../db/schema'
import { type Context, inTransaction } from '../../../kit/context'
import { refused } from '../../../kit/errors'
import { storePicture } from '../../picture'
import { editableWorkspace } from '../freeze-copy'
import type { AddPictureInput, PictureView } from '../schemas'
import { lockedLibrary, pictureRow, toPictureView, touch } from './library'

const MOST = 2_000

/**
 * Puts a picture into the library of one's own workspace. The file is shared by content with whoever has the same one.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND; 422 WORKSPACE_FROZEN, TOO_MANY_PICTURES; else as `storePicture`
 */
export const addPicture = async (ctx: Context, input: AddPictureInput): Promise<PictureView> => {
  // Asked before anything is decoded or kept.
  const workspace = await editableWorkspace(ctx, input.workspaceId, undefined, 'pages.edit')
  if ((await ctx.db.$count(workspacePictures, eq(workspacePictures.workspaceId, workspace.id))) >= MOST)
    throw tooMany()
  const { hash } = await storePicture(ctx, Buffer.from(input.content, 'base64'))
  return inTransaction(ctx, async (tx) => {
    const { id: workspaceId } = await lockedLibrary(tx, input.workspaceId)
    const [known] = await tx.db
      .select({ count: count(), last: max(workspacePictures.pictureNo) })
      .from(workspacePictures)
      .where(eq(workspacePictures.workspaceId, workspaceId))
    if ((known?.count ?? 0) >= MOST) throw tooMany()
    const pictureNo = (known?.last ?? 0) + 1
    await tx.db.insert(workspacePictures).values({
      workspaceId,
      pictureNo,
      folder: input.folder ?? '',
      name: input.name,
      hash,
      createdAt: tx.now(),
    })
    await touch(tx, workspaceId)
    return toPictureView(await pictureRow(tx, workspaceId, String(pictureNo)))
  })
}

const tooMany = () =>
  refused(
    'TOO_MANY_PICTURES',
    `A workspace has up to ${MOST} pictures. Remove some that no page needs any more.`,
  )

import { and, eq } from 'drizzle-orm'
import { pictureFiles, workspacePictures, workspaces } from '../../../../db/schema'
import type { Context } from '../../../kit/context'
import { notFound } from '../../../kit/errors'
import { pictureAddress, thumbnailAddress } from '../../picture'
import { editableWorkspace } from '../freeze-copy'
import { lockWorkspace, type WorkspaceRow } from '../owned-workspace'
import type { PictureView } from '../schemas'

const noSuchPicture = () => notFound('PICTURE_NOT_FOUND', 'There is no such picture.')

const PICTURE = {
  no: workspacePictures.pictureNo,
  folder: workspacePictures.folder,
  name: workspacePictures.name,
  hash: workspacePictures.hash,
  createdAt: workspacePictures.createdAt,
  width: pictureFiles.width,
  height: pictureFiles.height,
  bytes: pictureFiles.bytes,
}

export const selectPictures = (ctx: Context) =>
  ctx.db
    .select(PICTURE)
    .from(workspacePictures)
    .innerJoin(pictureFiles, eq(pictureFiles.hash, workspacePictures.hash))

export type PictureRow = Awaited<ReturnType<typeof selectPictures>>[number]

export const toPictureView = ({ no, hash, createdAt, ...row }: PictureRow): PictureView => ({
  id: String(no),
  ...row,
  address: pictureAddress(hash, row.width, row.height),
  thumbnail: thumbnailAddress(hash, row.width, row.height),
  createdAt: createdAt.toISOString(),
})

/** A picture of one's own library. @throws DomainError 404 PICTURE_NOT_FOUND */
export const pictureRow = async (ctx: Context, workspaceId: bigint, id: string): Promise<PictureRow> => {
  const [row] = /^[1-9]\d{0,8}$/.test(id)
    ? await selectPictures(ctx).where(
        and(eq(workspacePictures.workspaceId, workspaceId), eq(workspacePictures.pictureNo, Number(id))),
      )
    : []
  if (row === undefined) throw noSuchPicture()
  return row
}

/**
 * One's own workspace, whose library nobody else changes before this transaction ends.
 * @throws DomainError as `editableWorkspace`
 */
export const lockedLibrary = async (ctx: Context, publicId: string): Promise<WorkspaceRow> => {
  const workspace = await editableWorkspace(ctx, publicId, undefined, 'pages.edit')
  await lockWorkspace(ctx, workspace.id)
  return workspace
}

export const touch = (ctx: Context, workspaceId: bigint) =>
  ctx.db.update(workspaces).set({ updatedAt: ctx.now() }).where(eq(workspaces.id, workspaceId))

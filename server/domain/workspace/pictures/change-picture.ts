import { and, eq } from 'drizzle-orm'
import { workspacePictures } from '../../../../db/schema'
import { type Context, inTransaction } from '../../../kit/context'
import type { ChangePictureInput, PictureView } from '../schemas'
import { lockedLibrary, pictureRow, toPictureView } from './library'

/** Renames a picture, or puts it into another folder; what shows it stays as it is. @throws DomainError 404 */
export const changePicture = (
  ctx: Context,
  { workspaceId, pictureId, ...change }: ChangePictureInput,
): Promise<PictureView> =>
  inTransaction(ctx, async (tx) => {
    const { id } = await lockedLibrary(tx, workspaceId)
    const { no } = await pictureRow(tx, id, pictureId)
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
    if (Object.keys(given).length > 0)
      await tx.db
        .update(workspacePictures)
        .set(given)
        .where(and(eq(workspacePictures.workspaceId, id), eq(workspacePictures.pictureNo, no)))
    return toPictureView(await pictureRow(tx, id, pictureId))
  })

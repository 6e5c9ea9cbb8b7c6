import { and, eq, ne } from 'drizzle-orm'
import { workspacePictures } from '../../../../db/schema'
import { type Context, inTransaction } from '../../../kit/context'
import { refused } from '../../../kit/errors'
import type { PictureIdInput } from '../schemas'
import { lockedLibrary, pictureRow, touch } from './library'
import { usesOf } from './uses'

/**
 * Takes a picture out of the library. Pages that show it go on showing it, as do copies, which have it in a library of
 * their own.
 * @throws DomainError 404 PICTURE_NOT_FOUND; 422 PICTURE_IN_USE while settings name it, with where
 */
export const removePicture = (ctx: Context, { workspaceId, pictureId }: PictureIdInput): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { id } = await lockedLibrary(tx, workspaceId)
    const { no, hash } = await pictureRow(tx, id, pictureId)
    const [twin] = await tx.db
      .select({ no: workspacePictures.pictureNo })
      .from(workspacePictures)
      .where(
        and(
          eq(workspacePictures.workspaceId, id),
          eq(workspacePictures.hash, hash),
          ne(workspacePictures.pictureNo, no),
        ),
      )
      .limit(1)
    const { elsewhere } = twin === undefined ? await usesOf(tx, id, hash) : { elsewhere: [] }
    if (elsewhere.length > 0)
      throw refused('PICTURE_IN_USE', `Choose another picture first for ${elsewhere.slice(0, 3).join(', ')}.`)
    await tx.db
      .delete(workspacePictures)
      .where(and(eq(workspacePictures.workspaceId, id), eq(workspacePictures.pictureNo, no)))
    await touch(tx, id)
  })

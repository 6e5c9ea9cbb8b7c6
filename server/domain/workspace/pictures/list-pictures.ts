import { and, count, desc, eq, lt } from 'drizzle-orm'
import { workspacePictures } from '../../../../db/schema'
import type { Context } from '../../../kit/context'
import { invalid } from '../../../kit/errors'
import { type Page, readCursor, toPage } from '../../../kit/pages'
import { workspaceFor } from '../owned-workspace'
import type { ListPicturesInput, PictureFolder, PictureView } from '../schemas'
import { selectPictures, toPictureView } from './library'

/** The library of one's own workspace, newest first, all of it or one folder. @throws DomainError 404; 400 for a cursor that is none */
export const listPictures = async (
  ctx: Context,
  { workspaceId, folder, limit, cursor }: ListPicturesInput,
): Promise<Page<PictureView> & { folders: PictureFolder[] }> => {
  const { id } = await workspaceFor(ctx, workspaceId, 'view')
  const after = readCursor(cursor)
  if (after !== null && !/^\d{1,9}$/.test(after.id))
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const [rows, folders] = await Promise.all([
    selectPictures(ctx)
      .where(
        and(
          eq(workspacePictures.workspaceId, id),
          folder === undefined ? undefined : eq(workspacePictures.folder, folder),
          after === null ? undefined : lt(workspacePictures.pictureNo, Number(after.id)),
        ),
      )
      .orderBy(desc(workspacePictures.pictureNo))
      .limit(limit + 1),
    ctx.db
      .select({ name: workspacePictures.folder, count: count() })
      .from(workspacePictures)
      .where(eq(workspacePictures.workspaceId, id))
      .groupBy(workspacePictures.folder)
      .orderBy(workspacePictures.folder),
  ])
  const page = toPage(rows, limit, (row) => ({ at: row.createdAt, id: String(row.no) }), toPictureView)
  return { ...page, folders }
}

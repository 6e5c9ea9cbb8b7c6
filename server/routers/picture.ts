import { z } from 'zod'
import * as workspace from '../domain/workspace'
import {
  AddPictureInput,
  ChangePictureInput,
  ListPicturesInput,
  PictureIdInput,
  PictureList,
  PictureView,
  ReplacePictureInput,
} from '../domain/workspace/schemas'
import { router, signedIn } from '../trpc'

export const pictureRouter = router({
  list: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{workspaceId}/pictures',
        summary: 'List the pictures of a workspace, newest first',
      },
    })
    .input(ListPicturesInput)
    .output(PictureList)
    .query(({ ctx, input }) => workspace.listPictures(ctx, input)),

  add: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/pictures',
        summary: 'Put a picture into a workspace’s library, in base64',
      },
    })
    .input(AddPictureInput)
    .output(PictureView)
    .mutation(({ ctx, input }) => workspace.addPicture(ctx, input)),

  change: signedIn
    .meta({
      http: {
        method: 'PATCH',
        path: '/api/workspace/{workspaceId}/pictures/{pictureId}',
        summary: 'Rename a picture, or put it into another folder',
      },
    })
    .input(ChangePictureInput)
    .output(PictureView)
    .mutation(({ ctx, input }) => workspace.changePicture(ctx, input)),

  replace: signedIn
    .input(ReplacePictureInput)
    .output(PictureView.extend({ pages: z.number() }))
    .mutation(({ ctx, input }) => workspace.replacePicture(ctx, input)),

  remove: signedIn
    .meta({
      http: {
        method: 'DELETE',
        path: '/api/workspace/{workspaceId}/pictures/{pictureId}',
        summary: 'Take a picture out of the library; pages that show it keep it',
      },
    })
    .input(PictureIdInput)
    .output(z.object({ removed: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await workspace.removePicture(ctx, input)
      return { removed: true as const }
    }),
})

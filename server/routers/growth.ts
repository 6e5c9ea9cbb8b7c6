import {
  leaderboard,
  listMaterials,
  publishMaterial,
  showOnLeaderboard,
  withdrawMaterial,
} from '../domain/affiliate'
import {
  Leaderboard,
  LeaderboardInput,
  LinkIdInput,
  MaterialsPage,
  MaterialView,
  PublicName,
  PublicNameInput,
  PublishMaterialInput,
} from '../domain/affiliate/schemas'
import { PageInput } from '../kit/pages'
import { admin, router, signedIn } from '../trpc'

/** What affiliates recommend the place with, and how they compare. */
export const growthRouter = router({
  leaderboard: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/affiliate/leaderboard',
        summary: 'Who brought the most customers, of those who chose to be shown',
      },
    })
    .input(LeaderboardInput)
    .output(Leaderboard)
    .query(({ ctx, input }) => leaderboard(ctx, input)),

  showMe: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/affiliate/leaderboard',
        summary: 'Be on the leaderboard under a name, or leave it',
      },
    })
    .input(PublicNameInput)
    .output(PublicName)
    .mutation(({ ctx, input }) => showOnLeaderboard(ctx, input)),

  materials: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/affiliate/materials',
        summary: 'What you may recommend us with, your link filled in, newest first',
      },
    })
    .input(PageInput)
    .output(MaterialsPage)
    .query(({ ctx, input }) => listMaterials(ctx, { ...input, own: true })),

  allMaterials: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/affiliate-materials',
        summary: 'All materials, newest first',
      },
    })
    .input(PageInput)
    .output(MaterialsPage)
    .query(({ ctx, input }) => listMaterials(ctx, { ...input, own: false })),

  publish: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/affiliate-materials',
        summary: 'Publish something for affiliates to use',
      },
    })
    .input(PublishMaterialInput)
    .output(MaterialView)
    .mutation(({ ctx, input }) => publishMaterial(ctx, input)),

  withdraw: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/affiliate-materials/{id}/withdraw',
        summary: 'Show a material to affiliates no more',
      },
    })
    .input(LinkIdInput)
    .output(MaterialView)
    .mutation(({ ctx, input }) => withdrawMaterial(ctx, input)),
})

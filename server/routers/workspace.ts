import { z } from 'zod'
import * as workspace from '../domain/workspace'
import {
  ChangeFunnelInput,
  CloneReport,
  CloneResult,
  CreateFunnelInput,
  CreatePageInput,
  CreateWorkspaceInput,
  FunnelAddress,
  FunnelSettingsView,
  ListPageVersionsInput,
  ListReleasesInput,
  ListSubmissionsInput,
  MakeReleaseInput,
  ManualCloneInput,
  MoveFunnelInput,
  MovePageInput,
  OnePage,
  PageAddress,
  PageVersionContent,
  PageVersionList,
  PageView,
  ReadPageVersionInput,
  Release,
  ReleaseList,
  RestorePageInput,
  SubmissionList,
  TakeUpdateInput,
  TraceReport,
  UpdateDone,
  UpdatedPage,
  UpdatedPageInput,
  UpdateInput,
  UpdatePageInput,
  UpdateView,
  UpdateWorkspaceInput,
  Workspace,
  WorkspaceDocument,
  WorkspaceId,
  WorkspaceLimits,
  WorkspaceList,
  WorkspaceTree,
  WorkspaceUsage,
} from '../domain/workspace/schemas'
import { PageInput } from '../kit/pages'
import { admin, router, signedIn, visitor } from '../trpc'

const Done = z.object({ message: z.string() })
const ById = z.strictObject({ id: WorkspaceId })

export const workspaceRouter = router({
  create: signedIn
    .meta({ http: { method: 'POST', path: '/api/workspace', summary: 'Make an empty workspace' } })
    .input(CreateWorkspaceInput)
    .output(Workspace)
    .mutation(({ ctx, input }) => workspace.createWorkspace(ctx, input)),

  list: signedIn
    .meta({ http: { method: 'GET', path: '/api/workspace', summary: 'List your workspaces, newest first' } })
    .input(PageInput)
    .output(WorkspaceList)
    .query(({ ctx, input }) => workspace.listWorkspaces(ctx, input)),

  get: signedIn
    .meta({ http: { method: 'GET', path: '/api/workspace/{id}', summary: 'Read a workspace of yours' } })
    .input(ById)
    .output(Workspace)
    .query(({ ctx, input }) => workspace.getWorkspace(ctx, input.id)),

  update: signedIn
    .meta({
      http: {
        method: 'PATCH',
        path: '/api/workspace/{id}',
        summary: 'Change name, description, image or settings',
      },
    })
    .input(UpdateWorkspaceInput)
    .output(Workspace)
    .mutation(({ ctx, input }) => workspace.updateWorkspace(ctx, input)),

  delete: signedIn
    .meta({ http: { method: 'DELETE', path: '/api/workspace/{id}', summary: 'Delete a workspace' } })
    .input(ById)
    .output(z.object({ id: z.string(), status: z.literal('DELETED') }))
    .mutation(async ({ ctx, input }) => {
      await workspace.deleteWorkspace(ctx, input.id)
      return { id: input.id, status: 'DELETED' as const }
    }),

  tree: signedIn
    .input(ById)
    .output(WorkspaceTree)
    .query(({ ctx, input }) => workspace.readWorkspace(ctx, input.id)),

  funnel: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{workspaceId}/funnels/{funnelId}',
        summary: 'How a funnel is set',
      },
    })
    .input(FunnelAddress)
    .output(FunnelSettingsView)
    .query(({ ctx, input }) => workspace.readFunnelSettings(ctx, input)),

  createFunnel: signedIn
    .meta({
      http: { method: 'POST', path: '/api/workspace/{workspaceId}/funnels', summary: 'Make a funnel' },
    })
    .input(CreateFunnelInput)
    .output(z.object({ funnelId: z.string() }))
    .mutation(({ ctx, input }) => workspace.createFunnel(ctx, input)),

  changeFunnel: signedIn
    .meta({
      http: {
        method: 'PATCH',
        path: '/api/workspace/{workspaceId}/funnels/{funnelId}',
        summary: 'Change, publish or archive a funnel',
      },
    })
    .input(ChangeFunnelInput)
    .output(FunnelSettingsView)
    .mutation(async ({ ctx, input }) => {
      await workspace.changeFunnel(ctx, input)
      return workspace.readFunnelSettings(ctx, input)
    }),

  moveFunnel: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/funnels/{funnelId}/move',
        summary: 'Put a funnel before another one, or last',
      },
    })
    .input(MoveFunnelInput)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.moveFunnel(ctx, input)
      return { message: 'Moved.' }
    }),

  duplicateFunnel: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/funnels/{funnelId}/duplicate',
        summary: 'The same funnel once more',
      },
    })
    .input(FunnelAddress)
    .output(z.object({ funnelId: z.string() }))
    .mutation(({ ctx, input }) => workspace.duplicateFunnel(ctx, input)),

  deleteFunnel: signedIn
    .meta({
      http: {
        method: 'DELETE',
        path: '/api/workspace/{workspaceId}/funnels/{funnelId}',
        summary: 'Delete a funnel with its pages',
      },
    })
    .input(FunnelAddress)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.deleteFunnel(ctx, input)
      return { message: 'Deleted.' }
    }),

  createPage: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/funnels/{funnelId}/pages',
        summary: 'Make a page',
      },
    })
    .input(CreatePageInput)
    .output(z.object({ pageId: z.string() }))
    .mutation(({ ctx, input }) => workspace.createPage(ctx, input)),

  movePage: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/pages/{pageId}/move',
        summary: 'Put a page before another one of its funnel, or last',
      },
    })
    .input(MovePageInput)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.movePage(ctx, input)
      return { message: 'Moved.' }
    }),

  duplicatePage: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/pages/{pageId}/duplicate',
        summary: 'The same page once more',
      },
    })
    .input(OnePage)
    .output(z.object({ pageId: z.string() }))
    .mutation(({ ctx, input }) => workspace.duplicatePage(ctx, input)),

  deletePage: signedIn
    .meta({
      http: {
        method: 'DELETE',
        path: '/api/workspace/{workspaceId}/pages/{pageId}',
        summary: 'Delete a page that no other leads to',
      },
    })
    .input(OnePage)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.deletePage(ctx, input)
      return { message: 'Deleted.' }
    }),

  page: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{workspaceId}/funnels/{funnelId}/pages/{pageId}',
        summary: 'Read a page with its content',
      },
    })
    .input(PageAddress)
    .output(PageView)
    .query(({ ctx, input }) => workspace.readPage(ctx, input)),

  pageRefusal: signedIn
    .input(PageAddress)
    .output(z.string().nullable())
    .query(({ ctx, input }) => workspace.pageRefusal(ctx, input)),

  updatePage: signedIn
    .meta({
      http: {
        method: 'PATCH',
        path: '/api/workspace/{workspaceId}/pages/{pageId}',
        summary: "Change a page's name, slug, type, words for search engines or content",
      },
    })
    .input(UpdatePageInput)
    .output(PageView)
    .mutation(({ ctx, input }) => workspace.updatePage(ctx, input)),

  pageVersions: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{workspaceId}/pages/{pageId}/versions',
        summary: 'The history of a page, newest first',
      },
    })
    .input(ListPageVersionsInput)
    .output(PageVersionList)
    .query(({ ctx, input }) => workspace.listPageVersions(ctx, input)),

  pageVersion: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{workspaceId}/pages/{pageId}/versions/{version}',
        summary: 'What a page showed then',
      },
    })
    .input(ReadPageVersionInput)
    .output(PageVersionContent)
    .query(({ ctx, input }) => workspace.readPageVersion(ctx, input)),

  restorePage: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/pages/{pageId}/versions/{version}/restore',
        summary: 'Let a page show again what it showed then',
      },
    })
    .input(RestorePageInput)
    .output(PageView)
    .mutation(({ ctx, input }) => workspace.restorePage(ctx, input)),

  makeRelease: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/releases',
        summary: 'Name the state of a workspace a release: what buyers get from now on',
      },
    })
    .input(MakeReleaseInput)
    .output(Release)
    .mutation(({ ctx, input }) => workspace.makeRelease(ctx, input)),

  releases: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{workspaceId}/releases',
        summary: 'List the releases of a workspace, newest first',
      },
    })
    .input(ListReleasesInput)
    .output(ReleaseList)
    .query(({ ctx, input }) => workspace.listReleases(ctx, input)),

  traces: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{id}/traces',
        summary: 'What of a workspace would reach buyers and probably should not',
      },
    })
    .input(ById)
    .output(TraceReport)
    .query(({ ctx, input }) => workspace.ownTraces(ctx, input.id)),

  readUpdate: signedIn
    .input(UpdateInput)
    .output(UpdateView)
    .query(({ ctx, input }) => workspace.readUpdate(ctx, input)),

  updatedPage: signedIn
    .input(UpdatedPageInput)
    .output(UpdatedPage)
    .query(({ ctx, input }) => workspace.readUpdatedPage(ctx, input)),

  previewUpdate: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/update/preview',
        summary: 'What there is to take into a copy, and what it would become by these choices',
      },
    })
    .input(UpdateInput)
    .output(UpdateView)
    .mutation(({ ctx, input }) => workspace.readUpdate(ctx, input)),

  takeUpdate: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/update',
        summary: 'Take the latest release into a copy, as was looked at',
      },
    })
    .input(TakeUpdateInput)
    .output(UpdateDone)
    .mutation(({ ctx, input }) => workspace.takeUpdate(ctx, input)),

  undoUpdate: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{workspaceId}/update/undo',
        summary: 'Undo the last release that a copy took',
      },
    })
    .input(z.strictObject({ workspaceId: WorkspaceId }))
    .output(UpdateDone)
    .mutation(({ ctx, input }) => workspace.undoUpdate(ctx, input)),

  findPage: signedIn
    .input(z.strictObject({ linkingId: z.string().max(100) }))
    .output(PageAddress)
    .query(({ ctx, input }) => workspace.findPage(ctx, input.linkingId)),

  limits: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{id}/limits',
        summary:
          'What is used and left of the limits in a workspace of yours, and what of it is only to be read',
      },
    })
    .input(ById)
    .output(WorkspaceLimits)
    .query(({ ctx, input }) => workspace.workspaceLimits(ctx, input.id)),

  publishedAddress: visitor
    .input(z.strictObject({ linkingId: z.string().max(100) }))
    .output(z.object({ workspace: z.string(), funnel: z.string(), page: z.string() }).nullable())
    .query(({ ctx, input }) => workspace.publishedAddress(ctx, input.linkingId)),

  submissions: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{workspaceId}/submissions',
        summary: 'What visitors filled in on your published pages, newest first',
      },
    })
    .input(ListSubmissionsInput)
    .output(SubmissionList)
    .query(({ ctx, input }) => workspace.listSubmissions(ctx, input)),

  submissionsCsv: signedIn
    .input(ById)
    .output(z.string())
    .query(({ ctx, input }) => workspace.exportSubmissions(ctx, input.id)),

  usage: signedIn.output(WorkspaceUsage).query(({ ctx }) => workspace.workspaceUsage(ctx)),

  cloneReport: signedIn
    .input(ById)
    .output(CloneReport.nullable())
    .query(({ ctx, input }) => workspace.cloneReport(ctx, input.id)),

  export: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{id}/export',
        summary: 'Export a workspace as a document',
      },
    })
    .input(ById)
    .output(WorkspaceDocument)
    .query(({ ctx, input }) => workspace.exportWorkspace(ctx, input.id)),

  /** Its input is checked by the verb, whose walk no depth of nesting can overflow. */
  import: signedIn
    .meta({
      http: { method: 'POST', path: '/api/workspace/import', summary: 'Make a workspace from a document' },
    })
    .input(z.unknown())
    .output(Workspace)
    .mutation(({ ctx, input }) => workspace.importInTurn(ctx, input)),

  clone: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{id}/clone',
        summary: 'Copy a workspace for a user by hand',
      },
    })
    .input(ManualCloneInput)
    .output(CloneResult)
    .mutation(({ ctx, input }) => workspace.manualClone(ctx, input)),
})

export { cloneReport } from './clone-report'
export { type CloneInput, cloneWorkspace } from './clone-workspace'
export { createWorkspace } from './create-workspace'
export { deleteAllWorkspaces } from './delete-all-workspaces'
export { deleteWorkspace } from './delete-workspace'
export { exportWorkspace } from './export-workspace'
export { editableWorkspace, freezeCopy, thawCopy } from './freeze-copy'
export { importInTurn } from './import-in-turn'
export { importWorkspace } from './import-workspace'
export { limitTerms, planUsage, workspaceLimits, workspaceUsage } from './limits'
export { manualClone } from './manual-clone'
export { acceptInvitation, readInvitation, rejectInvitation } from './members/answer-invitation'
export { changeMember, leaveWorkspace, removeMember, setRolePermissions } from './members/change-member'
export { makeInviteLink, revokeInviteLink } from './members/invite-links'
export { inviteMember, offerOwnership, revokeInvitation } from './members/invite-member'
export { listMembers } from './members/list-members'
export { ownedWorkspace, type WorkspaceRow, workspaceFor } from './owned-workspace'
export { listPageVersions, readPageVersion } from './page-history'
export { addPicture, changePicture, listPictures, removePicture, replacePicture } from './pictures'
export {
  countVisits,
  exportSubmissions,
  listSubmissions,
  type PublishedPage,
  previewTree,
  publishedAddress,
  readForPreview,
  readPublished,
  readPublishedContent,
  submitForm,
} from './published'
export {
  describeForSale,
  findPage,
  getWorkspace,
  listWorkspaces,
  readPage,
  readWorkspace,
  type SaleDescription,
} from './queries'
export { readUpdate, readUpdatedPage } from './read-update'
export { listReleases, makeRelease } from './releases'
export { removeContents } from './remove-contents'
export { slugBase } from './rules'
export { ownTraces } from './scan-for-traces'
export {
  changeFunnel,
  createFunnel,
  createPage,
  deleteFunnel,
  deletePage,
  duplicateFunnel,
  duplicatePage,
  moveFunnel,
  movePage,
  readFunnelSettings,
} from './structure'
export { takeUpdate, undoUpdate } from './take-update'
export { tellOwners } from './tell-owners'
export { pageRefusal, restorePage, updatePage } from './update-page'
export { updateWorkspace } from './update-workspace'
export { whatIsOffered } from './what-is-offered'

import type { MembersView } from '../../../server/domain/workspace/schemas'

export type Role = MembersView['role']
type Permission = MembersView['permissions'][number]

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  OWNER: 'Owner',
  ADMIN: 'Admin',
  EDITOR: 'Editor',
  VIEWER: 'Viewer',
}

export const PERMISSION_NAMES: Readonly<Record<Permission, string>> = {
  'workspace.manage': 'Manage the workspace',
  'members.manage': 'Manage members',
  'funnels.create': 'Create funnels',
  'funnels.edit': 'Edit funnels',
  'funnels.delete': 'Delete funnels',
  'pages.edit': 'Edit pages',
  'analytics.view': 'See figures',
  'submissions.view': 'See submissions',
  'domains.create': 'Create domains',
  'domains.connect': 'Connect domains',
  'domains.manage': 'Manage domains',
  'domains.delete': 'Delete domains',
  sell: 'Sell copies',
}
export const PERMISSION_LIST = Object.keys(PERMISSION_NAMES) as Permission[]

/** What somebody may, in words. */
export const permissionWords = (permissions: readonly Permission[]): string => {
  if (permissions.length === PERMISSION_LIST.length) return 'Everything'
  if (permissions.length === 0) return 'Only look'
  return permissions.map((name) => PERMISSION_NAMES[name]).join(', ')
}

/** What a member of a workspace may do besides looking at it, in the order in which it is shown. */
export const PERMISSIONS = [
  'workspace.manage',
  'members.manage',
  'funnels.create',
  'funnels.edit',
  'funnels.delete',
  'pages.edit',
  'analytics.view',
  'submissions.view',
  'domains.create',
  'domains.connect',
  'domains.manage',
  'domains.delete',
  'sell',
] as const
export type Permission = (typeof PERMISSIONS)[number]

export const ROLES = ['OWNER', 'ADMIN', 'EDITOR', 'VIEWER'] as const
export type Role = (typeof ROLES)[number]
/** The roles somebody can be given; there is one owner, who hands that over. */
export const GIVEN_ROLES = ['ADMIN', 'EDITOR', 'VIEWER'] as const
export type GivenRole = (typeof GIVEN_ROLES)[number]

const EDITS = ['funnels.create', 'funnels.edit', 'funnels.delete', 'pages.edit'] as const

/** What each role may where the workspace has no template of its name, or the template does not say. */
const DEFAULTS: Readonly<Record<Role, readonly Permission[]>> = {
  OWNER: PERMISSIONS,
  ADMIN: PERMISSIONS,
  EDITOR: [...EDITS, 'analytics.view', 'submissions.view'],
  VIEWER: ['analytics.view'],
}

interface Given {
  readonly role: Role
  /** What the template of the role says, and what is said of the member alone. */
  readonly template: Readonly<Record<string, boolean>>
  readonly own: Readonly<Record<string, boolean>>
}

/** What a member may: by their own permissions, else the template of their role, else the role. An owner may all. */
export const effectivePermissions = ({ role, template, own }: Given): Set<Permission> =>
  new Set(
    PERMISSIONS.filter(
      (name) =>
        role === 'OWNER' || (said(own, name) ?? said(template, name) ?? DEFAULTS[role].includes(name)),
    ),
  )

const said = (of: Readonly<Record<string, boolean>>, name: string): boolean | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined

/** Nobody gives, or takes from somebody who has, what they may not do themselves. */
export const includesAll = (mine: ReadonlySet<Permission>, theirs: ReadonlySet<Permission>): boolean =>
  [...theirs].every((name) => mine.has(name))

import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type * as schema from '../../../db/schema'

type Schema = typeof schema

/** The tables of the schema whose rows belong to a workspace. */
export type WorkspaceTable = {
  [Table in keyof Schema]: Schema[Table] extends { readonly workspaceId: AnyPgColumn } ? Table : never
}[keyof Schema]

/**
 * What a clone does with each table that belongs to a workspace: `copy` its rows, set anew (`reset`), or `leave` them
 * with the source. A new table does not compile until it stands here. What is copied is also part of
 * `workspace_fingerprint` (db/migrations) and of what an update merges (workspace-state.ts).
 */
export const cloneManifest = {
  roleTemplates: 'copy',
  themes: 'copy',
  funnels: 'copy',
  pages: 'copy',
  workspacePictures: 'copy',
  workspaceMembers: 'reset',
  workspaceInvitations: 'leave',
  workspaceInviteLinks: 'leave',
  formSubmissions: 'leave',
  pageVersions: 'leave',
  workspaceReleases: 'leave',
  workspaceUpdates: 'leave',
  affiliateLinks: 'leave',
  listings: 'leave',
  orders: 'leave',
  payments: 'leave',
} as const satisfies Readonly<Record<WorkspaceTable, 'copy' | 'reset' | 'leave'>>

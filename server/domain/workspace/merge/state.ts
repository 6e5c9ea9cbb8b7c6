import type { JsonObject } from '../json'

/** What a copy takes over of a workspace, and an update merges. Rows stand in their order; of pages only the hash. */
export interface State {
  readonly workspace: WorkspaceFields
  readonly themes: readonly ThemeRow[]
  readonly roles: readonly RoleRow[]
  readonly funnels: readonly FunnelRow[]
  readonly pages: readonly PageRow[]
  readonly pictures: readonly PictureRow[]
}

export interface WorkspaceFields {
  readonly name: string
  readonly description: string
  readonly image: string | null
  readonly settings: JsonObject
}

interface Numbered {
  readonly no: number
  /** In a copy: its number in what it was copied from. Null: made here. */
  readonly origin: number | null
}

export interface ThemeRow extends Numbered {
  readonly key: string
  readonly name: string
  readonly tokens: JsonObject
}

export interface RoleRow extends Numbered {
  readonly name: string
  readonly permissions: JsonObject
}

export interface FunnelRow extends Numbered {
  readonly position: number
  readonly name: string
  readonly slug: string
  readonly status: 'DRAFT' | 'LIVE' | 'ARCHIVED'
  /** `own:NO`, `global:KEY`, or null. */
  readonly theme: string | null
  readonly settings: JsonObject
  /** What is never merged, to be put back with a funnel that was removed. */
  readonly besides: JsonObject
}

export interface PageRow extends Numbered {
  readonly funnelNo: number
  readonly position: number
  readonly name: string
  readonly slug: string
  readonly type: 'PAGE' | 'RESULT'
  readonly seo: JsonObject
  /** SHA-256 of the content, in hex. */
  readonly hash: string
  readonly originHash: string | null
  readonly besides: JsonObject
}

/** One of the library; a page shows it by its hash, whether it stands here or not. */
export interface PictureRow {
  readonly no: number
  readonly name: string
  readonly folder: string
  /** In hex. */
  readonly hash: string
}

/** What is merged row by row. */
export type Merged = 'themes' | 'roles' | 'funnels' | 'pages'
export const KINDS = ['themes', 'roles', 'funnels', 'pages', 'pictures'] as const
export type Kind = (typeof KINDS)[number]
export type RowOf<K extends Kind> = State[K][number]

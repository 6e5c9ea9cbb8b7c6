import type { Side } from './three-way'

/** What may be done about a thing that the release has otherwise than the copy. */
export type Option = 'take' | 'keep' | 'merge' | 'remove'

/** Choices by the key of an item (Option) or of a clash in it (Side); what is left out is done as `choice` says. */
export type Choices = Readonly<Record<string, string>>

/** One thing two changed in two ways. */
export interface ItemClash {
  /** To choose by: `KEY#BLOCK` of a block, `KEY.FIELD` of a field. */
  readonly key: string
  readonly kind: 'block' | 'field'
  readonly name: string
  readonly base: unknown
  readonly theirs: unknown
  readonly mine: unknown
  readonly choice: Side
}

export type ItemKind = 'workspace' | 'theme' | 'role' | 'funnel' | 'page'

/** A thing that the seller changed since: what may be done about it, and what would be. */
export interface Item {
  /** `workspace`, `theme:1`, `role:2`, `funnel:3`, `page:p4`. */
  readonly key: string
  readonly kind: ItemKind
  readonly no: number
  readonly name: string
  /** Of a page: the funnel it is in. */
  readonly within: string | null
  /** REMOVED by the seller, here it is still; GONE from here, the seller changed it. */
  readonly change: 'ADDED' | 'CHANGED' | 'BOTH_CHANGED' | 'REMOVED' | 'GONE'
  readonly options: readonly Option[]
  readonly choice: Option
  readonly clashes: readonly ItemClash[]
  /** Why it is not done as was chosen. */
  readonly note: string | null
}

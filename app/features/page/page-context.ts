import { createContext, useContext } from 'react'
import type { HrefOf } from './links'

export interface PageSurroundings {
  readonly hrefOf: HrefOf
  /** The level of the page's title; 2 where the page is shown inside another. */
  readonly titleLevel: 1 | 2
  /**
   * `view`: shown within the application, where nothing acts. `live`: published. `preview`: as published, where forms
   * do nothing and nothing of elsewhere is loaded. `edit`: in the editor, where a block is chosen and dragged as a whole.
   */
  readonly mode: 'view' | 'live' | 'preview' | 'edit'
  /** Where a form or quiz of this page is sent; null: nowhere. */
  readonly sendTo: (blockId: string) => string | null
  /** Players of videos work: not in a sandbox without an origin. */
  readonly players: boolean
  /** How many columns stand around. */
  readonly depth: number
}

/** Within the application. */
export const VIEWED = { mode: 'view', sendTo: () => null, players: false } as const

export const PageContext = createContext<PageSurroundings>({
  ...VIEWED,
  hrefOf: () => null,
  titleLevel: 1,
  depth: 0,
})

export const usePage = (): PageSurroundings => useContext(PageContext)

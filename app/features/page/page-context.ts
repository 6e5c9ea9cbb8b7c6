import { createContext, useContext } from 'react'
import type { HrefOf } from './links'

export interface PageSurroundings {
  readonly hrefOf: HrefOf
  /** The level of the page's title; 2 where the page is shown inside another. */
  readonly titleLevel: 1 | 2
  /** How many columns stand around. */
  readonly depth: number
}

export const PageContext = createContext<PageSurroundings>({ hrefOf: () => null, titleLevel: 1, depth: 0 })

export const usePage = (): PageSurroundings => useContext(PageContext)

import { clones } from './clones'
import { commissions } from './commissions'
import { identity } from './identity'
import type { Story } from './invariant'
import { ledger } from './ledger'
import { messages } from './messages'
import { payments } from './payments'
import { withdrawals } from './withdrawals'
import { workspaces } from './workspaces'

/** All that must be true of the rows, by what it is about. */
export const STORIES: readonly Story[] = [
  ledger,
  payments,
  commissions,
  clones,
  messages,
  withdrawals,
  identity,
  workspaces,
]

/** Of the list I01 to I48, what is no query here, and why. */
export const NO_QUERY: Readonly<Record<string, string>> = {
  I44: 'The provider’s own totals: no table holds a provider’s reports yet, so there is nothing to compare with.',
}

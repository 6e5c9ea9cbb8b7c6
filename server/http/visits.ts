import { countVisits, type PublishedPage } from '../domain/workspace'
import type { Context } from '../kit/context'
import { derivedKey, sha256 } from '../kit/crypto'
import { describeError, type Log } from '../kit/log'

/** A visitor who comes back to a page within this time is the same visit: milliseconds. */
const SESSION = 30 * 60_000
/** How long visits are collected before they are written: milliseconds. */
const COLLECT = 5_000
/** Visitors kept in mind; beyond that the oldest are forgotten. */
const MOST = 50_000

export interface Visits {
  readonly count: (
    page: PublishedPage,
    visitor: { readonly address: string; readonly userAgent: string },
  ) => void
  /** Writes what was collected. */
  readonly flush: () => Promise<void>
}

/**
 * Counts a page's visits once per session, without anything kept on the visitor's device: by a keyed hash of where they
 * come from that is never stored. Written together every few seconds; a crash loses what was collected since.
 */
export const createVisits = (base: Context, log: Log): Visits => {
  const seen = new Map<string, number>()
  const collected = new Map<string, { workspaceRowId: bigint; pageNo: number; visits: number }>()
  const salt = derivedKey(base.config.appSecret, 'visits').toString('base64')
  let timer: NodeJS.Timeout | null = null
  const flush = async () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const visited = [...collected.values()]
    collected.clear()
    await countVisits(base, visited).catch((error: unknown) =>
      log.warn({ error: describeError(error) }, 'visits could not be counted'),
    )
  }
  return {
    flush,
    count: ({ workspaceRowId, page }, { address, userAgent }) => {
      const now = base.now().getTime()
      const where = `${workspaceRowId}:${page.no}`
      const key = sha256(`${salt}|${address}|${userAgent}|${where}`).toString('base64').slice(0, 22)
      const last = seen.get(key)
      seen.delete(key)
      seen.set(key, now)
      for (const oldest of seen.keys()) {
        if (seen.size <= MOST) break
        seen.delete(oldest)
      }
      if (last !== undefined && now - last < SESSION) return
      const known = collected.get(where) ?? { workspaceRowId, pageNo: page.no, visits: 0 }
      collected.set(where, { ...known, visits: known.visits + 1 })
      timer ??= setTimeout(flush, COLLECT).unref()
    },
  }
}

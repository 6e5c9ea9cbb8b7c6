import { RateLimiterMemory } from 'rate-limiter-flexible'
import { DomainError } from '../kit/errors'
import type { ShownPage } from '../kit/ports'

const MIB = 1_048_576

export interface RenderedPages {
  /**
   * The document of that tag, or a new one. Making it costs whoever asks.
   * @throws DomainError 429 RATE_LIMITED when an address had too much made for it within a minute
   */
  readonly get: (tag: string, address: string, make: () => Promise<ShownPage>) => Promise<ShownPage>
}

/**
 * Documents kept ready, the longest unused leaving first, bounded by their size and not by their number: anybody may publish
 * pages, and large ones must neither fill the memory nor, asked for in turns, occupy the processor.
 * @param options.bytes kept in all; 64 MiB
 * @param options.most of one document, which is made each time if it is larger; 1 MiB
 * @param options.perMinute made for one address, beside 20 kB for each document; 24 MiB
 */
export const createRenderedPages = (
  options: { readonly bytes?: number; readonly most?: number; readonly perMinute?: number } = {},
): RenderedPages => {
  const { bytes = 64 * MIB, most = MIB, perMinute = 24 * MIB } = options
  const ready = new Map<string, ShownPage>()
  const made = new RateLimiterMemory({ points: perMinute, duration: 60 })
  let kept = 0
  const drop = (tag: string) => {
    kept -= ready.get(tag)?.html.length ?? 0
    ready.delete(tag)
  }
  return {
    get: async (tag, address, make) => {
      const known = ready.get(tag)
      if (known !== undefined) {
        ready.delete(tag)
        ready.set(tag, known)
        return known
      }
      const so = await made.get(address)
      if (so !== null && so.consumedPoints >= perMinute)
        throw new DomainError(
          429,
          'RATE_LIMITED',
          'That was too much at once. Wait a minute, then try again.',
          {
            retryAfter: Math.ceil(so.msBeforeNext / 1_000),
          },
        )
      const shown = await make()
      await made.penalty(address, 20_000 + shown.html.length)
      if (shown.html.length > most) return shown
      if (!ready.has(tag)) {
        ready.set(tag, shown)
        kept += shown.html.length
      }
      for (const oldest of ready.keys()) {
        if (kept <= bytes) break
        drop(oldest)
      }
      return shown
    },
  }
}

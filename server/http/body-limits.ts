import { KIB, MIB } from './read-json'

export interface BodyLimits {
  readonly bytes: number
  readonly depth: number
}

const USUAL: BodyLimits = { bytes: 100 * KIB, depth: 40 }

/** What is larger or deeper than usual: a whole workspace, a document, and a page, whose content has 1 MiB and 64 levels. */
const ROOMY: Readonly<Record<string, BodyLimits>> = {
  'workspace.import': { bytes: 101 * MIB, depth: 10_000 },
  // 5 MiB in base64, and a bit more, so that it is the document's check that says so.
  'payout.addDocument': { bytes: 8 * MIB, depth: 40 },
  // 10 MiB in base64, and a bit more, as above.
  'picture.add': { bytes: 15 * MIB, depth: 40 },
  'picture.replace': { bytes: 15 * MIB, depth: 40 },
  'workspace.updatePage': { bytes: 2 * MIB, depth: 100 },
}

/** How long and deep a body may be that calls these procedures. */
export const bodyLimits = (names: readonly string[]): BodyLimits =>
  names
    .map((name) => ROOMY[name] ?? USUAL)
    .reduce((most, next) => (next.bytes > most.bytes ? next : most), USUAL)

import { type Content, linkedKey, toContent } from '../contents'
import type { JsonObject } from '../json'
import { pageKey, pageNoOf } from '../rules'
import type { Merged as Kind, State } from './state'

/** The numbers of the seller's rows in the copy. */
type Numbers = Readonly<Record<Kind, ReadonlyMap<number, number>>>

export interface Localised {
  readonly base: State
  readonly theirs: State
  /** Contents that had to be written anew, since they link to pages that have other numbers here. */
  readonly contents: ReadonlyMap<string, Content & { readonly body: JsonObject }>
}

/**
 * Gives the seller's rows the numbers they have in the copy: that of the row that came from it, else their own one if
 * it is free, else a new one. So a page added here and one added there are two, though both became number 7.
 * @param bodyOf a content by its hash; asked for only where numbers differ
 */
export const localise = (
  base: State,
  theirs: State,
  mine: State,
  bodyOf: (hash: string) => JsonObject,
): Localised => {
  const numbers = numbersOf(base, theirs, mine)
  const contents = new Map<string, Content & { body: JsonObject }>()
  const renamed = isRenumbered(numbers.pages)
  const hashes = new Map<string, string>()
  const hashOf = (hash: string): string => {
    if (!renamed) return hash
    const known = hashes.get(hash)
    if (known !== undefined) return known
    const content = toContent(bodyOf(hash), (text) => renameLink(text, numbers.pages))
    hashes.set(hash, content.hash)
    if (content.hash !== hash)
      contents.set(content.hash, { ...content, body: JSON.parse(content.json) as JsonObject })
    return content.hash
  }
  return {
    base: renumber(base, numbers, hashOf),
    theirs: renumber(theirs, numbers, hashOf),
    contents,
  }
}

/** Whether a page of the seller's has another number here. */
export const needsRenaming = (base: State, theirs: State, mine: State): boolean =>
  isRenumbered(numbersOf(base, theirs, mine).pages)

const isRenumbered = (numbers: ReadonlyMap<number, number>): boolean =>
  [...numbers].some(([there, here]) => there !== here)

const renameLink = (text: string, numbers: ReadonlyMap<number, number>): string => {
  const key = linkedKey(text)
  const here = key === null ? undefined : numbers.get(pageNoOf(key) ?? 0)
  return here === undefined ? text : `page:${pageKey(here)}`
}

const numbersOf = (base: State, theirs: State, mine: State): Numbers => {
  const of = (kind: Kind) => {
    const numbers = new Map<number, number>()
    const taken = new Set(mine[kind].map(({ no }) => no))
    // Older duplicates say the same origin: the one that was copied is the one that kept its number, or the first.
    for (const { no, origin } of [...mine[kind]].sort((a, b) => a.no - b.no))
      if (origin !== null && (no === origin || !numbers.has(origin))) numbers.set(origin, no)
    const there = new Set([...theirs[kind], ...base[kind]].map(({ no }) => no))
    let next = Math.max(0, ...taken, ...there) + 1
    for (const no of [...there].sort((a, b) => a - b)) {
      if (numbers.has(no)) continue
      const here = taken.has(no) ? next++ : no
      taken.add(here)
      numbers.set(no, here)
    }
    return numbers
  }
  return { themes: of('themes'), roles: of('roles'), funnels: of('funnels'), pages: of('pages') }
}

const renumber = (state: State, numbers: Numbers, hashOf: (hash: string) => string): State => {
  const here = (kind: Kind, no: number) => numbers[kind].get(no) ?? no
  const numbered = <T extends { readonly no: number }>(kind: Kind, rows: readonly T[]) =>
    rows.map((row) => ({ ...row, no: here(kind, row.no), origin: row.no }))
  return {
    workspace: state.workspace,
    pictures: state.pictures,
    themes: numbered('themes', state.themes),
    roles: numbered('roles', state.roles),
    funnels: numbered('funnels', state.funnels).map((funnel) => ({
      ...funnel,
      theme: funnel.theme?.startsWith('own:')
        ? `own:${here('themes', Number(funnel.theme.slice(4)))}`
        : funnel.theme,
    })),
    pages: numbered('pages', state.pages).map((page) => ({
      ...page,
      funnelNo: here('funnels', page.funnelNo),
      hash: hashOf(page.hash),
      originHash: page.hash,
    })),
  }
}

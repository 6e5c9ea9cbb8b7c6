import type { JsonObject } from '../json'
import {
  listIdOf,
  MAIN_LIST,
  markedPath,
  marksIn,
  ownerOf,
  putTogether,
  same,
  type Tree,
  takeApart,
} from './blocks'
import { mergeOrders, mergeValues, type Side } from './three-way'

/** A block that both sides changed, or one changed and the other removed. */
export interface BlockClash {
  /** The block's `props.id`; '' for the page itself. */
  readonly id: string
  /** The block with all in it; null: it is not there (any more). Of the page itself the fields that clash. */
  readonly base: unknown
  readonly theirs: unknown
  readonly mine: unknown
}

/** Which side a block goes to that clashes. */
export type DecideBlock = (clash: BlockClash) => Side

/**
 * Merges what two made of a page. A block is the unit: whoever alone changed, added, moved or removed one has their
 * way; a block with others inside counts as changed where its own properties are, and for its removal where anything
 * in it is.
 * @returns null where it cannot be: a content has two blocks of one id
 */
export const mergeContents = (
  base: JsonObject,
  theirs: JsonObject,
  mine: JsonObject,
  decide: DecideBlock,
): JsonObject | null => {
  const [b, t, m] = takeApart(base, theirs, mine)
  if (b === null || t === null || m === null) return null
  const rest = mergeRest(b, t, m, decide)
  const fates = new Map<string, Side | 'gone'>([
    ...removals(b, t, m, 'theirs', decide),
    ...removals(b, t, m, 'mine', decide),
  ])
  const own = new Map<string, unknown>()
  const place = new Map<string, string>()
  for (const id of new Set([...m.own.keys(), ...t.own.keys()])) {
    const fate = fates.get(id)
    if (fate === 'gone') continue
    const sideOf = { mine: m, theirs: t }
    if (fate !== undefined) {
      own.set(id, sideOf[fate].own.get(id))
      place.set(id, sideOf[fate].placeOf.get(id) ?? MAIN_LIST)
      continue
    }
    const [inBase, inTheirs, inMine] = [b.own.has(id), t.own.has(id), m.own.has(id)]
    if (inBase && !(inTheirs && inMine)) continue
    if (!inTheirs || !inMine) {
      const side = inMine ? m : t
      own.set(id, side.own.get(id))
      place.set(id, side.placeOf.get(id) ?? MAIN_LIST)
      continue
    }
    own.set(id, mergeOwn(b, t, m, id, decide))
    const was = b.placeOf.get(id)
    const mineNow = m.placeOf.get(id) ?? MAIN_LIST
    place.set(id, mineNow === was ? (t.placeOf.get(id) ?? mineNow) : mineNow)
  }
  settlePlaces(rest, own, place, m)
  return putTogether(rest, own, orderLists(own, place, { b, t, m }))
}

const mergeRest = (b: Tree, t: Tree, m: Tree, decide: DecideBlock): unknown => {
  let side: Side | null = null
  const clash = () => {
    const plain = (tree: Tree) => withoutMarks(tree.rest)
    side ??= decide({ id: '', base: plain(b), theirs: plain(t), mine: plain(m) })
    return side
  }
  return mergeValues(b.rest, t.rest, m.rest, clash)
}

const withoutMarks = (value: unknown): unknown => {
  if (markedPath(value) !== null) return undefined
  if (Array.isArray(value)) return value.map(withoutMarks)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const plain = withoutMarks(member)
      return plain === undefined ? [] : [[name, plain]]
    }),
  )
}

const mergeOwn = (b: Tree, t: Tree, m: Tree, id: string, decide: DecideBlock): unknown => {
  const [base, theirs, mine] = [b.own.get(id), t.own.get(id), m.own.get(id)]
  if (same(theirs, mine) || (base !== undefined && same(theirs, base))) return mine
  if (base !== undefined && same(mine, base)) return theirs
  return decide(clashOf(b, t, m, id)) === 'theirs' ? theirs : mine
}

const clashOf = (b: Tree, t: Tree, m: Tree, id: string): BlockClash => ({
  id,
  base: b.whole.get(id) ?? null,
  theirs: t.whole.get(id) ?? null,
  mine: m.whole.get(id) ?? null,
})

/**
 * What becomes of blocks that one side removed and the other changed anything in: the outermost of them decides for
 * all in it that the remover has not kept elsewhere.
 */
const removals = (
  b: Tree,
  t: Tree,
  m: Tree,
  remover: Side,
  decide: DecideBlock,
): Map<string, Side | 'gone'> => {
  const [kept, removed] = remover === 'theirs' ? [m, t] : [t, m]
  const keeper: Side = remover === 'theirs' ? 'mine' : 'theirs'
  const fates = new Map<string, Side | 'gone'>()
  const decideAll = (id: string, fate: Side | 'gone') => {
    if (!removed.own.has(id)) fates.set(id, fate)
    for (const inside of childrenOf(kept, id)) decideAll(inside, fate)
  }
  const walk = (ids: readonly string[]) => {
    for (const id of ids) {
      const clashes = b.own.has(id) && !removed.own.has(id) && !same(kept.whole.get(id), b.whole.get(id))
      if (clashes) decideAll(id, decide(clashOf(b, t, m, id)) === keeper ? keeper : 'gone')
      else walk(childrenOf(kept, id))
    }
  }
  walk(marksIn(kept.rest).flatMap((path) => kept.lists.get(listIdOf('', path)) ?? []))
  return fates
}

const childrenOf = (tree: Tree, id: string): string[] =>
  marksIn(tree.own.get(id)).flatMap((path) => tree.lists.get(listIdOf(id, path)) ?? [])

/**
 * Sees to it that each block stands somewhere: in a row that is still there, and not inside itself (two moves may make
 * a circle). Where it does not, it goes where it is in mine, else to the end of the page.
 */
const settlePlaces = (
  rest: unknown,
  own: ReadonlyMap<string, unknown>,
  place: Map<string, string>,
  m: Tree,
): void => {
  for (const id of unreached(rest, own, place)) {
    const inMine = m.placeOf.get(id)
    if (inMine !== undefined) place.set(id, inMine)
  }
  const lost = unreached(rest, own, place)
  for (const id of lost) if (!standsIn(lost, own, place, id)) place.set(id, MAIN_LIST)
  for (const id of unreached(rest, own, place)) place.set(id, MAIN_LIST)
}

/** Whether it only went along with the block around it, which is lost itself. */
const standsIn = (
  lost: ReadonlySet<string>,
  own: ReadonlyMap<string, unknown>,
  place: ReadonlyMap<string, string>,
  id: string,
): boolean => {
  const list = place.get(id) ?? MAIN_LIST
  const owner = ownerOf(list)
  return lost.has(owner) && owner !== id && rowsOf(own, owner).includes(list)
}

const rowsOf = (own: ReadonlyMap<string, unknown>, owner: string): string[] =>
  marksIn(own.get(owner)).map((path) => listIdOf(owner, path))

const unreached = (
  rest: unknown,
  own: ReadonlyMap<string, unknown>,
  place: ReadonlyMap<string, string>,
): Set<string> => {
  const inList = new Map<string, string[]>()
  for (const [id, list] of place) inList.set(list, [...(inList.get(list) ?? []), id])
  const lost = new Set(own.keys())
  const open = [MAIN_LIST, ...marksIn(rest).map((path) => listIdOf('', path))]
  for (let list = open.pop(); list !== undefined; list = open.pop())
    for (const id of inList.get(list) ?? []) if (lost.delete(id)) open.push(...rowsOf(own, id))
  return lost
}

const orderLists = (
  own: ReadonlyMap<string, unknown>,
  place: ReadonlyMap<string, string>,
  { b, t, m }: { readonly b: Tree; readonly t: Tree; readonly m: Tree },
): Map<string, string[]> => {
  const members = new Map<string, Set<string>>()
  for (const id of own.keys()) {
    const list = place.get(id) ?? MAIN_LIST
    members.set(list, (members.get(list) ?? new Set()).add(id))
  }
  return new Map(
    [...members].map(([list, ids]) => [
      list,
      mergeOrders(b.lists.get(list) ?? [], t.lists.get(list) ?? [], m.lists.get(list) ?? [], ids),
    ]),
  )
}

import { isObject } from '../json'
import { same } from './blocks'

export type Side = 'mine' | 'theirs'

/** Both sides changed the same thing in two ways. */
export interface Clash {
  /** What it is about: a field, as the way to it; empty for the whole. */
  readonly path: string
  readonly base: unknown
  readonly theirs: unknown
  readonly mine: unknown
}

/** Which side a clash goes to. */
export type Decide = (clash: Clash) => Side

/**
 * What became of a value that two changed: the changed one; of objects, member by member. `undefined` is not there.
 * A clash is decided, and told by who decides.
 */
export const mergeValues = (
  base: unknown,
  theirs: unknown,
  mine: unknown,
  decide: Decide,
  path = '',
): unknown => {
  if (same(theirs, mine) || same(theirs, base)) return mine
  if (same(mine, base)) return theirs
  if (isObject(theirs) && isObject(mine)) {
    const before = isObject(base) ? base : {}
    const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])]
    return Object.fromEntries(
      names.flatMap((name) => {
        const of = (value: Readonly<Record<string, unknown>>) =>
          Object.hasOwn(value, name) ? value[name] : undefined
        const way = path === '' ? name : `${path}.${name}`
        const merged = mergeValues(of(before), of(theirs), of(mine), decide, way)
        return merged === undefined ? [] : [[name, merged]]
      }),
    )
  }
  return decide({ path, base, theirs, mine }) === 'theirs' ? theirs : mine
}

/**
 * The order of what is in a row after two changed it. Who did not reorder follows the other; where both did, mine
 * stays. What only one side has stands after the same neighbour as there.
 * @param members what is in the row in the end, each in at least one of the orders
 */
export const mergeOrders = <T>(
  base: readonly T[],
  theirs: readonly T[],
  mine: readonly T[],
  members: ReadonlySet<T>,
): T[] => {
  const [inTheirs, inMine] = [new Set(theirs), new Set(mine)]
  const before = base.filter((one) => inTheirs.has(one) && inMine.has(one))
  const kept = new Set(before)
  const now = mine.filter((one) => kept.has(one))
  const reordered = now.some((one, i) => one !== before[i])
  const [first, second] = reordered ? [mine, theirs] : [theirs, mine]
  const order = first.filter((one) => members.has(one))
  const placed = new Set(order)
  let neighbour: T | null = null
  for (const one of second) {
    if (members.has(one) && !placed.has(one)) {
      order.splice(neighbour === null ? 0 : order.indexOf(neighbour) + 1, 0, one)
      placed.add(one)
    }
    if (placed.has(one)) neighbour = one
  }
  return [...order, ...[...members].filter((one) => !placed.has(one))]
}

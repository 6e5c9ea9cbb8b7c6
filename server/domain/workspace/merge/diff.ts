import { isObject, type JsonObject } from '../json'
import { markedPath, same, type Tree, takeApart } from './blocks'

/** One property of a block, as text; null: it is not there. */
export interface FieldDiff {
  readonly name: string
  readonly before: string | null
  readonly after: string | null
}

export interface BlockDiff {
  /** The block's id; '' for the page itself. */
  readonly id: string
  readonly type: string
  readonly change: 'added' | 'removed' | 'changed' | 'moved'
  readonly fields: readonly FieldDiff[]
}

const MAX_BLOCKS = 100
const MAX_FIELDS = 40
const MAX_TEXT = 600

/** What somebody made of a page, block by block, for a person to read; long ones are cut short. */
export const diffContents = (before: JsonObject, after: JsonObject): BlockDiff[] => {
  const [b, a] = takeApart(before, after)
  if (b === null || a === null)
    return same(before, after)
      ? []
      : [{ id: '', type: 'Page', change: 'changed', fields: diffFields(before, after) }]
  const diffs: BlockDiff[] = []
  if (!same(b.rest, a.rest))
    diffs.push({ id: '', type: 'Page', change: 'changed', fields: diffFields(b.rest, a.rest) })
  const stayed = new Set([...a.own.keys()].filter((id) => b.own.has(id)))
  for (const id of a.own.keys()) {
    const [was, is] = [b.own.get(id), a.own.get(id)]
    const told = (change: BlockDiff['change'], fields: FieldDiff[]) =>
      diffs.push({ id, type: typeOf(a, id), change, fields })
    if (!stayed.has(id)) told('added', diffFields({}, propsOf(is)))
    else if (!same(was, is)) told('changed', diffFields(propsOf(was), propsOf(is)))
    else if (hasMoved(b, a, id, stayed)) told('moved', [])
  }
  for (const id of b.own.keys())
    if (!stayed.has(id))
      diffs.push({
        id,
        type: typeOf(b, id),
        change: 'removed',
        fields: diffFields(propsOf(b.own.get(id)), {}),
      })
  return diffs.filter(({ change, fields }) => change !== 'changed' || fields.length > 0).slice(0, MAX_BLOCKS)
}

/** What two values have otherwise, leaf by leaf. */
export const diffFields = (before: unknown, after: unknown): FieldDiff[] => {
  const [b, a] = [leaves(before), leaves(after)]
  return [...new Set([...b.keys(), ...a.keys()])]
    .filter((name) => b.get(name) !== a.get(name))
    .slice(0, MAX_FIELDS)
    .map((name) => ({ name, before: cut(b.get(name)), after: cut(a.get(name)) }))
}

const cut = (text: string | undefined): string | null =>
  text === undefined ? null : text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text

const leaves = (value: unknown, path = '', found = new Map<string, string>()): Map<string, string> => {
  if (markedPath(value) !== null) return found
  if (Array.isArray(value)) {
    for (const [i, element] of value.entries())
      leaves(element, path === '' ? `${i + 1}` : `${path} ${i + 1}`, found)
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value))
      if (path !== '' || name !== 'id') leaves(member, path === '' ? name : `${path} ${name}`, found)
  } else if (value !== undefined && value !== null) found.set(path, String(value))
  return found
}

const propsOf = (block: unknown): unknown => (isObject(block) ? block.props : undefined)
const typeOf = (tree: Tree, id: string): string => String(tree.whole.get(id)?.type ?? 'Block')

/** In another row, or after another neighbour among those that stayed in it. */
const hasMoved = (b: Tree, a: Tree, id: string, stayed: ReadonlySet<string>): boolean => {
  const [from, to] = [b.placeOf.get(id) ?? '', a.placeOf.get(id) ?? '']
  if (from !== to) return true
  const common = (tree: Tree, other: Tree) =>
    (tree.lists.get(from) ?? []).filter((one) => stayed.has(one) && other.placeOf.get(one) === from)
  const [before, after] = [common(b, a), common(a, b)]
  return before[before.indexOf(id) - 1] !== after[after.indexOf(id) - 1]
}

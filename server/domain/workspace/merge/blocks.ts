import { canonicalJson, isObject, type JsonObject } from '../json'

/** Where blocks stand in a row: of which block (or '' for the page itself), and the way to it in there. */
type ListId = string

/**
 * A page's content taken apart: its blocks by `props.id`, wherever they stand (in the page, in a slot, in a zone), each
 * without the blocks inside it, and the order of each row of them.
 */
export interface Tree {
  /** The page without its blocks. */
  readonly rest: unknown
  /** Each block without the blocks inside it. */
  readonly own: ReadonlyMap<string, unknown>
  readonly lists: ReadonlyMap<ListId, readonly string[]>
  readonly placeOf: ReadonlyMap<string, ListId>
  /** Each block with all that is inside, as it was. */
  readonly whole: ReadonlyMap<string, JsonObject>
}

/** Stands for a row of blocks in what is around it. No content has a NUL in it. */
const MARK = '\0blocks'
const markOf = (path: string) => ({ [MARK]: path })
export const markedPath = (value: unknown): string | null =>
  isObject(value) && typeof value[MARK] === 'string' ? value[MARK] : null

export const listIdOf = (owner: string, path: string): ListId => `${owner}\0${path}`
export const ownerOf = (list: ListId): string => list.slice(0, list.indexOf('\0'))

/** The row every page has. */
export const MAIN_LIST = listIdOf('', '/content')

const isBlock = (value: unknown): value is JsonObject & { props: JsonObject & { id: string } } =>
  isObject(value) &&
  typeof value.type === 'string' &&
  isObject(value.props) &&
  typeof value.props.id === 'string' &&
  value.props.id !== ''

const isRow = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.length > 0 && value.every(isBlock)

/**
 * Takes contents apart that are to be compared: a row that is empty in one of them is told by the others.
 * @returns null for a content that has two blocks of one id: it can be compared as a whole only
 */
export const takeApart = <T extends readonly JsonObject[]>(
  ...contents: T
): { [K in keyof T]: Tree | null } => {
  const rows = new Set<ListId>([MAIN_LIST])
  for (const content of contents) findRows(content, '', '', rows)
  return contents.map((content) => toTree(content, rows)) as { [K in keyof T]: Tree | null }
}

const findRows = (value: unknown, owner: string, path: string, found: Set<ListId>): void => {
  if (isRow(value)) {
    found.add(listIdOf(owner, path))
    for (const block of value) if (isBlock(block)) findRows(block, block.props.id, '', found)
  } else if (Array.isArray(value)) {
    for (const [i, element] of value.entries()) findRows(element, owner, `${path}/${i}`, found)
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) findRows(member, owner, `${path}/${name}`, found)
  }
}

const toTree = (content: JsonObject, rows: ReadonlySet<ListId>): Tree | null => {
  const own = new Map<string, unknown>()
  const lists = new Map<ListId, string[]>()
  const placeOf = new Map<string, ListId>()
  const whole = new Map<string, JsonObject>()
  let twice = false
  const strip = (value: unknown, owner: string, path: string): unknown => {
    const list = listIdOf(owner, path)
    if (isRow(value) || (Array.isArray(value) && value.length === 0 && rows.has(list))) {
      const ids: string[] = []
      lists.set(list, ids)
      for (const block of value) {
        if (!isBlock(block)) continue
        const { id } = block.props
        if (placeOf.has(id)) twice = true
        ids.push(id)
        placeOf.set(id, list)
        whole.set(id, block)
        own.set(id, strip(block, id, ''))
      }
      return markOf(path)
    }
    if (Array.isArray(value)) return value.map((element, i) => strip(element, owner, `${path}/${i}`))
    if (!isObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, strip(member, owner, `${path}/${name}`)]),
    )
  }
  const rest = strip(content, '', '')
  return twice ? null : { rest, own, lists, placeOf, whole }
}

/** The rows that stand in what is around them. */
export const marksIn = (value: unknown, found: string[] = []): string[] => {
  const path = markedPath(value)
  if (path !== null) found.push(path)
  else if (Array.isArray(value)) for (const element of value) marksIn(element, found)
  else if (isObject(value)) for (const member of Object.values(value)) marksIn(member, found)
  return found
}

/** Puts a page together again. */
export const putTogether = (
  rest: unknown,
  own: ReadonlyMap<string, unknown>,
  lists: ReadonlyMap<ListId, readonly string[]>,
): JsonObject => {
  const fill = (value: unknown, owner: string): unknown => {
    const path = markedPath(value)
    if (path !== null) return (lists.get(listIdOf(owner, path)) ?? []).map((id) => fill(own.get(id), id))
    if (Array.isArray(value)) return value.map((element) => fill(element, owner))
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fill(member, owner)]))
  }
  const content = fill(rest, '')
  return isObject(content) ? content : {}
}

export const same = (a: unknown, b: unknown): boolean =>
  a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b))

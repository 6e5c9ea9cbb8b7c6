import { type Content, EMPTY_CONTENT, forEachLink, MAX_CONTENT_BYTES, toContent } from '../contents'
import { CONTENT_DEPTH, MAX_SETTINGS_BYTES } from '../document'
import { canonicalJson, checkJson, Faults, type JsonObject } from '../json'
import { pageKey, pageNoOf } from '../rules'
import { same } from './blocks'
import { mergeContents } from './contents'
import type { Choices, Item, ItemClash, ItemKind, Option } from './items'
import type { FunnelRow, PageRow, PictureRow, State, ThemeRow, WorkspaceFields } from './state'
import { type Clash, mergeOrders, mergeValues, type Side } from './three-way'

export interface MergeInput {
  readonly base: State
  readonly theirs: State
  readonly mine: State
  readonly choices: Choices
  /** A content by its hash. */
  readonly bodyOf: (hash: string) => JsonObject
}

export interface Merged {
  readonly state: State
  readonly items: readonly Item[]
  /** Contents that only the merge made, by their hash. */
  readonly contents: ReadonlyMap<string, Content & { readonly body: JsonObject }>
}

/**
 * What a copy becomes when its owner takes a release: a three-way merge of what they bought or last took (base), the
 * release (theirs) and their copy (mine), all with the copy's numbers. What links or rows need comes or stays along,
 * whatever was chosen. What is online stays so: funnels keep their status, and one that comes is a draft.
 */
export const mergeStates = (input: MergeInput): Merged => {
  const forced = new Map<string, Forced>()
  for (;;) {
    const merge = new Merge(input, forced)
    const merged = merge.run()
    const missing = merge.missing(merged.state)
    if (missing.size === 0) return merged
    for (const [key, why] of missing) forced.set(key, why)
  }
}

interface Forced {
  readonly option: Option
  readonly note: string
}

type Fields = Readonly<Record<string, unknown>>
interface Row {
  readonly no: number
  readonly origin: number | null
  readonly name: string
}

class Merge {
  readonly items: Item[] = []
  readonly contents = new Map<string, Content & { body: JsonObject }>()

  constructor(
    readonly input: MergeInput,
    readonly forced: ReadonlyMap<string, Forced>,
  ) {}

  run(): Merged {
    const { base, theirs, mine } = this.input
    const workspace = this.workspace()
    const themes = this.rows('theme', base.themes, theirs.themes, mine.themes, ['key', 'name', 'tokens'])
    const roles = this.rows('role', base.roles, theirs.roles, mine.roles, ['name', 'permissions'])
    const funnels = this.rows('funnel', base.funnels, theirs.funnels, mine.funnels, FUNNEL_FIELDS)
    const pages = this.rows('page', base.pages, theirs.pages, mine.pages, PAGE_FIELDS)
    const state = {
      workspace,
      themes: apart(themes, mine.themes, 'key'),
      roles,
      funnels: this.funnels(funnels),
      pages: this.pages(pages),
      pictures: this.pictures(),
    }
    return { state, items: this.items, contents: this.contents }
  }

  workspace(): WorkspaceFields {
    const { base, theirs, mine } = this.input
    const fields = ['name', 'description', 'image', 'settings'] as const
    const row = (of: WorkspaceFields) => ({ ...of, no: 0, origin: 0 })
    const [merged] = this.rows(
      'workspace',
      [row(base.workspace)],
      [row(theirs.workspace)],
      [row(mine.workspace)],
      fields,
    )
    const { name, description, image, settings } = merged ?? mine.workspace
    return { name, description, image, settings }
  }

  /** The rows of one kind, each as it is decided; in the order of mine, then of theirs. */
  rows<T extends Row>(
    kind: ItemKind,
    base: readonly T[],
    theirs: readonly T[],
    mine: readonly T[],
    fields: readonly (keyof T & string)[],
  ): T[] {
    const by = (rows: readonly T[]) => new Map(rows.map((row) => [row.no, row]))
    const [b, t, m] = [by(base), by(theirs), by(mine)]
    const made: T[] = []
    for (const no of new Set([...m.keys(), ...t.keys()])) {
      const row = this.row(kind, { b: b.get(no), t: t.get(no), m: m.get(no) }, fields)
      // What the seller has no longer is the owner's own from then on.
      const origin = t.get(no)?.origin ?? null
      if (row !== null)
        made.push({
          ...row,
          origin,
          ...(origin === null && kind === 'page' ? { originHash: null } : {}),
          ...(kind === 'funnel' && !m.has(no) ? { status: 'DRAFT' } : {}),
        })
    }
    return made
  }

  row<T extends Row>(
    kind: ItemKind,
    { b, t, m }: { b: T | undefined; t: T | undefined; m: T | undefined },
    fields: readonly (keyof T & string)[],
  ): T | null {
    const changed = (x: T | undefined, y: T | undefined) =>
      fields.some((field) => !same(x?.[field], y?.[field]))
    if (t === undefined) {
      if (m === undefined || b === undefined) return m ?? null
      const before = kind === 'page' ? this.chosenFor(m, 'remove') : null
      const item = this.item(kind, m, 'REMOVED', ['keep', 'remove'], before ?? 'keep')
      return item.choice === 'remove' ? null : m
    }
    if (m === undefined) {
      if (b === undefined) {
        const without = kind === 'page' ? this.chosenFor(t, 'keep') : null
        return this.item(kind, t, 'ADDED', ['take', 'keep'], without ?? 'take').choice === 'take' ? t : null
      }
      const forced = this.forced.has(keyOf(kind, t.no))
      if (!changed(b, t) && !forced) return null
      return this.item(kind, t, 'GONE', ['keep', 'take'], 'keep').choice === 'take' ? t : null
    }
    if (b !== undefined && !changed(b, t)) return m
    if (!changed(t, m)) return { ...m, ...pick(t, fields) }
    if (b !== undefined && !changed(b, m))
      return this.item(kind, t, 'CHANGED', ['take', 'keep'], 'take').choice === 'take'
        ? { ...m, ...pick(t, fields) }
        : m
    return this.bothChanged(kind, { b, t, m }, fields)
  }

  bothChanged<T extends Row>(
    kind: ItemKind,
    { b, t, m }: { b: T | undefined; t: T; m: T },
    fields: readonly (keyof T & string)[],
  ): T {
    const key = keyOf(kind, m.no)
    const clashes: ItemClash[] = []
    const decide = (field: string) => (clash: Clash) => {
      const path = clash.path === '' ? field : `${field}.${clash.path}`
      return this.decide(clashes, { ...clash, key: `${key}.${path}`, kind: 'field', name: path })
    }
    let whole = true
    const merged: Record<string, unknown> = {}
    for (const field of fields) {
      const values = [b?.[field], t[field], m[field]] as const
      if (field !== 'hash') {
        merged[field] = fitting(mergeValues(...values, decide(field)), m[field])
        continue
      }
      const content = this.content(key, values as readonly [string | undefined, string, string], clashes)
      whole = content !== null
      merged[field] = content ?? m[field]
    }
    const options: Option[] = whole ? ['merge', 'keep', 'take'] : ['keep', 'take']
    const item = this.item(kind, m, 'BOTH_CHANGED', options, whole ? 'merge' : 'keep', clashes)
    if (item.choice === 'keep') return m
    return { ...m, ...(item.choice === 'take' ? pick(t, fields) : merged) }
  }

  /** The hash of the merged content, or null where it cannot be merged block by block. */
  content(
    key: string,
    [base, theirs, mine]: readonly [string | undefined, string, string],
    clashes: ItemClash[],
  ): string | null {
    if (theirs === mine || theirs === base) return mine
    if (mine === base) return theirs
    const { bodyOf } = this.input
    const body = mergeContents(
      base === undefined ? EMPTY_CONTENT : bodyOf(base),
      bodyOf(theirs),
      bodyOf(mine),
      (clash) => this.decide(clashes, { ...clash, key: `${key}#${clash.id}`, kind: 'block', name: clash.id }),
    )
    if (body === null) return null
    const faults = new Faults()
    checkJson(body, CONTENT_DEPTH, faults)
    const content = toContent(body)
    if (faults.issues.length > 0 || content.bytes > MAX_CONTENT_BYTES) return null
    this.contents.set(content.hash, { ...content, body })
    return content.hash
  }

  decide(clashes: ItemClash[], clash: Omit<ItemClash, 'choice'>): Side {
    const choice = this.input.choices[clash.key] === 'theirs' ? 'theirs' : 'mine'
    const { key, kind, name, base, theirs, mine } = clash
    clashes.push({ key, kind, name, base, theirs, mine, choice })
    return choice
  }

  item(
    kind: ItemKind,
    row: Row & { readonly funnelNo?: number },
    change: Item['change'],
    options: readonly Option[],
    usual: Option,
    clashes: readonly ItemClash[] = [],
  ): Item {
    const key = keyOf(kind, row.no)
    const chosen = options.find((option) => option === this.input.choices[key])
    const forced = this.forced.get(key)
    const { theirs, mine } = this.input
    const within = [...mine.funnels, ...theirs.funnels].find(({ no }) => no === row.funnelNo)?.name ?? null
    const item = {
      key,
      kind,
      no: row.no,
      name: row.name,
      within,
      change,
      options,
      choice: forced?.option ?? chosen ?? usual,
      clashes,
      note: forced?.note ?? null,
    }
    this.items.push(item)
    return item
  }

  /** The option of the funnel around a page, if it is that one: what goes for all in it. */
  chosenFor(row: Row & { readonly funnelNo?: number }, option: Option): Option | null {
    const { mine } = this.input
    const funnel = this.items.find(({ kind, no }) => kind === 'funnel' && no === row.funnelNo)
    if (funnel?.choice === option) return option
    // Added to a funnel that the owner has removed: it would come back with it.
    const gone = !mine.funnels.some(({ no }) => no === row.funnelNo)
    return option === 'keep' && gone && (funnel === undefined || funnel.change === 'GONE') ? 'keep' : null
  }

  /** The seller's new pictures come to the library; nothing in it goes or is renamed. */
  pictures(): PictureRow[] {
    const { base, theirs, mine } = this.input
    const known = new Set([...base.pictures, ...mine.pictures].map(({ hash }) => hash))
    const last = Math.max(0, ...mine.pictures.map(({ no }) => no))
    const added = theirs.pictures.filter(({ hash }) => !known.has(hash))
    return [...mine.pictures, ...added.map((picture, i) => ({ ...picture, no: last + i + 1 }))]
  }

  funnels(rows: readonly FunnelRow[]): FunnelRow[] {
    const { base, theirs, mine } = this.input
    return positioned(inOrder(rows, base.funnels, theirs.funnels, mine.funnels), mine.funnels, () => 0).map(
      spread(apart(rows, mine.funnels, 'slug')),
    )
  }

  pages(rows: readonly PageRow[]): PageRow[] {
    const { base, theirs, mine } = this.input
    const ordered = [...new Set(rows.map(({ funnelNo }) => funnelNo))].flatMap((funnelNo) => {
      const of = (pages: readonly PageRow[]) => pages.filter((page) => page.funnelNo === funnelNo)
      return inOrder(of(rows), of(base.pages), of(theirs.pages), of(mine.pages))
    })
    return positioned(ordered, mine.pages, ({ funnelNo }) => funnelNo).map(
      spread(apart(rows, mine.pages, 'slug', ({ funnelNo }) => funnelNo)),
    )
  }

  /** What the outcome needs and has not: pages that are linked to, the funnels of pages, the themes of funnels. */
  missing(state: State): Map<string, Forced> {
    const { theirs, mine } = this.input
    const missing = new Map<string, Forced>()
    const need = (kind: ItemKind, no: number, why: string) => {
      const key = keyOf(kind, no)
      const rows = kind === 'page' ? 'pages' : kind === 'funnel' ? 'funnels' : 'themes'
      const option = mine[rows].some((row) => row.no === no)
        ? ('keep' as const)
        : theirs[rows].some((row) => row.no === no)
          ? ('take' as const)
          : null
      if (option !== null && !this.forced.has(key))
        missing.set(key, { option, note: `${option === 'keep' ? 'Stays' : 'Comes along'}: ${why}` })
    }
    const numbers = (rows: readonly { readonly no: number }[]) => new Set(rows.map(({ no }) => no))
    const [pages, funnels, themes] = [numbers(state.pages), numbers(state.funnels), numbers(state.themes)]
    for (const { name, theme } of state.funnels)
      if (theme?.startsWith('own:') && !themes.has(Number(theme.slice(4))))
        need('theme', Number(theme.slice(4)), `the funnel “${name}” uses it.`)
    const removed = mine.pages.some(({ no }) => !pages.has(no))
    const before = new Map(mine.pages.map((page) => [page.no, page.hash]))
    for (const { no, name, funnelNo, hash } of state.pages) {
      if (!funnels.has(funnelNo)) need('funnel', funnelNo, `the page “${name}” is in it.`)
      if (!removed && before.get(no) === hash) continue
      forEachLink(this.bodyOf(hash), [], (key) => {
        const to = pageNoOf(key)
        if (to !== null && !pages.has(to)) need('page', to, `the page “${name}” links to it.`)
      })
    }
    return missing
  }

  bodyOf(hash: string): JsonObject {
    return this.contents.get(hash)?.body ?? this.input.bodyOf(hash)
  }
}

// Not the status: what is online is the owner's to say.
const FUNNEL_FIELDS = ['name', 'slug', 'theme', 'settings'] as const
const PAGE_FIELDS = ['name', 'slug', 'type', 'seo', 'funnelNo', 'hash'] as const

const keyOf = (kind: ItemKind, no: number): string =>
  kind === 'workspace' ? kind : `${kind}:${kind === 'page' ? pageKey(no) : no}`

const pick = <T>(row: T, fields: readonly (keyof T & string)[]): Partial<T> =>
  Object.fromEntries(fields.map((field) => [field, row[field]])) as Partial<T>

/** Merged settings may be more than may be stored; then mine stay. */
const fitting = (merged: unknown, mine: unknown): unknown =>
  typeof merged === 'object' && Buffer.byteLength(canonicalJson(merged)) > MAX_SETTINGS_BYTES ? mine : merged

const inOrder = <T extends FunnelRow | PageRow>(
  rows: readonly T[],
  base: readonly T[],
  theirs: readonly T[],
  mine: readonly T[],
): T[] => {
  const numbers = (of: readonly Fields[]) => of.map(({ no }) => no as number)
  const by = new Map(rows.map((row) => [row.no, row]))
  const asFields = (of: readonly T[]) => of as unknown as readonly Fields[]
  return mergeOrders(
    numbers(asFields(base)),
    numbers(asFields(theirs)),
    numbers(asFields(mine)),
    new Set(by.keys()),
  ).flatMap((no) => by.get(no) ?? [])
}

/** Positions stay where they tell the order still; else the rows of a group are counted anew. */
const positioned = <T extends FunnelRow | PageRow>(
  rows: readonly T[],
  mine: readonly T[],
  groupOf: (row: T) => number,
): T[] => {
  const own = new Map(mine.map((row) => [row.no, row]))
  const groups = new Map<number, T[]>()
  for (const row of rows) groups.set(groupOf(row), [...(groups.get(groupOf(row)) ?? []), row])
  return [...groups.values()].flatMap((group) => {
    const stays = group.every((row, i) => {
      const was = own.get(row.no)
      const before = group[i - 1]
      if (was === undefined || groupOf(was) !== groupOf(row)) return false
      return (
        before === undefined ||
        was.position > before.position ||
        (was.position === before.position && row.no > before.no)
      )
    })
    return stays ? group : group.map((row, position) => ({ ...row, position }))
  })
}

/**
 * Names that are there once, where two rows came to the same: who had it in the copy keeps it, another gets `-2`.
 */
const apart = <T extends ThemeRow | FunnelRow | PageRow, F extends keyof T & ('slug' | 'key')>(
  rows: readonly T[],
  mine: readonly T[],
  field: F,
  groupOf: (row: T) => number = () => 0,
): T[] => {
  const own = new Map(mine.map((row) => [row.no, row]))
  const had = (row: T) => {
    const was = own.get(row.no)
    return was !== undefined && was[field] === row[field] && groupOf(was) === groupOf(row)
  }
  const taken = new Set<string>()
  const names = new Map<number, unknown>()
  for (const row of [...rows.filter(had), ...rows.filter((one) => !had(one))]) {
    const name = String(row[field])
    let free = name
    for (let n = 2; taken.has(`${groupOf(row)} ${free}`); n += 1)
      free = `${name.slice(0, field === 'key' ? 58 : 90)}-${n}`
    taken.add(`${groupOf(row)} ${free}`)
    names.set(row.no, free)
  }
  return rows.map((row) => ({ ...row, [field]: names.get(row.no) }))
}

/** Takes the slugs that were told apart over into rows in another order. */
const spread =
  <T extends FunnelRow | PageRow>(named: readonly T[]) =>
  (row: T): T => ({ ...row, slug: named.find(({ no }) => no === row.no)?.slug ?? row.slug })

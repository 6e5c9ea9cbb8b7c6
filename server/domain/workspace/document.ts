import { DomainError } from '../../kit/errors'
import { readPictureAddress } from '../picture/schemas'
import { type Content, checkLinks, EMPTY_CONTENT, linkedKey, MAX_CONTENT_BYTES, toContent } from './contents'
import { canonicalJson, checkJson, Faults, isObject, type JsonObject, type Path } from './json'
import { imageFault, nameFault, pageKey, pageNoOf, slugFault, textFault } from './rules'

export const FORMAT = 'offshoot.workspace/1'
export const MAX_DEPTH = 64
/** Of settings, and of whatever else is stored beside the contents. */
export const MAX_SETTINGS_BYTES = 262_144
const MAX_PAGES = 2_000
const MAX_DOCUMENT_BYTES = 104_857_600
/** How deep a page's content stands in a document: of what is stored, every export can be imported. */
export const CONTENT_DEPTH = MAX_DEPTH - 5

const FUNNEL_STATUSES = ['DRAFT', 'LIVE', 'ARCHIVED'] as const
const PAGE_TYPES = ['PAGE', 'RESULT'] as const

/** A workspace document that may be stored: every default filled in, pages numbered, links renamed. */
export interface ParsedDocument {
  readonly name: string
  readonly description: string
  readonly image: string | null
  readonly settings: JsonObject
  readonly themes: readonly ParsedTheme[]
  readonly roleTemplates: readonly { readonly name: string; readonly permissions: Record<string, boolean> }[]
  readonly pictures: readonly ParsedPicture[]
  readonly funnels: readonly ParsedFunnel[]
}

export interface ParsedPicture {
  readonly name: string
  readonly folder: string
  /** Hex. Whether there is such a picture is not told. */
  readonly hash: string
}

export interface ParsedTheme {
  readonly key: string
  readonly name: string
  readonly tokens: JsonObject
}

export interface ParsedFunnel {
  readonly name: string
  readonly slug: string
  readonly status: (typeof FUNNEL_STATUSES)[number]
  /** Key of a theme of the document, `global:KEY`, or null. */
  readonly theme: string | null
  readonly settings: JsonObject
  readonly tracking: Record<string, string>
  readonly passwordProtected: boolean
  readonly pages: readonly ParsedPage[]
}

export interface ParsedPage {
  readonly pageNo: number
  readonly name: string
  readonly slug: string
  readonly type: (typeof PAGE_TYPES)[number]
  readonly seo: JsonObject
  readonly content: Content
}

/**
 * Reads a workspace document (offshoot.workspace/1), refusing it whole when anything is wrong with it.
 * Where every key already is one of ours (`p` and a number) the keys are kept; else pages are numbered in order
 * and the links in all content renamed with them.
 * @throws DomainError 400 INVALID_DOCUMENT with the path of each fault, at most 100.
 */
export const parseDocument = (input: unknown): ParsedDocument => {
  const faults = new Faults()
  checkJson(input, MAX_DEPTH, faults)
  refuse(faults)
  const draft = readDocument(new Reader(faults), input)
  const numbers = numberPages(draft.funnels, faults)
  refuse(faults)
  return finish(draft, numbers, faults)
}

/** @throws DomainError 400 INVALID_DOCUMENT when there are faults. */
export const refuse = (faults: Faults): void => {
  if (faults.issues.length === 0) return
  throw new DomainError(400, 'INVALID_DOCUMENT', 'This is not a workspace document that can be imported.', {
    issues: faults.issues,
  })
}

interface PageDraft extends Omit<ParsedPage, 'pageNo' | 'content'> {
  readonly key: string
  readonly body: JsonObject
  readonly path: Path
}
interface FunnelDraft extends Omit<ParsedFunnel, 'pages'> {
  readonly pages: readonly PageDraft[]
}
interface DocumentDraft extends Omit<ParsedDocument, 'funnels'> {
  readonly funnels: readonly FunnelDraft[]
}

const readDocument = (read: Reader, input: unknown): DocumentDraft => {
  const top = read.members(
    input,
    [],
    ['format', 'name', 'funnels'],
    [...['description', 'image', 'settings', 'themes', 'roleTemplates', 'pictures'], ...['id', 'slug']],
  )
  if (top.format !== undefined && top.format !== FORMAT) read.faults.add(['format'], `Must be "${FORMAT}".`)
  const themes = read.list(top.themes, ['themes']).map((theme, i) => readTheme(read, theme, ['themes', i]))
  const seenThemes = new Set<string>()
  for (const [i, theme] of themes.entries()) read.once(seenThemes, theme.key, ['themes', i, 'key'])
  const funnels = read
    .list(top.funnels, ['funnels'])
    .map((funnel, i) => readFunnel(read, funnel, ['funnels', i], seenThemes))
  const seenSlugs = new Set<string>()
  for (const [i, funnel] of funnels.entries()) read.once(seenSlugs, funnel.slug, ['funnels', i, 'slug'])
  return {
    name: read.name(top.name, ['name']),
    description: read.text(top.description, ['description'], '', (text) => textFault(text, 10_000)),
    image: top.image === null ? null : read.text(top.image, ['image'], null, imageFault),
    settings: read.small(top.settings, ['settings']),
    themes,
    roleTemplates: read
      .list(top.roleTemplates, ['roleTemplates'])
      .map((template, i) => readRoleTemplate(read, template, ['roleTemplates', i])),
    pictures: readPictures(read, top.pictures),
    funnels,
  }
}

const MAX_PICTURES = 2_000

const readPictures = (read: Reader, input: unknown): ParsedPicture[] => {
  const pictures = read.list(input, ['pictures'])
  if (pictures.length > MAX_PICTURES)
    read.faults.add(['pictures'], `Has ${pictures.length} pictures; ${MAX_PICTURES} are allowed.`)
  return pictures.map((picture, i) => readPicture(read, picture, ['pictures', i]))
}

const readPicture = (read: Reader, input: unknown, path: Path): ParsedPicture => {
  const picture = read.members(input, path, ['name', 'address'], ['folder'])
  const address = read.text(picture.address, [...path, 'address'], '', (text) =>
    readPictureAddress(text) === null ? 'Must be the address of a picture.' : null,
  )
  return {
    name: read.name(picture.name, [...path, 'name']),
    folder: read.text(picture.folder, [...path, 'folder'], '', (text) =>
      text === '' ? null : text.length > 100 ? 'Must have at most 100 characters.' : nameFault(text),
    ),
    hash: readPictureAddress(address)?.hash ?? '',
  }
}

const readTheme = (read: Reader, input: unknown, path: Path): ParsedTheme => {
  const theme = read.members(input, path, ['key', 'name'], ['tokens'])
  return {
    key: read.text(theme.key, [...path, 'key'], '', (key) =>
      /^[\w.-]{1,64}$/.test(key) ? null : 'Must be 1 to 64 letters, digits, and _ . -',
    ),
    name: read.name(theme.name, [...path, 'name']),
    tokens: read.small(theme.tokens, [...path, 'tokens']),
  }
}

const readRoleTemplate = (read: Reader, input: unknown, path: Path) => {
  const template = read.members(input, path, ['name', 'permissions'], [])
  return {
    name: read.name(template.name, [...path, 'name']),
    permissions: read.record(template.permissions, [...path, 'permissions'], 'boolean'),
  }
}

const readFunnel = (read: Reader, input: unknown, path: Path, themes: ReadonlySet<string>): FunnelDraft => {
  const funnel = read.members(
    input,
    path,
    ['name', 'slug', 'pages'],
    [...['status', 'theme', 'settings', 'tracking', 'passwordProtected'], 'id'],
  )
  const pages = read
    .list(funnel.pages, [...path, 'pages'])
    .map((page, i) => readPage(read, page, [...path, 'pages', i]))
  const seen = new Set<string>()
  for (const page of pages) read.once(seen, page.slug, [...page.path, 'slug'])
  const isTheme = (key: string) => themes.has(key) || /^global:./.test(key)
  return {
    name: read.name(funnel.name, [...path, 'name']),
    slug: read.text(funnel.slug, [...path, 'slug'], '', slugFault),
    status: read.choice(funnel.status, [...path, 'status'], FUNNEL_STATUSES, 'DRAFT'),
    theme:
      funnel.theme === null
        ? null
        : read.text(funnel.theme, [...path, 'theme'], null, (key) =>
            isTheme(key) ? null : 'There is no theme with this key.',
          ),
    settings: read.small(funnel.settings, [...path, 'settings']),
    tracking: read.record(funnel.tracking, [...path, 'tracking'], 'string'),
    passwordProtected: read.flag(funnel.passwordProtected, [...path, 'passwordProtected']),
    pages,
  }
}

const readPage = (read: Reader, input: unknown, path: Path): PageDraft => {
  const page = read.members(
    input,
    path,
    ['key', 'name', 'slug'],
    [...['type', 'seo', 'content'], ...['id', 'linkingId', 'visits']],
  )
  return {
    key: read.text(page.key, [...path, 'key'], '', (key) =>
      /^[^\s\p{C}]{1,100}$/u.test(key) ? null : 'Must be 1 to 100 characters without white space.',
    ),
    name: read.name(page.name, [...path, 'name']),
    slug: read.text(page.slug, [...path, 'slug'], '', slugFault),
    type: read.choice(page.type, [...path, 'type'], PAGE_TYPES, 'PAGE'),
    seo: read.small(page.seo, [...path, 'seo']),
    body: read.object(page.content, [...path, 'content'], EMPTY_CONTENT),
    path,
  }
}

const numberPages = (funnels: readonly FunnelDraft[], faults: Faults): ReadonlyMap<string, number> => {
  const pages = funnels.flatMap((funnel) => funnel.pages)
  if (pages.length > MAX_PAGES)
    faults.add(['funnels'], `Has ${pages.length} pages; ${MAX_PAGES} are allowed.`)
  const kept = pages.every((page) => pageNoOf(page.key) !== null)
  const numbers = new Map<string, number>()
  for (const [i, page] of pages.entries()) {
    if (page.key === '') continue
    if (numbers.has(page.key)) faults.add([...page.path, 'key'], 'Is there twice.')
    numbers.set(page.key, (kept ? pageNoOf(page.key) : null) ?? i + 1)
  }
  for (const page of pages)
    checkLinks(page.body, (key) => numbers.has(key), faults, [...page.path, 'content'])
  return numbers
}

const finish = (
  draft: DocumentDraft,
  numbers: ReadonlyMap<string, number>,
  faults: Faults,
): ParsedDocument => {
  const rename = (text: string): string => {
    const no = numbers.get(linkedKey(text) ?? '')
    return no === undefined ? text : `page:${pageKey(no)}`
  }
  let bytes = 0
  const finishPage = ({ key, body, path, ...page }: PageDraft): ParsedPage => {
    const content = toContent(body, rename)
    bytes += content.bytes
    if (content.bytes > MAX_CONTENT_BYTES)
      faults.add([...path, 'content'], `Has ${content.bytes} bytes; ${MAX_CONTENT_BYTES} are allowed.`)
    if (bytes > MAX_DOCUMENT_BYTES) tooLarge(faults)
    return { ...page, pageNo: numbers.get(key) ?? 0, content }
  }
  const funnels = draft.funnels.map((funnel) => ({ ...funnel, pages: funnel.pages.map(finishPage) }))
  const around = draft.funnels.map((funnel) => ({
    ...funnel,
    pages: funnel.pages.map(({ body, path, ...page }) => page),
  }))
  if (bytes + Buffer.byteLength(canonicalJson({ ...draft, funnels: around })) > MAX_DOCUMENT_BYTES)
    tooLarge(faults)
  refuse(faults)
  return { ...draft, funnels }
}

const tooLarge = (faults: Faults): never => {
  faults.add([], `Has more than ${MAX_DOCUMENT_BYTES} bytes.`)
  refuse(faults)
  throw new Error('unreachable')
}

/** Reads members of a type, noting what is not, and going on with a default so that every fault is found. */
class Reader {
  constructor(readonly faults: Faults) {}

  members(value: unknown, path: Path, required: readonly string[], optional: readonly string[]): JsonObject {
    if (!isObject(value)) {
      this.faults.add(path, 'Must be an object.')
      return {}
    }
    for (const name of required)
      if (!Object.hasOwn(value, name)) this.faults.add([...path, name], 'Is missing.')
    for (const name of Object.keys(value))
      if (!required.includes(name) && !optional.includes(name))
        this.faults.add([...path, name], 'Is not a member of this format.')
    return value
  }

  list(value: unknown, path: Path): readonly unknown[] {
    if (Array.isArray(value)) return value
    if (value !== undefined) this.faults.add(path, 'Must be a list.')
    return []
  }

  object(value: unknown, path: Path, fallback: JsonObject = {}): JsonObject {
    if (isObject(value)) return value
    if (value !== undefined) this.faults.add(path, 'Must be an object.')
    return fallback
  }

  /** An object of no more bytes than settings may have. */
  small(value: unknown, path: Path): JsonObject {
    const object = this.object(value, path)
    if (Buffer.byteLength(canonicalJson(object)) <= MAX_SETTINGS_BYTES) return object
    this.faults.add(path, `Must have at most ${MAX_SETTINGS_BYTES} bytes.`)
    return {}
  }

  record(value: unknown, path: Path, of: 'string'): Record<string, string>
  record(value: unknown, path: Path, of: 'boolean'): Record<string, boolean>
  record(value: unknown, path: Path, of: 'string' | 'boolean'): JsonObject {
    const record = this.small(value, path)
    for (const [name, member] of Object.entries(record))
      if (typeof member !== of) this.faults.add([...path, name], `Must be a ${of}.`)
    return record
  }

  text<T extends string | null>(
    value: unknown,
    path: Path,
    fallback: T,
    faultOf: (text: string) => string | null,
  ): string | T {
    if (typeof value !== 'string') {
      if (value !== undefined) this.faults.add(path, 'Must be a text.')
      return fallback
    }
    const fault = faultOf(value)
    if (fault === null) return value
    this.faults.add(path, fault)
    return fallback
  }

  name(value: unknown, path: Path): string {
    return this.text(typeof value === 'string' ? value.trim() : value, path, '', nameFault)
  }

  choice<T extends string>(value: unknown, path: Path, choices: readonly T[], fallback: T): T {
    const found = choices.find((choice) => choice === value)
    if (found === undefined && value !== undefined) this.faults.add(path, `Must be ${choices.join(' or ')}.`)
    return found ?? fallback
  }

  flag(value: unknown, path: Path): boolean {
    if (value !== undefined && typeof value !== 'boolean') this.faults.add(path, 'Must be true or false.')
    return value === true
  }

  /** Notes a key or slug that was there before; one that was at fault already is ''. */
  once(seen: Set<string>, key: string, path: Path): void {
    if (key !== '' && seen.has(key)) this.faults.add(path, 'Is there twice.')
    seen.add(key)
  }
}

import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { picturesIn } from '../picture'
import { canonicalJson, type Faults, isObject, type JsonObject, type Path } from './json'

/** The canonical JSON of a page may have this many bytes. */
export const MAX_CONTENT_BYTES = 1_048_576

export const EMPTY_CONTENT: JsonObject = { root: {}, content: [] }

/** A page's content as it is stored. */
export interface Content {
  /** SHA-256 of `json`, in hex. */
  readonly hash: string
  /** Canonical. */
  readonly json: string
  readonly bytes: number
}

export const toContent = (body: JsonObject, text?: (value: string) => string): Content => {
  const json = canonicalJson(body, text)
  return { hash: sha256(json).toString('hex'), json, bytes: Buffer.byteLength(json) }
}

/** The key a string links to (`page:KEY`), or null: with white space after the colon it is a sentence. */
export const linkedKey = (text: string): string | null => {
  if (!text.startsWith('page:')) return null
  const key = text.slice(5)
  return /\s/.test(key) ? null : key
}

/** Every link of a content, with the way to it. The content must have passed `checkJson`. */
export const forEachLink = (value: unknown, path: Path, found: (key: string, path: Path) => void): void => {
  if (typeof value === 'string') {
    const key = linkedKey(value)
    if (key !== null) found(key, path)
  } else if (Array.isArray(value)) {
    for (const [i, element] of value.entries()) forEachLink(element, [...path, i], found)
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) forEachLink(member, [...path, name], found)
  }
}

/** Faults of links that lead to no page of this workspace. */
export const checkLinks = (
  body: JsonObject,
  isKey: (key: string) => boolean,
  faults: Faults,
  at: Path,
): void => {
  forEachLink(body, at, (key, path) => {
    if (!isKey(key)) faults.add(path, `There is no page with the key “${key.slice(0, 100)}”.`)
  })
}

/** About how much text is sent in one statement. */
const CHUNK = 4_000_000

/**
 * Stores each distinct content once; one that waited for its removal is wanted again. In the order of hashes, so that
 * two who store the same contents at once do not lock each other out.
 */
export const storeContents = async (ctx: Context, contents: Iterable<Content>): Promise<void> => {
  const distinct = [...new Map([...contents].map((content) => [content.hash, content])).values()]
  distinct.sort((a, b) => (a.hash < b.hash ? -1 : 1))
  for (let from = 0; from < distinct.length; ) {
    const rows: string[] = []
    for (let size = 0; from < distinct.length && size < CHUNK; from += 1) {
      const content = distinct[from] as Content
      rows.push(`{"hash":"${content.hash}","bytes":${content.bytes},"body":${content.json}}`)
      size += content.bytes
    }
    await ctx.db.execute(sql`
      insert into page_contents (hash, body, bytes, created_at)
      select decode(r.hash, 'hex'), r.body, r.bytes, ${ctx.now().toISOString()}::timestamptz
      from json_to_recordset(${`[${rows.join(',')}]`}::json) as r(hash text, bytes int, body jsonb)
      on conflict (hash) do update set orphaned_at = null where page_contents.orphaned_at is not null`)
  }
  await keepPictures(ctx, distinct)
}

/** What a content shows stays in the store as long as the content does; what is not there is not looked for. */
const keepPictures = async (ctx: Context, contents: readonly Content[]): Promise<void> => {
  const shown = contents.flatMap(({ hash, json }) =>
    picturesIn(json).map((picture) => ({ content: hash, picture })),
  )
  if (shown.length === 0) return
  await ctx.db.execute(sql`
    insert into content_pictures (content_hash, picture_hash)
    select decode(r.content, 'hex'), f.hash
    from json_to_recordset(${JSON.stringify(shown)}::json) as r(content text, picture text)
    join picture_files f on f.hash = decode(r.picture, 'hex')
    order by 1, 2
    on conflict do nothing`)
}

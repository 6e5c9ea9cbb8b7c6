import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { useDatabase } from '../db/testing/database'

const ROOT = resolve(import.meta.dirname, '..')
const DOCS = join(ROOT, 'docs')
const database = useDatabase()

const pages = readdirSync(DOCS).filter((name) => name.endsWith('.md'))
const read = (name: string) => readFileSync(join(DOCS, name), 'utf8')

/** The queries of a page; what changes roles is an administrator's and is not planned. */
const queriesOf = (text: string): string[] =>
  [...text.matchAll(/^ *```sql\n([\s\S]*?)^ *```/gm)]
    .map(([, block = '']) => block)
    .filter((block) => /^\s*(--.*\n\s*)*select\b/i.test(block))

describe('the documentation', () => {
  it('has queries that the database understands', async () => {
    const queries = pages.flatMap((name) => queriesOf(read(name)))
    expect(queries.length).toBeGreaterThanOrEqual(4)
    const client = postgres(database.url, { max: 1 })
    for (const query of queries) await client.unsafe(`explain ${query}`)
    await client.end()
  })

  it('leads to pages and headings that are there', () => {
    const slug = (heading: string) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-')
    const headings = new Map(
      pages.map((name) => [name, [...read(name).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => slug(text))]),
    )
    const broken = pages.flatMap((name) =>
      [...read(name).matchAll(/\]\(([a-z-]+\.md)?(?:#([^)]+))?\)/g)]
        .filter(([, page = name, anchor]) => {
          const there = headings.get(page)
          return there === undefined || (anchor !== undefined && !there.includes(anchor))
        })
        .map(([link]) => `${name}: ${link}`),
    )
    expect(broken).toEqual([])
  })
})

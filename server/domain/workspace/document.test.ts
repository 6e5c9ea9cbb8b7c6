import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleDocument } from '../../../db/testing/factories/workspace'
import { DomainError } from '../../kit/errors'
import { forEachLink } from './contents'
import { parseDocument } from './document'
import { canonicalJson } from './json'

type Any = Record<string, unknown>

const faultsOf = (input: unknown): { path: (string | number)[]; message: string }[] => {
  try {
    parseDocument(input)
  } catch (error) {
    if (error instanceof DomainError && error.code === 'INVALID_DOCUMENT' && error.status === 400)
      return [...error.issues]
    throw error
  }
  return []
}
const pathsOf = (input: unknown) => faultsOf(input).map((fault) => fault.path.join('.'))

const minimal = (page: Any = {}, funnel: Any = {}, top: Any = {}): Any => ({
  format: 'offshoot.workspace/1',
  name: 'W',
  funnels: [{ name: 'F', slug: 'f', pages: [{ key: 'p1', name: 'P', slug: 'p', ...page }], ...funnel }],
  ...top,
})
const content = (value: unknown) => minimal({ content: { value } })
const nest = (depth: number, core: unknown = 1, array = false): unknown => {
  let value = core
  for (let i = 0; i < depth; i += 1) value = array ? [value] : { a: value }
  return value
}

test('members that may be left out get their defaults', () => {
  expect(parseDocument(minimal())).toMatchObject({
    description: '',
    image: null,
    settings: {},
    themes: [],
    roleTemplates: [],
    funnels: [
      {
        status: 'DRAFT',
        theme: null,
        settings: {},
        tracking: {},
        passwordProtected: false,
        pages: [{ pageNo: 1, type: 'PAGE', seo: {}, content: { json: '{"content":[],"root":{}}' } }],
      },
    ],
  })
})

test('what only an export has is accepted and ignored', () => {
  const exported = minimal({ id: 'p1', linkingId: 'x-1', visits: 7 }, { id: '1' }, { id: 'x', slug: 'w' })
  expect(parseDocument(exported)).toEqual(parseDocument(minimal()))
})

describe('refused, with the path of the fault', () => {
  const cases: [string, unknown, string][] = [
    ['nothing', undefined, ''],
    ['a text', 'offshoot.workspace/1', ''],
    ['a list', [], ''],
    ['another format', minimal({}, {}, { format: 'offshoot.workspace/2' }), 'format'],
    ['a missing member', { format: 'offshoot.workspace/1', funnels: [] }, 'name'],
    ['an unknown member at the top', minimal({}, {}, { owner: 'x' }), 'owner'],
    ['an unknown member of a funnel', minimal({}, { domains: [] }), 'funnels.0.domains'],
    ['an unknown member of a page', minimal({ html: '' }), 'funnels.0.pages.0.html'],
    [
      'an unknown member of a theme',
      minimal({}, {}, { themes: [{ key: 'a', name: 'A', css: '' }] }),
      'themes.0.css',
    ],
    [
      'an unknown member of a role',
      minimal({}, {}, { roleTemplates: [{ name: 'A', permissions: {}, x: 1 }] }),
      'roleTemplates.0.x',
    ],
    ['a wrong type', minimal({ name: 7 }), 'funnels.0.pages.0.name'],
    ['a list that is none', minimal({}, {}, { funnels: {} }), 'funnels'],
    ['a page that is none', minimal({}, { pages: [null] }), 'funnels.0.pages.0'],
    ['content that is a list', minimal({ content: [] }), 'funnels.0.pages.0.content'],
    ['a flag that is a text', minimal({}, { passwordProtected: 'yes' }), 'funnels.0.passwordProtected'],
    ['an unknown status', minimal({}, { status: 'OPEN' }), 'funnels.0.status'],
    ['an unknown page type', minimal({ type: 'page' }), 'funnels.0.pages.0.type'],
    ['a tracking id that is a number', minimal({}, { tracking: { a: 1 } }), 'funnels.0.tracking.a'],
    [
      'a permission that is a text',
      minimal({}, {}, { roleTemplates: [{ name: 'A', permissions: { x: 'y' } }] }),
      'roleTemplates.0.permissions.x',
    ],
    ['an image that runs', minimal({}, {}, { image: 'javascript:alert(1)' }), 'image'],
    ['a name of white space only', minimal({}, {}, { name: '\u00a0\u2003\u200b' }), 'name'],
    ['a control character in a name', minimal({}, { name: 'a\r\nb' }), 'funnels.0.name'],
    ['a slug that climbs', minimal({ slug: '../admin' }), 'funnels.0.pages.0.slug'],
    ['a key with white space', minimal({ key: 'a b' }), 'funnels.0.pages.0.key'],
    [
      'a theme key with a colon',
      minimal({}, {}, { themes: [{ key: 'global:x', name: 'A' }] }),
      'themes.0.key',
    ],
    ['an unknown theme', minimal({}, { theme: 'x' }), 'funnels.0.theme'],
    ['NUL in content', content('a\0b'), 'funnels.0.pages.0.content.value'],
    ['a lone surrogate', content(['ok', '\ud83d']), 'funnels.0.pages.0.content.value.1'],
    ['NUL in a member’s name', content({ 'a\0': 1 }), 'funnels.0.pages.0.content.value'],
    ['a number that is not finite', content(Number.POSITIVE_INFINITY), 'funnels.0.pages.0.content.value'],
    ['a value that is not JSON', content(1n), 'funnels.0.pages.0.content.value'],
    ['__proto__', content(JSON.parse('{"__proto__":{"x":1}}')), 'funnels.0.pages.0.content.value.__proto__'],
    ['a dangling link', content({ href: 'page:p2' }), 'funnels.0.pages.0.content.value.href'],
    ['a dangling link in a list', content(['page:p1', 'page:']), 'funnels.0.pages.0.content.value.1'],
  ]
  test.each(cases)('%s', (_what, input, path) => {
    expect(pathsOf(input)).toEqual([path])
  })

  test('a key, slug or theme key that is there twice', () => {
    const page = { key: 'a', name: 'P', slug: 's' }
    const funnel = { name: 'F', slug: 'f', pages: [] }
    expect(pathsOf(minimal({}, { pages: [page, { ...page, slug: 't' }] }))).toEqual(['funnels.0.pages.1.key'])
    expect(pathsOf(minimal({}, { pages: [page, { ...page, key: 'b' }] }))).toEqual(['funnels.0.pages.1.slug'])
    expect(pathsOf({ ...minimal(), funnels: [funnel, funnel] })).toEqual(['funnels.1.slug'])
    const theme = { key: 't', name: 'T' }
    expect(pathsOf(minimal({}, {}, { themes: [theme, theme] }))).toEqual(['themes.1.key'])
    const across = [funnel, { ...funnel, slug: 'g' }].map((f, i) => ({
      ...f,
      pages: [{ ...page, key: `k${i}` }],
    }))
    expect(pathsOf({ ...minimal(), funnels: across })).toEqual([])
  })

  test('more than 2,000 pages', () => {
    const pages = (n: number) =>
      minimal(
        {},
        { pages: Array.from({ length: n }, (_, i) => ({ key: `k${i}`, name: 'P', slug: `s${i}` })) },
      )
    expect(pathsOf(pages(2_000))).toEqual([])
    expect(pathsOf(pages(2_001))).toEqual(['funnels'])
  })

  test('more than 1 MiB of canonical content in a page, in bytes', () => {
    const filled = (text: string) => content(text)
    const room = 1_048_576 - '{"value":""}'.length
    expect(pathsOf(filled('a'.repeat(room)))).toEqual([])
    expect(pathsOf(filled('a'.repeat(room + 1)))).toEqual(['funnels.0.pages.0.content'])
    expect(pathsOf(filled('é'.repeat(room / 2 + 1)))).toEqual(['funnels.0.pages.0.content'])
  })

  test('more than 256 KiB of what stands beside the contents, in bytes', () => {
    const filled = (bytes: number) => ({ text: 'a'.repeat(bytes - '{"text":""}'.length) })
    const big = filled(262_145)
    expect(pathsOf(minimal({ seo: filled(262_144) }, {}, { settings: filled(262_144) }))).toEqual([])
    expect(pathsOf(minimal({}, {}, { settings: big }))).toEqual(['settings'])
    expect(pathsOf(minimal({}, { settings: big }))).toEqual(['funnels.0.settings'])
    expect(pathsOf(minimal({}, { tracking: big }))).toEqual(['funnels.0.tracking'])
    expect(pathsOf(minimal({ seo: big }))).toEqual(['funnels.0.pages.0.seo'])
    const themes = [{ key: 'a', name: 'A', tokens: big }]
    expect(pathsOf(minimal({}, {}, { themes }))).toEqual(['themes.0.tokens'])
    const permissions = { ['x'.repeat(262_144)]: true }
    expect(pathsOf(minimal({}, {}, { roleTemplates: [{ name: 'A', permissions }] }))).toEqual([
      'roleTemplates.0.permissions',
    ])
  })

  test('more than 100 MiB in all', () => {
    const text = 'a'.repeat(1_000_000)
    const pages = Array.from({ length: 106 }, (_, i) => ({
      key: `k${i}`,
      name: 'P',
      slug: `s${i}`,
      content: { text },
    }))
    expect(pathsOf(minimal({}, { pages }))).toEqual([''])
  })

  test('nesting deeper than 64, however deep, as lists or objects', () => {
    for (const array of [false, true]) {
      expect(pathsOf(content(nest(58, 1, array)))).toEqual([])
      expect(faultsOf(content(nest(59, 1, array)))).toMatchObject([{ message: 'Is nested too deep.' }])
      expect(faultsOf(content(nest(1_000_000, 1, array)))).toHaveLength(1)
      expect(faultsOf(nest(1_000_000, 1, array))).toHaveLength(1)
    }
    expect(faultsOf(JSON.parse(`${'['.repeat(40_000)}${']'.repeat(40_000)}`))).toHaveLength(1)
  })

  test('every fault at once, but no more than a hundred', () => {
    expect(pathsOf(minimal({ slug: 'A', type: 'X' }, { status: 'Y' }, { image: 5 })).sort()).toEqual([
      'funnels.0.pages.0.slug',
      'funnels.0.pages.0.type',
      'funnels.0.status',
      'image',
    ])
    expect(faultsOf(content(Array.from({ length: 500 }, () => 'page:nowhere')))).toHaveLength(100)
    expect(faultsOf(content(Array.from({ length: 500 }, () => '\0')))).toHaveLength(100)
  })
})

test('what only looks like a link or a danger is text', () => {
  const strange = content([
    'page: one of many',
    'page:p1 and more',
    'Page:x',
    'https://a.example/page:x',
    { constructor: { prototype: { isAdmin: true } }, 'page:x': 1 },
    '<img src=x onerror=alert(1)>',
    '</script><script>alert(1)</script>',
    '\u2028alert(1)//',
  ])
  expect(pathsOf(strange)).toEqual([])
})

test('keys that are all ours are kept; else all are numbered in order, and links renamed in all content', () => {
  const pages = (keys: string[]) =>
    keys.map((key, i) => ({
      key,
      name: 'P',
      slug: `s${i}`,
      content: { to: [`page:${keys.at(i - 1)}`, key] },
    }))
  const read = (keys: string[]) =>
    parseDocument(minimal({}, { pages: pages(keys) })).funnels[0]?.pages.map((p) => [
      p.pageNo,
      p.content.json,
    ])
  expect(read(['p7', 'p3'])).toEqual([
    [7, '{"to":["page:p3","p7"]}'],
    [3, '{"to":["page:p7","p3"]}'],
  ])
  expect(read(['p2', 'home'])).toEqual([
    [1, '{"to":["page:p2","p2"]}'],
    [2, '{"to":["page:p1","home"]}'],
  ])
})

test('the canonical text does not depend on the order of members, and is the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const shuffled = (v: unknown): unknown =>
        Array.isArray(v)
          ? v.map(shuffled)
          : typeof v === 'object' && v !== null
            ? Object.fromEntries(
                Object.entries(v)
                  .reverse()
                  .map(([k, m]) => [k, shuffled(m)]),
              )
            : v
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value))
      expect(JSON.stringify(JSON.parse(canonicalJson(value)))).toBe(
        JSON.stringify(JSON.parse(canonicalJson(JSON.parse(canonicalJson(value))))),
      )
    }),
  )
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true, 10: 1, 9: 2 })).toBe(
    '{"10":1,"9":2,"a":true,"b":[1,{"c":"x","d":null}]}',
  )
})

test('every link of a document is found, wherever it stands', () => {
  const found: string[] = []
  for (const funnel of sampleDocument({ funnels: 2, pagesPerFunnel: 2 }).funnels)
    for (const page of funnel.pages)
      forEachLink(page.content, [], (key, path) => found.push(`${key}@${path.join('.')}`))
  expect(found).toEqual(['p2', 'p3', 'p4', 'p1'].map((key) => `${key}@content.0.props.href`))
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY_CONTENT, forEachLink, toContent } from '../contents'
import type { JsonObject } from '../json'
import { pageNoOf } from '../rules'
import { localise } from './localise'
import type { FunnelRow, PageRow, State } from './state'
import { mergeStates } from './workspace'

const bodies = new Map<string, JsonObject>()
const keep = (body: JsonObject): string => {
  const { hash } = toContent(body)
  bodies.set(hash, body)
  return hash
}
const bodyOf = (hash: string) => bodies.get(hash) ?? EMPTY_CONTENT
const content = (text: number, link?: number) => ({
  root: {},
  content: [
    { type: 'Text', props: { id: 't', text } },
    ...(link === undefined ? [] : [{ type: 'Button', props: { id: 'b', href: `page:p${link}` } }]),
  ],
})

const page = (no: number, more: Partial<PageRow> = {}): PageRow => ({
  no,
  origin: no,
  originHash: keep(content(0)),
  funnelNo: 1,
  position: no,
  name: `Page ${no}`,
  slug: `page-${no}`,
  type: 'PAGE',
  seo: {},
  hash: keep(content(0)),
  besides: {},
  ...more,
})
const funnel = (no: number, more: Partial<FunnelRow> = {}): FunnelRow => ({
  no,
  origin: no,
  position: no,
  name: `Funnel ${no}`,
  slug: `funnel-${no}`,
  status: 'LIVE',
  theme: null,
  settings: {},
  besides: {},
  ...more,
})
const state = (more: Partial<State> = {}): State => ({
  workspace: { name: 'W', description: '', image: null, settings: {} },
  themes: [],
  roles: [],
  funnels: [funnel(1)],
  pages: [page(1), page(2)],
  pictures: [],
  ...more,
})

/** What an export shows of a state: everything but positions (the order tells) and where rows come from. */
const shown = ({ workspace, themes, roles, funnels, pages }: State) => ({
  workspace,
  themes: themes.map(({ origin, ...theme }) => theme),
  roles: roles.map(({ origin, ...role }) => role),
  funnels: funnels.map(({ origin, position, besides, ...one }) => ({
    ...one,
    pages: pages
      .filter(({ funnelNo }) => funnelNo === one.no)
      .map(({ origin, originHash, position, besides, ...rest }) => rest),
  })),
})

const anyState: fc.Arbitrary<State> = fc
  .record({
    name: fc.constantFrom('A', 'B'),
    settings: fc.dictionary(fc.constantFrom('x', 'y'), fc.integer({ min: 0, max: 2 }), {
      noNullPrototype: true,
    }),
    funnels: fc.shuffledSubarray([1, 2, 3], { minLength: 1 }),
    order: fc.shuffledSubarray([1, 2, 3, 4, 5, 6]),
    seeds: fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 6, maxLength: 6 }),
    theme: fc.boolean(),
  })
  .map(({ name, settings, funnels, order, seeds, theme }) => {
    const pages = order.map((no, i) => {
      const seed = seeds[no - 1] ?? 0
      const to = order[seed % order.length]
      return page(no, {
        position: i,
        funnelNo: funnels[seed % funnels.length] ?? 1,
        slug: seed % 2 === 0 ? `page-${no}` : `slug-${no}-${seed}`,
        seo: seed % 3 === 0 ? {} : { title: `${seed}` },
        hash: keep(content(seed % 4, seed % 5 === 0 ? undefined : to)),
      })
    })
    const sorted = funnels.flatMap((no) => pages.filter(({ funnelNo }) => funnelNo === no))
    return state({
      workspace: { name, description: '', image: null, settings },
      themes: theme ? [{ no: 1, origin: 1, key: 'night', name: 'Night', tokens: {} }] : [],
      funnels: funnels.map((no, position) =>
        funnel(no, {
          position,
          status: (['LIVE', 'DRAFT', 'ARCHIVED'] as const)[((seeds[1] ?? 0) + no) % 3] ?? 'LIVE',
          theme: theme && (seeds[0] ?? 0) % 2 === 0 ? 'own:1' : null,
        }),
      ),
      pages: sorted,
    })
  })

const everything = (all: State): Record<string, string> =>
  Object.fromEntries([
    ...all.themes.map(({ no }) => [`theme:${no}`, 'remove']),
    ...all.funnels.map(({ no }) => [`funnel:${no}`, 'remove']),
    ...all.pages.map(({ no }) => [`page:p${no}`, 'remove']),
  ])
const merge = (base: State, theirs: State, mine: State, choices: Record<string, string> = {}) =>
  mergeStates({ base, theirs, mine, choices, bodyOf })

const linksOf = (hash: string, made: ReadonlyMap<string, { body: JsonObject }>) => {
  const links: number[] = []
  forEachLink(made.get(hash)?.body ?? bodyOf(hash), [], (key) => links.push(pageNoOf(key) ?? 0))
  return links
}

describe('merging a release into a copy', () => {
  it('leaves what both made alike, and what the owner made when the seller made nothing', () => {
    fc.assert(
      fc.property(anyState, anyState, (base, other) => {
        expect(shown(merge(base, other, other).state)).toEqual(shown(other))
        const nothingNew = merge(base, base, other)
        expect(nothingNew.items).toEqual([])
        expect(shown(nothingNew.state)).toEqual(shown(other))
      }),
      { numRuns: 300 },
    )
  })

  it('makes an untouched copy the release, when what the seller removed is removed', () => {
    fc.assert(
      fc.property(anyState, anyState, (base, theirs) => {
        const { state: made } = merge(base, theirs, base, everything(base))
        // But for what is online: that is the owner's to say.
        const funnels = theirs.funnels.map((one) => ({
          ...one,
          status: base.funnels.find(({ no }) => no === one.no)?.status ?? ('DRAFT' as const),
        }))
        expect(shown(made)).toEqual(shown({ ...theirs, funnels }))
      }),
      { numRuns: 300 },
    )
  })

  it('never lets a link, a page’s funnel or a funnel’s theme lead nowhere, and names everything once', () => {
    const anyChoices = fc.dictionary(
      fc.constantFrom('page:p1', 'page:p2', 'page:p3', 'page:p4', 'funnel:1', 'funnel:2', 'theme:1'),
      fc.constantFrom('take', 'keep', 'merge', 'remove'),
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(anyState, anyState, anyState, anyChoices, (base, theirs, mine, choices) => {
        const { state: made, contents } = merge(base, theirs, mine, choices)
        const numbers = new Set(made.pages.map(({ no }) => no))
        const inMine = new Set(mine.pages.map(({ no }) => no))
        for (const one of made.pages) {
          expect(made.funnels.some(({ no }) => no === one.funnelNo)).toBe(true)
          for (const to of linksOf(one.hash, contents))
            expect(numbers.has(to) || (!inMine.has(to) && !theirs.pages.some(({ no }) => no === to))).toBe(
              true,
            )
        }
        for (const { theme } of made.funnels) if (theme !== null) expect(made.themes).toHaveLength(1)
        const slugs = made.pages.map(({ funnelNo, slug }) => `${funnelNo} ${slug}`)
        expect(new Set(slugs).size).toBe(slugs.length)
        // Taken once more, with the release as its base, nothing is left to do.
        const again = mergeStates({
          base: theirs,
          theirs,
          mine: made,
          choices: {},
          bodyOf: (hash) => contents.get(hash)?.body ?? bodyOf(hash),
        })
        expect(again.items).toEqual([])
        expect(shown(again.state)).toEqual(shown(made))
      }),
      { numRuns: 300 },
    )
  })

  it('asks for what both changed, and does as it is told', () => {
    const base = state()
    const theirs = state({ pages: [page(1, { hash: keep(content(1)), seo: { title: 'T' } }), page(2)] })
    const mine = state({ pages: [page(1, { hash: keep(content(2)), name: 'Mine' }), page(2)] })
    const { items, state: merged } = merge(base, theirs, mine)
    expect(items).toMatchObject([
      { key: 'page:p1', change: 'BOTH_CHANGED', choice: 'merge', clashes: [{ key: 'page:p1#t' }] },
    ])
    expect(merged.pages[0]).toMatchObject({ name: 'Mine', seo: { title: 'T' }, hash: mine.pages[0]?.hash })
    const their = merge(base, theirs, mine, { 'page:p1#t': 'theirs' }).state.pages[0]
    expect(their).toMatchObject({ name: 'Mine', hash: theirs.pages[0]?.hash })
    expect(merge(base, theirs, mine, { 'page:p1': 'keep' }).state.pages[0]).toEqual(mine.pages[0])
    expect(merge(base, theirs, mine, { 'page:p1': 'take' }).state.pages[0]).toMatchObject({ name: 'Page 1' })
  })

  it('offers to remove what the seller removed; what is linked to stays, with the reason', () => {
    const base = state({ pages: [page(1, { hash: keep(content(0, 2)) }), page(2)] })
    const theirs = state({ pages: [page(1, { hash: keep(content(0)) })] })
    expect(merge(base, theirs, base).state.pages.map(({ no, origin }) => [no, origin])).toEqual([
      [1, 1],
      [2, null],
    ])
    expect(merge(base, theirs, base, { 'page:p2': 'remove' }).state.pages).toHaveLength(1)
    const kept = merge(base, theirs, base, { 'page:p2': 'remove', 'page:p1': 'keep' })
    expect(kept.state.pages).toHaveLength(2)
    expect(kept.items.find(({ key }) => key === 'page:p2')).toMatchObject({
      choice: 'keep',
      note: 'Stays: the page “Page 1” links to it.',
    })
  })

  it('brings a page along that the owner removed, when a page that comes links to it', () => {
    const base = state()
    const theirs = state({ pages: [page(1, { hash: keep(content(1, 2)) }), page(2)] })
    const mine = state({ pages: [page(1)] })
    const { state: made, items } = merge(base, theirs, mine)
    expect(made.pages.map(({ no }) => no)).toEqual([1, 2])
    expect(items.find(({ key }) => key === 'page:p2')).toMatchObject({
      change: 'GONE',
      note: 'Comes along: the page “Page 1” links to it.',
    })
  })

  it('tells two pages of one number apart by where they come from, and renames the links', () => {
    const base = state()
    const theirs = state({
      pages: [page(1, { hash: keep(content(1, 3)) }), page(2), page(3, { slug: 'new' })],
    })
    const mine = state({
      pages: [page(1), page(2), page(3, { origin: null, originHash: null, slug: 'new' })],
    })
    const local = localise(base, theirs, mine, bodyOf)
    for (const [hash, { body }] of local.contents) bodies.set(hash, body)
    const { state: made } = merge(local.base, local.theirs, mine)
    expect(made.pages.map(({ no, origin, slug }) => [no, origin, slug])).toEqual([
      [1, 1, 'page-1'],
      [2, 2, 'page-2'],
      [3, null, 'new'],
      [4, 3, 'new-2'],
    ])
    expect(linksOf(made.pages[0]?.hash ?? '', new Map())).toEqual([4])
  })

  it('leaves a funnel with pages of the owner’s own, and adds none to a funnel they removed', () => {
    const two = state({
      funnels: [funnel(1), funnel(2)],
      pages: [page(1), page(2, { funnelNo: 2 })],
    })
    const one = state({ pages: [page(1)] })
    const own = page(9, { funnelNo: 2, origin: null, originHash: null })
    const all = { 'funnel:2': 'remove' }
    expect(merge(two, one, two, all).state.funnels).toHaveLength(1)
    expect(merge(two, one, two, all).state.pages).toHaveLength(1)
    const kept = merge(two, one, { ...two, pages: [...two.pages, own] }, all)
    expect(kept.state.funnels).toHaveLength(2)
    const more = { ...two, pages: [...two.pages, page(5, { funnelNo: 2 })] }
    expect(merge(two, more, one).state.pages).toHaveLength(1)
    expect(merge(two, more, one, { 'page:p5': 'take' }).state).toMatchObject({
      funnels: [{ no: 1 }, { no: 2 }],
      pages: [{ no: 1 }, { no: 5 }],
    })
  })
})

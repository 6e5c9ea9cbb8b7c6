import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { JsonObject } from '../json'
import { type BlockClash, mergeContents } from './contents'

const block = (id: string, props: Record<string, unknown> = {}) => ({ type: 'Text', props: { id, ...props } })
const page = (...content: unknown[]): JsonObject => ({ root: { props: { title: 'T' } }, content })
const ids = (content: JsonObject | null) =>
  (content?.content as { props: { id: string } }[] | undefined)?.map(({ props }) => props.id)
const merge = (base: JsonObject, theirs: JsonObject, mine: JsonObject, side: 'mine' | 'theirs' = 'mine') => {
  const clashes: BlockClash[] = []
  const merged = mergeContents(base, theirs, mine, (clash) => {
    clashes.push(clash)
    return side
  })
  return { merged, clashes: clashes.map(({ id }) => id) }
}

/** Contents whose blocks come from a small set of ids, in slots, columns and zones. */
const anyContent = fc
  .record({
    order: fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f']),
    texts: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 }),
    parents: fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 6, maxLength: 6 }),
    slots: fc.array(fc.constantFrom('left', 'right'), { minLength: 6, maxLength: 6 }),
    title: fc.constantFrom('x', 'y', 'z'),
    zone: fc.boolean(),
  })
  .map(({ order, texts, parents, slots, title, zone }) => {
    const made = order.map((id, i) => ({
      type: 'Box',
      props: { id, text: texts[i], left: [] as unknown[], columns: [{ content: [] as unknown[] }] },
    }))
    const top: unknown[] = []
    const zones: unknown[] = []
    for (const [i, one] of made.entries()) {
      const parent = made[parents[i] ?? -1]
      if (parent === undefined || (parents[i] ?? 0) >= i) (zone && i === 0 ? zones : top).push(one)
      else if (slots[i] === 'left') parent.props.left.push(one)
      else parent.props.columns[0]?.content.push(one)
    }
    return { root: { props: { title } }, content: top, zones: { 'a:side': zones } }
  })

describe('merging a page', () => {
  it('leaves what both made alike, and follows who alone changed it', () => {
    fc.assert(
      fc.property(anyContent, anyContent, (base, other) => {
        expect(merge(base, other, other)).toEqual({ merged: other, clashes: [] })
        expect(merge(base, other, base)).toEqual({ merged: other, clashes: [] })
        expect(merge(base, base, other)).toEqual({ merged: other, clashes: [] })
      }),
      { numRuns: 500 },
    )
  })

  it('has each block once, none that neither side has, and all that one side alone added', () => {
    const all = (content: unknown, found: string[] = []): string[] => {
      if (Array.isArray(content)) for (const one of content) all(one, found)
      else if (typeof content === 'object' && content !== null) {
        const { props } = content as { props?: { id?: unknown } }
        if (typeof props?.id === 'string') found.push(props.id)
        for (const one of Object.values(content)) all(one, found)
      }
      return found
    }
    fc.assert(
      fc.property(anyContent, anyContent, anyContent, fc.boolean(), (base, theirs, mine, first) => {
        const { merged } = merge(base, theirs, mine, first ? 'mine' : 'theirs')
        const [b, t, m, found] = [all(base), all(theirs), all(mine), all(merged)]
        expect(new Set(found).size).toBe(found.length)
        for (const id of found) expect([...t, ...m]).toContain(id)
        for (const id of found) if (b.includes(id)) expect(t.includes(id) || m.includes(id)).toBe(true)
        // Where nothing clashes with a removal, what is new stays.
        if (first) for (const id of m) if (!b.includes(id)) expect(found).toContain(id)
        expect(merge(theirs, theirs, merged ?? {}).merged).toEqual(merged)
      }),
      { numRuns: 500 },
    )
  })

  it('takes the changes of both where they are of different blocks', () => {
    const base = page(block('a', { text: 1 }), block('b', { text: 1 }), block('c'))
    const theirs = page(block('n'), block('a', { text: 2 }), block('b', { text: 1 }), block('c'))
    const mine = page(block('c'), block('a', { text: 1 }), block('b', { text: 9 }), block('own'))
    const { merged, clashes } = merge(base, theirs, mine)
    expect(clashes).toEqual([])
    expect(merged).toEqual(
      page(block('n'), block('c'), block('a', { text: 2 }), block('b', { text: 9 }), block('own')),
    )
  })

  it('asks for a block that both changed, and for one that one side removed and the other changed', () => {
    const base = page(block('a', { text: 1 }), block('b', { text: 1 }), block('c', { text: 1 }))
    const theirs = page(block('a', { text: 2 }), block('c', { text: 2 }))
    const mine = page(block('a', { text: 3 }), block('b', { text: 3 }))
    expect(merge(base, theirs, mine).clashes).toEqual(['b', 'c', 'a'])
    expect(merge(base, theirs, mine).merged).toEqual(mine)
    expect(merge(base, theirs, mine, 'theirs').merged).toEqual(theirs)
  })

  it('asks once for a removed block in which something was changed, and keeps or drops all in it', () => {
    const inner = (text: number) => block('in', { text })
    const base = page(block('box', { left: [inner(1), block('other')] }), block('z'))
    const theirs = page(block('z'))
    const mine = page(block('box', { left: [inner(2), block('other'), block('new')] }), block('z'))
    expect(merge(base, theirs, mine)).toEqual({ merged: mine, clashes: ['box'] })
    expect(merge(base, theirs, mine, 'theirs')).toEqual({ merged: theirs, clashes: ['box'] })
    expect(merge(base, mine, theirs, 'theirs')).toEqual({ merged: mine, clashes: ['box'] })
  })

  it('finds a block again that one side moved into another and the other side changed', () => {
    const base = page(block('box', { left: [] }), block('a', { text: 1 }))
    const theirs = page(block('box', { left: [] }), block('a', { text: 2 }))
    const mine = page(block('box', { left: [block('a', { text: 1 })] }))
    const { merged, clashes } = merge(base, theirs, mine)
    expect(clashes).toEqual([])
    expect(merged).toEqual(page(block('box', { left: [block('a', { text: 2 })] })))
  })

  it('breaks the circle of two blocks that were moved into each other', () => {
    const box = (id: string, ...left: unknown[]) => block(id, { left })
    const base = page(box('a', block('x')), box('b', block('y')))
    const theirs = page(box('a', block('x'), box('b', block('y'))))
    const mine = page(box('b', block('y'), box('a', block('x'))))
    expect(merge(base, theirs, mine).merged).toEqual(mine)
  })

  it('keeps a block whose row is gone', () => {
    const base = page({
      type: 'Cols',
      props: { id: 'k', columns: [{ content: [block('a')] }, { content: [] }] },
    })
    const mine = page({
      type: 'Cols',
      props: { id: 'k', columns: [{ content: [block('a')] }, { content: [block('own')] }] },
    })
    const theirs = page({ type: 'Cols', props: { id: 'k', columns: [{ content: [block('a')] }] } })
    const { merged } = merge(base, theirs, mine)
    expect(JSON.stringify(merged)).toContain('"own"')
    expect(ids(merged)).toEqual(['k', 'own'])
  })
})

test('the page’s own fields are merged member by member, and asked for once', () => {
  const root = (props: Record<string, unknown>) => ({ root: { props }, content: [] })
  expect(merge(root({ a: 1 }), root({ a: 1, b: 2 }), root({ a: 3 }))).toEqual({
    merged: root({ a: 3, b: 2 }),
    clashes: [],
  })
  const both = merge(root({ a: 1, b: 1 }), root({ a: 2, b: 2 }), root({ a: 3, b: 3 }), 'theirs')
  expect(both).toEqual({ merged: root({ a: 2, b: 2 }), clashes: [''] })
})

test('a content with two blocks of one id cannot be merged', () => {
  expect(merge(page(block('a'), block('a')), page(), page()).merged).toBeNull()
})

import { describe, expect, it } from 'vitest'
import type { ShownPage } from '../kit/ports'
import { createRenderedPages } from './rendered-pages'

const page = (size: number): ShownPage => ({ html: 'x'.repeat(size), styles: [], scripts: [], hosts: [] })

/** Counts how often a document is made. */
const counting = (size: number) => {
  let made = 0
  return {
    make: async () => {
      made += 1
      return page(size)
    },
    made: () => made,
  }
}

describe('documents of published pages', () => {
  it('are made once while they are kept', async () => {
    const rendered = createRenderedPages()
    const { make, made } = counting(1_000)
    for (let n = 0; n < 3; n += 1) await rendered.get('a', 'here', make)
    expect(made()).toBe(1)
  })

  it('are kept up to a size in all, the longest unused leaving first, and not when they are too large', async () => {
    const rendered = createRenderedPages({ bytes: 2_500, most: 2_000 })
    const [a, b, c, large] = [counting(1_000), counting(1_000), counting(1_000), counting(2_001)]
    await rendered.get('a', 'here', a.make)
    await rendered.get('b', 'here', b.make)
    await rendered.get('a', 'here', a.make)
    await rendered.get('c', 'here', c.make)
    for (const [tag, { make }] of [
      ['a', a],
      ['c', c],
      ['b', b],
    ] as const)
      await rendered.get(tag, 'here', make)
    expect([a.made(), b.made(), c.made()]).toEqual([1, 2, 1])
    await rendered.get('large', 'here', large.make)
    await rendered.get('large', 'here', large.make)
    expect(large.made()).toBe(2)
  })

  it('are made for one address only so much a minute, which hurts no other and nobody who asks for a kept one', async () => {
    const rendered = createRenderedPages({ perMinute: 50_000, most: 1 })
    const kept = counting(0)
    await rendered.get('kept', 'here', kept.make)
    const { make, made } = counting(10_000)
    const ask = (tag: string, address: string) =>
      rendered.get(tag, address, make).then(
        () => 'shown',
        ({ status, retryAfter }: { status: number; retryAfter: number }) => [status, retryAfter > 0],
      )
    expect([await ask('1', 'here'), await ask('2', 'here'), await ask('3', 'here')]).toEqual([
      'shown',
      [429, true],
      [429, true],
    ])
    expect(await ask('1', 'elsewhere')).toBe('shown')
    await rendered.get('kept', 'here', kept.make)
    expect([made(), kept.made()]).toEqual([2, 1])
  })
})

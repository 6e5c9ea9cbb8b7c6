import { describe, expect, it } from 'vitest'
import { blocksConfig } from './blocks-config'
import { fromEditor, KEPT, toEditor } from './document'
import type { EditedPage } from './page-settings'

const { components } = blocksConfig({ pages: [], pictures: [] })

const page = (content: Record<string, unknown>): EditedPage => ({
  content,
  page: { name: 'Start', slug: 'start', type: 'PAGE' },
  seo: { title: '', description: '', ogImage: '', noIndex: false },
})

const through = (content: Record<string, unknown>): string =>
  JSON.stringify(fromEditor(toEditor(page(content), components), content).content)

describe('a page that goes through the editor', () => {
  it('is the same to the byte, whatever it holds', () => {
    const content = {
      version: 7,
      zones: { 'x:y': [] },
      root: { props: { title: 'T', theirs: [1] }, theirs: null },
      content: [
        { type: 'Heading', props: { text: 'Hello', id: 'a', theirs: { deep: [null] } }, theirs: true },
        { type: 'Carousel', props: { id: 'a', slides: [1, { b: 2 }] }, theirs: 'kept' },
        { type: 'FAQ', props: { id: 'b', items: 'not a list' } },
        {
          type: 'Columns',
          props: { id: 'c', columns: [{ content: [{ type: 'Other' }, 'words'], wide: 1 }] },
        },
        { type: 'Columns', props: { id: 'd', columns: 5 } },
        { type: '__proto__', props: {} },
        { props: 'none' },
        null,
        'words',
        [1, 2],
      ],
    }
    expect(through(content)).toBe(JSON.stringify(content))
  })

  it('keeps content that is no page at all', () => {
    expect(through({})).toBe(JSON.stringify({ root: {}, content: [] }))
  })

  it('gives every block an id of its own', () => {
    const block = { type: 'Divider', props: { id: 'same' } }
    const { content } = toEditor(page({ root: {}, content: [block, block, { type: 'Divider' }] }), components)
    const ids = content.map(({ props }) => props.id)
    expect(new Set(ids).size).toBe(3)
    expect(ids[0]).toBe('same')
  })

  it('lets a block that is only begun be edited further', () => {
    const { content } = toEditor(
      page({
        root: {},
        content: [
          { type: 'Countdown', props: { id: 'a', until: 'tomor' } },
          { type: 'Hero', props: { id: 'b', title: '', cta: { label: 'Go' } } },
        ],
      }),
      components,
    )
    expect(content.map(({ type }) => type)).toEqual(['Countdown', 'Hero'])
  })

  it('holds what it cannot edit in one piece', () => {
    const { content } = toEditor(
      page({ content: [{ type: 'Hero', props: { cta: ['no link'] } }] }),
      components,
    )
    expect(content[0]?.type).toBe(KEPT)
  })
})

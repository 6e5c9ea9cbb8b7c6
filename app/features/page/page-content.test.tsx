import { render, screen, within } from '@testing-library/react'
import fc from 'fast-check'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { NonceContext } from '~/lib/nonce'
import { DEMO_WORKSPACES } from '../../../db/seed/content'
import { BLOCKS } from './blocks'
import { PageContent } from './PageContent'

const page = (...content: unknown[]) => ({ root: {}, content })
const nowhere = () => null
const markup = (content: unknown, theme = {}) =>
  renderToStaticMarkup(<PageContent content={content} hrefOf={nowhere} theme={theme} />)
const show = (...content: unknown[]) =>
  render(<PageContent content={page(...content)} hrefOf={(key) => (key === 'p2' ? '/w/a/b/two' : null)} />)

describe('a page’s content', () => {
  it.each(Object.entries(DEMO_WORKSPACES))(
    'of the demo workspace %s shows without an unknown block',
    (_, { funnels }) => {
      for (const { pages } of funnels)
        for (const { key, content } of pages) expect(markup(content), key).not.toContain('data-unknown-block')
    },
  )

  it('of the demo uses every block there is', () => {
    const used = JSON.stringify(DEMO_WORKSPACES)
    const unused = Object.keys(BLOCKS).filter((type) => !used.includes(`"type":"${type}"`))
    expect(unused).toEqual(['Banner', 'Quote', 'Quiz', 'Spacer'])
  })

  it('is shown whatever it is, and never throws', () => {
    const block = fc.record({
      type: fc.oneof(fc.constantFrom(...Object.keys(BLOCKS), '__proto__', 'constructor'), fc.string()),
      props: fc.oneof(
        fc.object(),
        fc.record(
          {
            title: fc.string(),
            text: fc.string(),
            href: fc.webUrl(),
            until: fc.string(),
            items: fc.array(fc.object()),
            columns: fc.array(fc.object()),
            images: fc.array(fc.record({ src: fc.string() })),
          },
          { requiredKeys: [] },
        ),
      ),
    })
    fc.assert(
      fc.property(fc.json(), (json) => void markup(JSON.parse(json))),
      { numRuns: 200 },
    )
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), (content) => void markup(page(...content))),
      { numRuns: 200 },
    )
  })

  it('has one title, which a page without a hero takes from its root', () => {
    const titles = (content: unknown) =>
      [...markup(content).matchAll(/<h1[^>]*>([^<]*)/g)].map(([, title]) => title)
    const root = { props: { title: 'Your order' } }
    expect(titles({ root, content: [{ type: 'Heading', props: { text: 'Cart' } }] })).toEqual(['Your order'])
    expect(titles({ root, content: [{ type: 'Hero', props: { title: 'Buy' } }] })).toEqual(['Buy'])
  })

  it('says so when there is nothing', () => {
    show()
    expect(screen.getByText('This page is empty.')).toBeVisible()
  })

  it('shows an unknown block by its name and texts', () => {
    show({ type: 'Poll', props: { id: 'q1', question: 'Tea or coffee?', answers: [1] } })
    expect(screen.getByText('Poll')).toBeVisible()
    expect(screen.getByText('Tea or coffee?')).toBeVisible()
    expect(screen.queryByText('q1')).toBeNull()
  })

  it('shows a known block that is filled in wrong as unknown', () => {
    show({ type: 'Hero', props: { title: 7, text: 'Hello' } })
    expect(screen.queryByRole('heading')).toBeNull()
    expect(screen.getByText('Hello')).toBeVisible()
  })

  it('does not follow columns in columns without end', () => {
    let inner: unknown = { type: 'Text', props: { text: 'deep' } }
    for (let i = 0; i < 40; i += 1) inner = { type: 'Columns', props: { columns: [{ content: [inner] }] } }
    expect(markup(page(inner))).toContain('data-unknown-block')
  })

  it('never makes HTML or style attributes of what it holds', () => {
    const html = markup(
      page({ type: 'Text', props: { text: '<img src=x onerror=alert(1)>', style: 'color:red' } }),
      {
        background: '</style><script>alert(1)</script>',
      },
    )
    expect(html).not.toMatch(/<img|<script|style="/)
  })
})

describe('its links', () => {
  it('lead to the page a key names', () => {
    show({ type: 'Button', props: { id: 'b1', href: 'page:p2' } })
    expect(screen.getByRole('link', { name: 'Continue' })).toHaveAttribute('href', '/w/a/b/two')
  })

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'https://me:secret@evil.example/',
    '//evil.example',
    'page:p9',
  ])('are words alone for %s', (href) => {
    show({ type: 'Button', props: { label: 'Go', href } })
    expect(screen.getByText('Go')).toBeVisible()
    expect(screen.queryByRole('link')).toBeNull()
  })

  it('to elsewhere vouch for nothing', () => {
    show({ type: 'Embed', props: { title: 'the map', href: 'https://map.example/x' } })
    expect(screen.getByRole('link', { name: 'Open the map' })).toHaveAttribute(
      'rel',
      expect.stringContaining('noopener'),
    )
  })
})

describe('its parts', () => {
  it('number headings below the title’s level', () => {
    const blocks = page(
      { type: 'Hero', props: { title: 'One' } },
      { type: 'Features', props: { title: 'Two', items: [{ title: 'Three' }] } },
    )
    render(<PageContent content={blocks} hrefOf={nowhere} titleLevel={2} />)
    expect(screen.getAllByRole('heading').map((heading) => heading.tagName)).toEqual(['H2', 'H3', 'H4'])
  })

  it('show a form with every field named and nothing to send', () => {
    const fields = ['text', 'email', 'select', 'textarea', 'checkbox'].map((type) => ({
      type,
      label: `A ${type}`,
      required: true,
    }))
    show({ type: 'Form', props: { fields, submit: 'Send', href: 'page:p2' } })
    for (const { label } of fields) expect(screen.getByLabelText(label)).toBeDisabled()
    expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled()
    expect(screen.getByText(/takes no answers/)).toBeVisible()
    expect(screen.getByRole('link', { name: 'Go to the page after it' })).toHaveAttribute(
      'href',
      '/w/a/b/two',
    )
  })

  it('name the day a countdown ends, the same everywhere', () => {
    show({ type: 'Countdown', props: { until: '2027-02-11T15:00:00Z' } })
    expect(screen.getByText(/Thursday.*11 February 2027.*15:00 UTC/)).toBeVisible()
  })

  it('show pictures of the web without telling where they are shown, and draw the others', () => {
    const { container } = show(
      { type: 'Image', props: { src: 'https://pictures.example/a.png', alt: 'A boat' } },
      { type: 'Image', props: { src: 'art:waves-x', alt: 'Waves' } },
      { type: 'Image', props: { src: 'javascript:x', alt: 'Lost' } },
    )
    expect(within(container).getByRole('img', { name: 'A boat' })).toHaveAttribute(
      'referrerpolicy',
      'no-referrer',
    )
    expect(within(container).getByRole('img', { name: 'Waves' }).querySelector('svg')).not.toBeNull()
    expect(screen.getByText('Lost')).toBeVisible()
  })

  it('draw the same picture for the same name, and another for another', () => {
    const draw = (name: string) => markup(page({ type: 'Image', props: { src: `art:${name}` } }))
    for (const kind of ['waves', 'rings', 'hills', 'petals', 'bars', 'plates', 'portrait', '']) {
      expect(draw(`${kind}-a`)).toBe(draw(`${kind}-a`))
      expect(draw(`${kind}-a`)).not.toBe(draw(`${kind}-b`))
    }
  })

  it('bring their theme in a style element that carries the answer’s nonce', () => {
    const html = renderToStaticMarkup(
      <NonceContext.Provider value="n0nce">
        <PageContent content={page()} hrefOf={nowhere} theme={{ accent: '#123456' }} />
      </NonceContext.Provider>,
    )
    expect(html).toMatch(/<style nonce="n0nce">\.fp-\w+\{[^<]*--fp-accent:#123456;/)
  })
})

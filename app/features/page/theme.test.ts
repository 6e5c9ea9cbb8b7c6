import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkedHref, checkedSource } from './links'
import { pageTheme, readColour } from './theme'

const NAMES = [
  'background',
  'text',
  'accent',
  'onAccent',
  'radius',
  'spacing',
  'font',
  'headingFont',
] as const

describe('a theme', () => {
  it('takes colours, lengths, and fonts of its grammar', () => {
    const { css } = pageTheme({
      background: '#0b1220',
      accent: 'hsl(200, 90%, 60%)',
      radius: '12px',
      spacing: 1.2,
      font: 'serif',
    })
    expect(css).toContain(
      'color-scheme:dark;--fp-background:#0b1220;--fp-text:#f2f2f4;--fp-accent:hsl(200 90% 60%)',
    )
    expect(css).toContain('--fp-on-accent:#101113;--fp-radius:12px;--fp-space:1.2;--fp-font:Charter')
  })

  it.each([
    'red;}',
    'url(x)',
    'var(--x)',
    '#12',
    'rgb(300, 0, 0)',
    'hsl(10, 200%, 0%)',
    'expression(1)',
    '#fff/**/',
    '',
  ])('does not take %s for a colour', (text) => {
    expect(readColour(text)).toBeNull()
  })

  it('reads hex, rgb, hsl and names as the same colour', () => {
    for (const text of ['#ff0000', '#F00', 'rgb(255, 0, 0)', 'rgb(255 0 0)', 'hsl(0 100% 50%)'])
      expect(readColour(text)?.rgb).toEqual([255, 0, 0])
    expect(readColour('white')?.css).toBe('#ffffff')
  })

  it('never lets anything out of its rule, whatever the tokens are', () => {
    const token = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.object(),
      fc.constant('} body { x'),
      fc.constantFrom('constructor', '__proto__', 'toString'),
    )
    fc.assert(
      fc.property(
        fc.record(Object.fromEntries(NAMES.map((name) => [name, token])), { requiredKeys: [] }),
        (tokens) => {
          const { className, css } = pageTheme(tokens)
          expect(className).toMatch(/^fp-[a-z0-9]+$/)
          expect(css).toMatch(/^\.fp-[a-z0-9]+\{[-\w:;#., ()%]+\}$/)
        },
      ),
    )
  })

  it('has one class for the same values and another for others', () => {
    expect(pageTheme({ accent: 'navy' }).className).toBe(pageTheme({ accent: 'navy', unknown: 1 }).className)
    expect(pageTheme({ accent: 'navy' }).className).not.toBe(pageTheme({ accent: 'teal' }).className)
  })

  it('puts words on the accent that can be read', () => {
    expect(pageTheme({ accent: '#facc15' }).css).toContain('--fp-on-accent:#101113')
    expect(pageTheme({ accent: '#1e2a5a' }).css).toContain('--fp-on-accent:#ffffff')
  })
})

describe('an address', () => {
  const to = (href: string) => checkedHref(href, (key) => (key === 'p2' ? '/two' : null))

  it.each([
    ['page:p2', '/two'],
    ['page:p3', null],
    ['/marketplace?q=1', '/marketplace?q=1'],
    ['https://a.example/x', 'https://a.example/x'],
    ['mailto:ann@example.com', 'mailto:ann@example.com'],
    ['tel:+34 960 000 042', 'tel:+34 960 000 042'],
    ['//a.example', null],
    ['/\\a.example', null],
    ['https:a.example', null],
    ['https://user:pass@a.example/', null],
    ['https://user@a.example/', null],
    ['java\nscript:alert(1)', null],
    ['JavaScript:alert(1)', null],
    ['vbscript:x', null],
    ['data:text/html,x', null],
    ['blob:https://a.example/1', null],
    ['mailto:a@b.example\r\nbcc:c@d.example', null],
    ['relative', null],
    ['', null],
  ])('%j leads to %j', (href, expected) => {
    expect(to(href)).toBe(expected)
  })

  it('of whatever text is none, or of a scheme that is safe', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `javascript:${text}`),
        ),
        (href) => {
          const address = to(href)
          if (address !== null) expect(address).toMatch(/^(https?:\/\/|mailto:|tel:|\/(?!\/))/)
        },
      ),
    )
  })

  it('of a picture is of the web, encrypted, or of this site', () => {
    expect(checkedSource('https://a.example/b.png')).toBe('https://a.example/b.png')
    expect(checkedSource('/pictures/1.webp')).toBe('/pictures/1.webp')
    for (const src of [
      'http://a.example/b.png',
      'data:image/svg+xml,x',
      '//a.example',
      'https://u:p@a.example/',
    ])
      expect(checkedSource(src)).toBeNull()
  })
})

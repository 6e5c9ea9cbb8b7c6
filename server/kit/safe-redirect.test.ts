import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeRedirect } from './safe-redirect'

const FALLBACK = '/dashboard'

describe('safeRedirect', () => {
  it.each([
    '/',
    '/balance',
    '/sales?cursor=abc',
    '/workspaces/1#pages',
    '/links?to=//evil.example',
    '/a/b%20c',
  ])('lets the own path %j through', (wish) => {
    expect(safeRedirect(wish, FALLBACK)).toBe(wish)
  })

  it.each([
    ['another origin', 'https://evil.example/'],
    ['an origin that begins like ours', 'https://own.invalid.evil.example'],
    ['our stand-in for an origin', 'http://own.invalid/balance'],
    ['a path that leaves the scheme open', '//evil.example'],
    ['three slashes', '///evil.example'],
    ['a script', 'JaVaScRiPt:alert(1)'],
    ['data', 'data:text/html,x'],
    ['a backslash in front', '/\\evil.example'],
    ['two backslashes', '\\\\evil.example'],
    ['a tab between the slashes', '/\t/evil.example'],
    ['a newline between the slashes', '/\n/evil.example'],
    ['a blank in front', ' //evil.example'],
    ['a NUL in front', '\u0000//evil.example'],
    ['a NUL inside', '/\u0000/evil.example'],
    ['steps upwards that leave two slashes', '/..//evil.example'],
    ['single dots that leave two slashes', '/.//evil.example'],
    ['encoded slashes', '/%2f%2fevil.example'],
    ['one encoded slash', '/%2Fevil.example'],
    ['an encoded backslash', '/%5cevil.example'],
    ['slashes encoded twice', '/%252f%252fevil.example'],
    ['an encoded tab', '/%09/evil.example'],
    ['encoded steps upwards', '/%2e%2e//evil.example'],
    ['a broken escape', '/%zz'],
    ['a line break that would start a header', '/a\r\nSet-Cookie: x=1'],
    ['a query alone', '?next=/a&next=//evil.example'],
    ['a relative path', 'evil.example'],
    ['nothing', ''],
    ['no text at all', null],
    ['a file', new File([], 'x')],
    ['more than an address holds', `/${'a'.repeat(3_000)}`],
  ])('falls back on %s', (_what, wish) => {
    expect(safeRedirect(wish, FALLBACK)).toBe(FALLBACK)
  })

  it('never leaves the own origin, whatever is asked for', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2f',
      '%5C',
      '%25',
      '\t',
      '\n',
      '@',
      ':',
      '?',
      '#',
      'evil.example',
      'http',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => parts.join('')),
        ),
        (wish) => {
          const answer = safeRedirect(wish, FALLBACK)
          expect(new URL(answer, 'https://shop.example').origin).toBe('https://shop.example')
          expect(answer).toMatch(/^\/(?![/\\])/)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

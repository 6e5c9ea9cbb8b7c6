import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addonWords, DEFAULT_ADDON_PRICES, DEFAULT_LIMITS, type Plan } from '../../kit/plans'
import {
  funnelNoOf,
  imageFault,
  isPublicId,
  type LimitTerms,
  linkingId,
  makePublicId,
  nameFault,
  overLimit,
  pageKey,
  pageNoOf,
  plansWithMore,
  raisedLimits,
  slugBase,
  slugFault,
  textFault,
} from './rules'

test('a public id has 16 characters a-z0-9 and passes over bytes that would favour some of them', () => {
  fc.assert(fc.property(fc.constant(0), () => isPublicId(makePublicId(randomBytes))))
  const sequence = [Buffer.from([255, 252, 0]), Buffer.alloc(24, 35)]
  expect(makePublicId(() => sequence.shift() ?? Buffer.alloc(0))).toBe('0zzzzzzzzzzzzzzz')
})

test('a page key and its number are each other’s inverse, and nothing else is a key', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 999_999_999 }), (no) => pageNoOf(pageKey(no)) === no))
  for (const key of ['p0', 'p01', 'p', 'P1', 'p1234567890', 'p1 ', 'p-1', 'p1\n'])
    expect(pageNoOf(key)).toBeNull()
  expect([funnelNoOf('7'), funnelNoOf('07'), funnelNoOf('2147483648'), funnelNoOf('x')]).toEqual([
    7,
    null,
    null,
    null,
  ])
  expect(linkingId('abcdefgh12345678', 31)).toBe('abcdefgh12345678-1f')
})

test('whatever a name is, its slug is a valid one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
      expect(slugFault(slugBase(name))).toBeNull()
    }),
  )
  expect(slugBase('Premium Templates!')).toBe('premium-templates')
  expect(slugBase('Café, Ünïcode & 日本')).toBe('café-ünïcode-日本')
  expect(slugBase('😀')).toBe('workspace')
  expect([...slugBase('ab '.repeat(100))].length).toBeLessThanOrEqual(80)
})

test('names that show nothing, break lines or are too long are refused', () => {
  for (const name of [
    '',
    '\u00a0\u2003\u200b',
    'a\nb',
    'a\u2028b',
    'a\0',
    '\u3164',
    'x'.repeat(201),
    '\ud800',
  ])
    expect(nameFault(name)).not.toBeNull()
  for (const name of ['a', '👨‍👩‍👧‍👦', 'x'.repeat(200), '<script>alert(1)</script>', '日本'])
    expect(nameFault(name)).toBeNull()
})

test('slugs are lower case words of any script', () => {
  for (const slug of ['home', 'a-b_c', 'über', '日本', '1']) expect(slugFault(slug)).toBeNull()
  for (const slug of ['', 'Home', '-a', 'a-', '../admin', 'a b', 'a/b', 'u\u0308ber', 'a'.repeat(101), 'a.b'])
    expect(slugFault(slug)).not.toBeNull()
})

test('pictures are web addresses, texts have no NUL', () => {
  expect([imageFault('https://a.example/x.png'), imageFault('/pictures/1')]).toEqual([null, null])
  for (const image of [
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'a\nb',
    'x'.repeat(2_001),
    'data:text/html,x',
  ])
    expect(imageFault(image)).not.toBeNull()
  expect(textFault('a\nb', 10)).toBeNull()
  for (const text of ['a\0', '\udc00', 'x'.repeat(11)]) expect(textFault(text, 10)).not.toBeNull()
})

const terms = (plan: Plan, addons: LimitTerms['addons'] = {}): LimitTerms => ({
  plan,
  addons,
  limits: raisedLimits(DEFAULT_LIMITS[plan], addons),
  ofPlans: DEFAULT_LIMITS,
  prices: DEFAULT_ADDON_PRICES,
})

test('a limit says what it is, what is used and what would raise it', () => {
  expect(overLimit(terms('FREE'), 'workspaces', 1, 0)).toBeNull()
  expect(overLimit(terms('FREE'), 'workspaces', 2, 1)).toBe(
    'The plan FREE has up to 1 workspace, and 1 of yours counts. BUSINESS has 5, AGENCY has no such limit. The add-on EXTRA_WORKSPACE raises it by 1, for 9.00 USD a month.',
  )
  expect(overLimit(terms('BUSINESS'), 'pagesPerFunnel', 101)).toBe(
    'The plan BUSINESS has up to 100 pages in a funnel, and this would be 101. AGENCY has no such limit. The add-on EXTRA_PAGE raises it by 5, for 2.00 USD a month.',
  )
  expect(overLimit(terms('AGENCY'), 'funnels', 1_000_000)).toBeNull()
  expect(overLimit(terms('AGENCY'), 'members', 501, 500)).toBe(
    'The plan AGENCY has up to 500 members, and 500 of yours count. The add-on EXTRA_MEMBER raises it by 1, for 4.00 USD a month.',
  )
})

test('add-ons raise what they are for, each by its number, and nothing that is without a limit', () => {
  const bought = terms('FREE', { EXTRA_PAGE: 3, EXTRA_DOMAIN: 2 })
  expect(bought.limits).toEqual({ workspaces: 1, members: 3, funnels: 3, pagesPerFunnel: 50, domains: 3 })
  expect(overLimit(bought, 'pagesPerFunnel', 50)).toBeNull()
  expect(overLimit(bought, 'pagesPerFunnel', 51)).toMatch(/^The plan FREE, with your add-ons, has up to 50/)
  expect(terms('AGENCY', { EXTRA_WORKSPACE: 4 }).limits.workspaces).toBeNull()
  expect(plansWithMore(terms('FREE', { EXTRA_WORKSPACE: 4 }), 'workspaces')).toEqual([
    { planType: 'AGENCY', limit: null },
  ])
  expect(plansWithMore(terms('AGENCY'), 'workspaces')).toEqual([])
  expect(addonWords('EXTRA_PAGE', 2)).toBe('10 extra pages in each funnel')
  expect(addonWords('EXTRA_MEMBER', 1)).toBe('1 extra member')
})

import { describe, expect, it } from 'vitest'
import { DEMO_WORKSPACES } from '.'

const linksIn = (value: unknown): string[] => {
  if (typeof value === 'string') return value.startsWith('page:') ? [value.slice(5)] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(linksIn) : []
}

describe.each(Object.entries(DEMO_WORKSPACES))('the demo workspace %s', (_, workspace) => {
  const pages = workspace.funnels.flatMap((funnel) => funnel.pages)
  const keys = new Set(pages.map((page) => page.key))

  it('has three to six funnels and twenty to sixty pages, each with its own key', () => {
    expect(workspace.funnels.length).toBeGreaterThanOrEqual(3)
    expect(workspace.funnels.length).toBeLessThanOrEqual(6)
    expect(pages.length).toBeGreaterThanOrEqual(20)
    expect(pages.length).toBeLessThanOrEqual(60)
    expect(keys.size).toBe(pages.length)
  })

  it('links only to pages that are there', () => {
    for (const page of pages)
      for (const key of linksIn(page)) expect(keys, `${page.key} → ${key}`).toContain(key)
  })

  it('says what each page is about, differently', () => {
    const titles = pages.map((page) => String(page.seo.title))
    expect(new Set(titles).size).toBe(titles.length)
    for (const page of pages) expect(String(page.seo.description).length).toBeGreaterThan(5)
  })

  it('leaves no page without a way to it, but letters and pages that are mailed', () => {
    const linked = new Set(pages.flatMap(linksIn))
    const alone = pages.map((page) => page.key).filter((key) => !linked.has(key))
    for (const key of alone)
      expect(key).toMatch(/^mail-|letter|day-5|live|replay|onboarding|club-start|guide-start/)
  })
})

it('the demo has a password-protected funnel and tracking ids, so that a copy has something to report', () => {
  const funnels = Object.values(DEMO_WORKSPACES).flatMap((workspace) => workspace.funnels)
  expect(funnels.some((funnel) => 'passwordProtected' in funnel && funnel.passwordProtected)).toBe(true)
  expect(funnels.filter((funnel) => 'tracking' in funnel).length).toBeGreaterThan(2)
})

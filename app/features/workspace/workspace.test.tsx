import { json } from '@remix-run/node'
import { Form, useActionData } from '@remix-run/react'
import { createRemixStub } from '@remix-run/testing'
import { render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { renderAt } from '~/testing/render'
import type { LimitUsage, WorkspaceLimits, WorkspaceUsage } from '../../../server/domain/workspace/schemas'
import { CloneReportCard } from './clone-report'
import { FunnelCard, themeWords } from './funnel-card'
import type { ImportFailure } from './import-fault'
import { ImportFaults } from './import-faults'
import { linkTargets, neighbours } from './page-ways'
import { seoItems } from './seo'
import { sellRefusal } from './states'
import { LimitNote, UsageNote, usageWords } from './usage-note'
import { WorkspaceFields } from './workspace-fields'
import { RoleTemplates } from './workspace-parts'

const page = (id: string, name = id) => ({
  id,
  linkingId: `x-${id}`,
  name,
  slug: id,
  type: 'PAGE' as const,
  visits: 1_200,
  updatedAt: '2026-11-21T12:00:00.000Z',
})

const funnel = (id: string, pages: ReturnType<typeof page>[]) => ({
  id,
  name: `Funnel ${id}`,
  slug: `f-${id}`,
  status: 'LIVE' as const,
  theme: 'night',
  passwordProtected: false,
  hasTracking: true,
  pages,
})

const limit: LimitUsage = {
  what: 'funnels',
  used: 1,
  limit: 3,
  left: 2,
  where: null,
  refusal: null,
  plans: [],
  addon: {
    addon: 'EXTRA_FUNNEL',
    words: '1 extra funnel in each workspace',
    by: 1,
    price: { amount: 300, currency: 'USD' },
    have: 0,
  },
}
const limits: WorkspaceLimits = {
  planType: 'FREE',
  funnels: limit,
  pages: [{ funnelId: '1', usage: { ...limit, what: 'pagesPerFunnel', used: 36, limit: 35, left: 0 } }],
  readOnly: null,
  readOnlyFunnels: [],
  readOnlyPages: ['p1'],
}

test('a workspace sells when it is active, of the plan AGENCY and may be sold on; else it says why not', () => {
  const sellable = { planType: 'AGENCY', status: 'ACTIVE', notForResale: false } as const
  expect(sellRefusal(sellable)).toBeNull()
  expect(sellRefusal({ ...sellable, planType: 'FREE' })).toMatch(/Agency plan.*yours is Free/)
  expect(sellRefusal({ ...sellable, status: 'FROZEN' })).toMatch(/active/)
  expect(sellRefusal({ ...sellable, notForResale: true })).toMatch(/sold on/)
})

test('the use of a plan is told, and what would raise it before a form that would be refused', () => {
  const usage = {
    what: 'workspaces',
    planType: 'BUSINESS',
    used: 1,
    limit: 5,
    left: 4,
    where: null,
    refusal: null,
    plans: [{ planType: 'AGENCY', limit: null }],
    addon: {
      addon: 'EXTRA_WORKSPACE',
      words: '1 extra workspace',
      by: 1,
      price: { amount: 900, currency: 'USD' },
      have: 0,
    },
  } satisfies WorkspaceUsage
  expect(usageWords(usage)).toContain('1 of 5 workspaces used, 4 left')
  expect(usageWords({ ...usage, used: 2 })).toContain('2 of 5')
  expect(usageWords({ ...usage, limit: null })).toContain('no limit')
  renderAt(<UsageNote usage={{ ...usage, used: 5, refusal: 'AGENCY has no such limit.' }} />)
  expect(screen.getByText(/no room for another/)).toBeInTheDocument()
  expect(screen.getByText(/AGENCY has no such limit/)).toBeInTheDocument()
  expect(screen.getByRole('link', { name: 'Buy the add-on' })).toHaveAttribute(
    'href',
    '/billing?addon=EXTRA_WORKSPACE#add-ons',
  )
  expect(screen.getByRole('link', { name: 'compare the plans' })).toHaveAttribute('href', '/billing/upgrade')
})

test('a limit is told with what is left or over it, and the way to more; without one nothing is said', () => {
  const { container } = renderAt(<LimitNote usage={{ ...limit, used: 4, left: 0, limit: 3 }} />)
  expect(container).toHaveTextContent('4 of 3 funnels used, 1 over the limit. Get more funnels')
  renderAt(<LimitNote usage={{ ...limit, limit: null, left: null, addon: null }} />)
  expect(screen.getAllByText(/used/)).toHaveLength(1)
})

test('pages have the neighbours of their funnel and none of another', () => {
  const tree = { funnels: [funnel('1', [page('p1'), page('p7'), page('p3')]), funnel('2', [page('p2')])] }
  const at = (funnelId: string, pageId: string) => neighbours(tree, { workspaceId: 'w', funnelId, pageId })
  expect(at('1', 'p1')).toEqual({ previous: null, next: { id: 'p7', name: 'p7' } })
  expect(at('1', 'p7')).toMatchObject({ previous: { id: 'p1' }, next: { id: 'p3' } })
  expect(at('1', 'p3').next).toBeNull()
  for (const [funnelId, pageId] of [
    ['2', 'p2'],
    ['2', 'p1'],
    ['9', 'p1'],
  ] as const)
    expect(at(funnelId, pageId)).toEqual({ previous: null, next: null })
})

test('links lead to the pages of this workspace; those that lead nowhere are left out', () => {
  const target = { pageId: 'p4', name: 'x', slug: 'x', funnelId: '2', linkingId: 'x-4' }
  expect(
    linkTargets('w', [
      { href: 'page:p4', target },
      { href: 'page:gone', target: null },
    ]),
  ).toEqual({ p4: '/workspaces/w/funnels/2/pages/p4' })
})

test('SEO is shown in words, whatever it holds', () => {
  expect(
    seoItems({ title: 'A', ogImage: 'b', 'no-index': true, empty: '', none: null, more: { a: 1 } }),
  ).toEqual([
    { term: 'Title', value: 'A' },
    { term: 'Og image', value: 'b' },
    { term: 'No index', value: 'true' },
    { term: 'More', value: '{"a":1}' },
  ])
})

test('a funnel shows how it is set and leads to its pages', () => {
  const themes = [{ key: 'night', name: 'Night' }]
  renderAt(
    <FunnelCard workspaceId="w" funnel={funnel('1', [page('p1', 'Home')])} themes={themes} limits={limits} />,
  )
  expect(screen.getByText('Over the limit: read-only')).toBeInTheDocument()
  expect(screen.getByText(/36 of 35/)).toHaveTextContent('36 of 35, 1 over the limit Get more pages')
  expect(screen.getByRole('link', { name: 'Home' })).toHaveAttribute(
    'href',
    '/workspaces/w/funnels/1/pages/p1',
  )
  expect(screen.getByText('Night')).toBeInTheDocument()
  expect(screen.getByText('1,200')).toBeInTheDocument()
  expect(themeWords(null, themes)).toBe('none')
  expect(themeWords('global:day', themes)).toBe('day (of the platform)')
  expect(themeWords('lost', themes)).toBe('lost')
})

test('a funnel without pages and a role without permissions say so', () => {
  renderAt(
    <>
      <FunnelCard workspaceId="w" funnel={funnel('2', [])} themes={[]} limits={limits} />
      <RoleTemplates templates={[{ name: 'Viewer', permissions: [] }]} />
    </>,
  )
  expect(screen.getByText('This funnel has no pages yet.')).toBeInTheDocument()
  expect(screen.getByText('only look')).toBeInTheDocument()
})

test('the owner of a copy reads first what needs their input', () => {
  const report = {
    copiedAt: '2026-11-21T12:00:00.000Z',
    from: 'Nora Lindqvist',
    bought: true,
    funnels: 1,
    pages: 3,
    copied: ['Pages'],
    reset: ['Slug'],
    notCopied: ['Domains'],
    needsInput: ['Tracking: enter yours.'],
  }
  const { unmount } = renderAt(<CloneReportCard report={report} />)
  expect(screen.getByText(/Bought from Nora Lindqvist/)).toBeInTheDocument()
  expect(screen.getByText('Needs your input')).toBeInTheDocument()
  expect(screen.getByText(/1 funnel and 3 pages/)).toBeInTheDocument()
  unmount()
  renderAt(<CloneReportCard report={{ ...report, bought: false, from: '', needsInput: [] }} />)
  expect(screen.getByText(/made by a seller/)).toBeInTheDocument()
  expect(screen.queryByText('Needs your input')).not.toBeInTheDocument()
})

test('what is wrong with a document takes the focus and lists its places', async () => {
  const failure: ImportFailure = {
    title: 'This cannot be imported.',
    faults: [{ place: 'Funnel 1: slug', path: 'funnels[0].slug', message: 'Is there twice.' }],
    more: 80,
    stopped: true,
    text: '',
  }
  const Import = () => (
    <Form method="post">
      <ImportFaults failure={useActionData<ImportFailure>()} />
      <button type="submit">Import</button>
    </Form>
  )
  const Stub = createRemixStub([
    { path: '/', Component: Import, action: () => json(failure, { status: 400 }) },
  ])
  render(<Stub />)
  await userEvent.click(screen.getByRole('button'))
  const box = await screen.findByRole('alert')
  expect(within(box).getByText('Funnel 1: slug')).toBeInTheDocument()
  expect(within(box).getByText('funnels[0].slug')).toBeInTheDocument()
  expect(within(box).getByText('… and at least 80 more.')).toBeInTheDocument()
  await waitFor(() => expect(box.parentElement).toHaveFocus())
})

test('a refused form keeps what was typed and says what is wrong with it', () => {
  const failure = {
    code: 'INVALID_INPUT',
    formError: 'Some of this is not valid.',
    fieldErrors: { name: 'Must not be empty.' },
    values: { name: ' ', description: 'typed' },
  }
  renderAt(<WorkspaceFields failure={failure} values={{ name: 'Old', description: 'old' }} />)
  expect(screen.getByLabelText('Name')).toHaveAccessibleDescription('Must not be empty.')
  expect(screen.getByLabelText(/Description/)).toHaveValue('typed')
})

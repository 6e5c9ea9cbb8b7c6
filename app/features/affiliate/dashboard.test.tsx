import { createRemixStub } from '@remix-run/testing'
import { render, screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { AffiliateDashboard } from '../../../server/domain/affiliate/schemas'
import { Dashboard } from './dashboard'
import { askedFor } from './dashboard-filter'

const usd = (amount: number) => [{ amount, currency: 'USD' }]
const part = (from: string, to: string, clicks: number, earnings: number) => ({
  from,
  to,
  clicks,
  signups: 1,
  conversions: 0,
  earnings: earnings === 0 ? [] : usd(earnings),
})
const SHOWN: AffiliateDashboard = {
  affiliate: {
    id: 'a',
    affiliateCode: 'mira',
    referralLink: 'https://shop.example/?ref=mira',
    status: 'APPROVED',
    reason: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    rate: '15.00',
    totalReferrals: 1_234,
    totalEarnings: [...usd(1_500), { amount: 300, currency: 'JPY' }],
    pendingEarnings: usd(0),
    paidEarnings: usd(1_500),
  },
  timezone: 'UTC',
  unit: 'day',
  period: { from: '2026-11-01T00:00:00.000Z', to: '2026-11-03T00:00:00.000Z' },
  clicks: 3,
  signups: 2,
  conversions: 0,
  earnings: usd(-500),
  signupRate: '66.67',
  conversionRate: null,
  series: [
    part('2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z', 3, 1_000),
    part('2026-11-02T00:00:00.000Z', '2026-11-03T00:00:00.000Z', 0, -1_500),
  ],
  previous: {
    from: '2026-10-30T00:00:00.000Z',
    to: '2026-11-01T00:00:00.000Z',
    clicks: 9,
    signups: 0,
    conversions: 0,
    earnings: [],
  },
  sources: [{ name: '=cmd', clicks: 3, signups: 2, conversions: 0 }],
  mediums: [],
  campaigns: [],
  landingPages: [],
}
const show = () => {
  const Stub = createRemixStub([{ path: '/', Component: () => <Dashboard shown={SHOWN} /> }])
  render(<Stub />)
}

describe('an affiliate’s dashboard', () => {
  it('shows figures with their currency, never two currencies as one, and a dash over nothing', async () => {
    show()
    const total = (await screen.findByText('Total Earnings')).parentElement as HTMLElement
    expect(total.textContent).toContain('15.00\u00a0USD')
    expect(total.textContent).toContain('300\u00a0JPY')
    expect(screen.getByText('Conversion rate').parentElement?.textContent).toContain('–')
    expect(screen.getByText('66.67 %')).toBeDefined()
  })

  it('says in words what its bars show, and holds the same as a table', async () => {
    show()
    expect(await screen.findByRole('img', { name: 'Clicks: 3 in all' })).toBeDefined()
    const table = screen.getByRole('table', { name: /by day/, hidden: true })
    expect(within(table).getByText('1 Nov 2026')).toBeDefined()
    expect(table.textContent).toContain('−15.00\u00a0USD')
  })
})

describe('what an address asks of the dashboard', () => {
  it.each([
    ['', { timeframe: 'month', timezone: 'UTC' }],
    ['timeframe=__proto__', { timeframe: 'month', timezone: 'UTC' }],
    ['timeframe=week&from=2026-01-01', { timeframe: 'week', timezone: 'UTC' }],
    ['timeframe=custom&from=&to=2026-01-02', { timeframe: 'custom', timezone: 'UTC', to: '2026-01-02' }],
  ])('%j', (query, asked) => {
    expect(askedFor(new URLSearchParams(query))).toEqual(asked)
  })
})

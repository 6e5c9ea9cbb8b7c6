import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test'
import { mailbox, newMember, PASSWORD, until } from './support/client'
import { serveAt } from './support/earlier'
import { lookedAt } from './support/look'
import { type OwnWorld, openWorld } from './support/world'

/**
 * An affiliate from the application to a refund. After each step every place that shows the figures shows the same: the
 * pages, the API, the statement and the ledger. The click of two days ago comes in by the same application with its clock
 * turned back; months pass by the sandbox's clock.
 */
test.describe.configure({ mode: 'serial' })

const ALMA = { email: 'alma@journey.example', password: PASSWORD }
const CHIEF = { email: 'admin@offshoot.example', password: 'a password for the admin' }
const CORA = { email: 'cora@journey.example', first: 'Cora' }
const GRETA = { email: 'greta@journey.example', first: 'Greta' }
const CAMPAIGN = 'utm_source=news&utm_campaign=summer'
const PHONE = { width: 390, height: 844 }

let world: OwnWorld
let alma: Page
let desk: Page
let visiting: BrowserContext
let visitor: Page
let passing: BrowserContext
let passer: Page
let code: string
const complaints: string[] = []

const newPage = async (context: BrowserContext): Promise<Page> => {
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  page.on('pageerror', (error) => complaints.push(error.message))
  return page
}
const signIn = async (page: Page, { email, password }: typeof ALMA): Promise<void> => {
  await page.goto('/auth/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/dashboard/)
}
const mailed = (to: string, subject: RegExp) =>
  until(async () => (await mailbox(world.url)).find((mail) => mail.to === to && subject.test(mail.subject)))

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000)
  world = await openWorld('affiliate.log')
  await newMember(world.url, ALMA.email, 'Alma')
  alma = await newPage(await browser.newContext({ baseURL: world.url, viewport: PHONE }))
  desk = await newPage(await browser.newContext({ baseURL: world.url }))
  visiting = await browser.newContext({ baseURL: world.url, viewport: PHONE })
  visitor = await newPage(visiting)
  passing = await browser.newContext({ baseURL: world.url, viewport: PHONE })
  passer = await newPage(passing)
  await signIn(alma, ALMA)
  await signIn(desk, CHIEF)
})
test.afterAll(async () => {
  await world?.close()
})
test.afterEach(() => expect(complaints.splice(0)).toEqual([]))

interface Money {
  readonly amount: number
  readonly currency: string
}
interface Counted {
  readonly clicks: number
  readonly signups: number
  readonly conversions: number
}
interface Dashboard extends Counted {
  readonly earnings: Money[]
  readonly affiliate: {
    readonly totalReferrals: number
    readonly totalEarnings: Money[]
    readonly pendingEarnings: Money[]
    readonly paidEarnings: Money[]
  }
  readonly series: readonly (Counted & { readonly earnings: Money[] })[]
  readonly sources: readonly (Counted & { readonly name: string })[]
  readonly campaigns: readonly (Counted & { readonly name: string })[]
}
interface Timeline {
  readonly earned: Money[]
  readonly events: readonly {
    readonly kind: string
    readonly commission?: { readonly amount: Money; readonly reversed: Money } | null
  }[]
}

const read = async <T>(path: string): Promise<T> => {
  const answer = await alma.request.get(path)
  expect(answer.status(), path).toBe(200)
  return (await answer.json()) as T
}
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
/** In cents; the journey has one currency. */
const usd = (amounts: readonly Money[]): number => {
  expect(amounts.filter(({ currency }) => currency !== 'USD')).toEqual([])
  return sum(amounts.map(({ amount }) => amount))
}
const inCents = (text: string): number => Number(text.replace('\u2212', '-').replace(/[^0-9-]/g, '') || '0')

/** The figure under a name on the page that is open. */
const stat = async (page: Page, label: string): Promise<number> =>
  inCents(
    await page
      .locator('.stat', { has: page.getByText(label, { exact: true }) })
      .locator('.stat-value')
      .innerText(),
  )

/** A range around everything here, whatever month it is: yesterday's click counts on the first of the month too. */
const DAY = 86_400_000
const day = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10)
const RANGE = `timeframe=custom&from=${day(-10)}&to=${day(1)}&timezone=UTC`

/** Sums of the lines of a statement as CSV, by the names of its columns. */
const csvSums = async (path: string): Promise<{ moved: number; last: number }> => {
  const answer = await alma.request.get(path)
  expect(answer.status(), path).toBe(200)
  const [head = [], ...lines] = (await answer.text())
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
  const cells = (name: string) => lines.map((line) => Number(line[head.indexOf(name)]))
  return { moved: sum(cells('amount_minor')), last: cells('balance_after_minor')[0] ?? 0 }
}

interface Figures extends Counted {
  readonly referrals: number
  readonly earned: number
  readonly pending: number
}

/** Waits until the API says so, then asks everybody else. */
const everybodySays = async (figures: Figures): Promise<void> => {
  const { clicks, signups, conversions, referrals, earned, pending } = figures
  const dashboard = await until(async () => {
    const now = await read<Dashboard>(`/api/affiliate/dashboard?${RANGE}`)
    return (
      usd(now.affiliate.totalEarnings) === earned && usd(now.affiliate.pendingEarnings) === pending && now
    )
  })
  expect(dashboard).toMatchObject({ clicks, signups, conversions })
  expect(dashboard.affiliate.totalReferrals).toBe(referrals)
  expect(usd(dashboard.earnings)).toBe(earned)
  expect(usd(dashboard.affiliate.paidEarnings)).toBe(earned - pending)
  expect(sum(dashboard.series.map((part) => usd(part.earnings)))).toBe(earned)
  for (const parts of [dashboard.series, dashboard.sources, dashboard.campaigns])
    for (const name of ['clicks', 'signups', 'conversions'] as const)
      expect(sum(parts.map((part) => part[name])), name).toBe(figures[name])

  await alma.goto(`/affiliate?${RANGE}`)
  const shown = {
    clicks: await stat(alma, 'Clicks'),
    signups: await stat(alma, 'Sign-ups'),
    conversions: await stat(alma, 'Conversions'),
    referrals: await stat(alma, 'Total Referrals'),
    earned: await stat(alma, 'Total Earnings'),
    pending: await stat(alma, 'Pending Earnings'),
  }
  expect(shown).toEqual(figures)
  expect(await stat(alma, 'Earnings')).toBe(earned)

  const { items } = await read<{ items: { id: string; earned: Money[] }[] }>('/api/affiliate/referrals')
  expect(items).toHaveLength(referrals)
  expect(sum(items.map((one) => usd(one.earned)))).toBe(earned)
  for (const { id, earned: his } of items) await timelineSays(id, usd(his))
  await alma.goto('/affiliate/referrals')
  const rows = alma.getByRole('table', { name: 'Your referrals, newest first' }).locator('tbody tr')
  expect(await rows.count()).toBe(referrals)
  const cells = await rows.locator('td:last-child').allInnerTexts()
  expect(sum(cells.map((cell) => inCents(cell)))).toBe(earned)

  const { balances } = await read<{
    balances: { balance: Money; pendingCommissions: Money; totalEarned: Money }[]
  }>('/api/affiliate/balance')
  const available = usd(balances.map(({ balance }) => balance))
  expect(available).toBe(earned - pending)
  expect(usd(balances.map(({ pendingCommissions }) => pendingCommissions))).toBe(pending)
  expect(usd(balances.map(({ totalEarned }) => totalEarned))).toBe(earned - pending)

  await commissionsSay(earned)
  await balanceSays(available, pending)
  // Whoever refers has sold nothing: what their customers paid is no sale of theirs.
  expect(await read('/api/affiliate/sales-history')).toMatchObject({ items: [] })

  const month = new Date().toISOString().slice(0, 7)
  for (const path of [
    '/api/balance/transactions.csv',
    `/api/balance/statements.csv?month=${month}&currency=USD&timezone=UTC`,
  ])
    expect(await csvSums(path), path).toEqual({ moved: available, last: available })

  const [ledger] = await world.sql<{ available: string; pending: string }[]>`
    select coalesce(sum(e.amount) filter (where a.kind = 'available'), 0) as available,
      coalesce(sum(e.amount) filter (where a.kind = 'pending'), 0) as pending
    from ledger_accounts a join ledger_entries e on e.account_id = a.id join users u on u.id = a.user_id
    where u.email = ${ALMA.email}`
  expect([Number(ledger?.available), Number(ledger?.pending)]).toEqual([available, pending])
}

/** Commission by commission, in the API and on the page. */
const commissionsSay = async (earned: number): Promise<void> => {
  const { items } = await read<{ items: { amount: Money; reversed: Money; net: Money }[] }>(
    '/api/affiliate/commissions',
  )
  expect(usd(items.map(({ net }) => net))).toBe(earned)
  expect(sum(items.map((one) => one.amount.amount - one.reversed.amount))).toBe(earned)
  await alma.goto('/balance/commissions')
  const cells = alma.getByRole('table', { name: 'Your commissions, newest first' }).locator('td:last-child')
  expect(sum((await cells.allInnerTexts()).map((cell) => inCents(cell)))).toBe(earned)
}

/** Line by line, in the API and on the page. */
const balanceSays = async (available: number, pending: number): Promise<void> => {
  const { items } = await read<{ items: { amount: Money; balanceBefore: Money; balanceAfter: Money }[] }>(
    '/api/balance/transactions',
  )
  expect(usd(items.map(({ amount }) => amount))).toBe(available)
  expect(items[0]?.balanceAfter.amount ?? 0).toBe(available)
  for (const [i, line] of items.entries()) {
    expect(line.balanceBefore.amount + line.amount.amount).toBe(line.balanceAfter.amount)
    expect(line.balanceBefore.amount).toBe(items[i + 1]?.balanceAfter.amount ?? 0)
  }
  await alma.goto('/balance')
  if (items.length === 0 && pending === 0) return
  expect(await stat(alma, 'Available in USD')).toBe(available)
  expect(await stat(alma, 'Pending')).toBe(pending)
  expect(await stat(alma, 'Earned in all')).toBe(available)
}

/** What the payments of one customer earned adds up to what they are said to have earned. */
const timelineSays = async (id: string, earned: number): Promise<void> => {
  const { events, earned: said } = await read<Timeline>(`/api/affiliate/referrals/${id}`)
  expect(usd(said)).toBe(earned)
  const commissions = events.flatMap(({ commission }) => commission ?? [])
  expect(sum(commissions.map((one) => one.amount.amount - one.reversed.amount))).toBe(earned)
  await alma.goto(`/affiliate/referrals/${id}`)
  const rows = alma.getByRole('table', { name: /sign-up and payments, oldest first$/ }).locator('tbody tr')
  expect(await rows.count()).toBe(events.length)
  await expect(rows.nth(0)).toContainText('Clicked your link')
  await expect(rows.nth(1)).toContainText('Signed up')
  const cells = await rows.locator('td:nth-child(3) a').allInnerTexts()
  expect(sum(cells.map((cell) => inCents(cell)))).toBe(earned)
}

/** Asks as a program would, without following. */
const asked = (path: string, headers: Record<string, string> = {}, more: RequestInit = {}) =>
  fetch(new URL(path, world.url), { redirect: 'manual', headers, ...more })

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const referralCookie = async (context: BrowserContext) =>
  (await context.cookies()).find(({ name }) => name === 'referral_code')

/** Signs up on the page that is open, and opens the link in the mail. */
const signUp = async (page: Page, { email, first }: typeof CORA): Promise<void> => {
  await expect(page.getByRole('heading', { name: 'Open an account' })).toBeVisible()
  await page.getByLabel('First name').fill(first)
  await page.getByLabel('Last name').fill('Customer')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Open the account' }).click()
  await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
  const mail = await mailed(email, /Confirm/)
  await page.goto(mail.links[0] ?? '')
  await signIn(page, { email, password: PASSWORD })
}

const NOTHING: Figures = { clicks: 0, signups: 0, conversions: 0, referrals: 0, earned: 0, pending: 0 }

test('an affiliate applies, told plainly what is missing, and waits', async () => {
  await alma.goto('/affiliate')
  await expect(alma.getByRole('heading', { name: 'Join Our Affiliate Program' })).toBeVisible()
  await lookedAt(alma)
  await alma.getByLabel('How do you want to be paid?').selectOption('BANK')
  await alma.getByLabel('E-mail address for payments').fill(ALMA.email)
  await alma.getByLabel('IBAN').fill('DE00 1234')
  await alma.getByRole('button', { name: 'Join Now' }).click()
  await expect(alma.getByLabel('IBAN')).toHaveAttribute('aria-invalid', 'true')
  await expect(alma.getByLabel('E-mail address for payments')).toHaveValue(ALMA.email)
  await lookedAt(alma)
  await alma.getByLabel('How do you want to be paid?').selectOption('PAYPAL')
  await alma.getByLabel('IBAN').fill('')
  await alma.getByRole('button', { name: 'Join Now' }).click()
  await expect(alma.getByText('Your affiliate account is pending approval.')).toBeVisible()
  await lookedAt(alma)
  const link = await alma.getByRole('textbox', { name: 'Your Referral Link' }).inputValue()
  code = /([A-Za-z0-9_-]+)$/.exec(link)?.[1] ?? ''
  expect(code).not.toBe('')
})

test('an admin approves, a mail says so, and the dashboard is there with nothing on it', async () => {
  await desk.goto('/admin/affiliates')
  const row = desk.getByRole('row').filter({ hasText: ALMA.email })
  await row.getByText('Approve', { exact: true }).click()
  await row.getByRole('button', { name: 'Approve now' }).click()
  await expect(desk.getByText('Done. The affiliate gets a mail.')).toBeVisible()
  await mailed(ALMA.email, /Welcome to the affiliate programme/)
  await everybodySays(NOTHING)
  await alma.goto('/affiliate')
  await lookedAt(alma)
  await alma.goto('/affiliate/referrals')
  await expect(alma.getByText('Nobody yet')).toBeVisible()
  await lookedAt(alma)
})

test('two days ago a visitor clicks, under a campaign, and leaves it at that', async () => {
  const earlier = await serveAt(world, new Date(Date.now() - 2 * DAY))
  await visitor.goto(`${earlier.url}/r/${code}?${CAMPAIGN}`)
  await expect(visitor).toHaveURL(`${earlier.url}/auth/sign-up?${CAMPAIGN}`)
  await earlier.stop()
  expect(await referralCookie(visiting)).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })
  await everybodySays({ ...NOTHING, clicks: 1 })
})

test('a visit counts once a day; machines, looks ahead and unknown codes count nothing', async () => {
  await passer.goto(`/r/${code}?${CAMPAIGN}`)
  await expect(passer).toHaveURL(`${world.url}/auth/sign-up?${CAMPAIGN}`)
  const kept = await referralCookie(passing)
  expect(kept).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })
  expect((kept?.expires ?? 0) * 1000 - Date.now()).toBeGreaterThan(29 * 86_400_000)
  await passer.goto(`/r/${code}?${CAMPAIGN}`)
  const again = await referralCookie(passing)
  for (const headers of [
    { 'User-Agent': 'curl/8.14.1' },
    { 'User-Agent': 'Mozilla/5.0 (compatible; Examplebot/2.1; +http://example.com/bot.html)' },
    { 'User-Agent': 'facebookexternalhit/1.1' },
    { 'User-Agent': BROWSER, Purpose: 'prefetch' },
    { 'User-Agent': BROWSER, 'Sec-Purpose': 'prefetch;prerender' },
  ]) {
    const answer = await asked(`/r/${code}?${CAMPAIGN}`, headers)
    expect(answer.status, JSON.stringify(headers)).toBe(302)
    expect(answer.headers.getSetCookie(), JSON.stringify(headers)).toEqual([])
  }
  const head = await asked(`/r/${code}`, { 'User-Agent': BROWSER }, { method: 'HEAD' })
  expect([head.status, head.headers.getSetCookie()]).toEqual([302, []])
  for (const unknown of ['NOBODY99', '%00', 'a'.repeat(300)]) {
    await passer.goto(`/r/${unknown}`)
    await expect(passer, unknown).toHaveURL(`${world.url}/auth/sign-up`)
  }
  expect(await referralCookie(passing)).toEqual(again)
  await everybodySays({ ...NOTHING, clicks: 2 })
})

test('a link leads to pages of this site only', async () => {
  for (const to of [
    'https://evil.example/',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/%2f%2fevil.example',
    '/%5cevil.example',
    '/..//evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '/a\r\nSet-Cookie: x=1',
    'evil.example',
    `${world.url}@evil.example/`,
    '',
  ])
    for (const way of [`/r/${code}?`, '/r/NOBODY99?', `/api/track/referral?ref=${code}&`]) {
      const answer = await asked(`${way}to=${encodeURIComponent(to)}`, { 'User-Agent': 'curl/8' })
      expect([answer.status, answer.headers.get('location')], `${way}${to}`).toEqual([302, '/auth/sign-up'])
    }
  await passer.goto(`/r/${code}?to=${encodeURIComponent('//evil.example')}`)
  await expect(passer).toHaveURL(`${world.url}/auth/sign-up`)
  const own = await asked(`/r/${code}?to=/marketplace%3Fq%3Da&${CAMPAIGN}`, { 'User-Agent': 'curl/8' })
  expect(own.headers.get('location')).toBe(`/marketplace?q=a&${CAMPAIGN}`)
})

test('the visitor signs up two days later and is the affiliate’s, under the campaign', async () => {
  await visitor.goto('/auth/sign-up')
  await signUp(visitor, CORA)
  await everybodySays({ ...NOTHING, clicks: 2, signups: 1, referrals: 1 })
  const { items } = await read<{ items: { id: string }[] }>('/api/affiliate/referrals')
  const { events } = await read<{ events: { kind: string; at: string }[] }>(
    `/api/affiliate/referrals/${items[0]?.id}`,
  )
  const [click = 0, signup = 0] = events.map(({ at }) => Date.parse(at))
  expect(Math.round((signup - click) / DAY)).toBe(2)
  await alma.goto('/affiliate/referrals')
  await expect(alma.getByText(CORA.email)).toHaveCount(0)
  await expect(alma.getByText('summer')).toBeVisible()
  await lookedAt(alma)
})

test('who wants no cookies gets none, and is the affiliate’s all the same', async ({ browser }) => {
  const context = await browser.newContext({
    baseURL: world.url,
    viewport: PHONE,
    userAgent: BROWSER,
    extraHTTPHeaders: { 'Sec-GPC': '1' },
  })
  const page = await newPage(context)
  await page.goto(`/r/${code}?to=/marketplace&${CAMPAIGN}`)
  await expect(page).toHaveURL(/\/marketplace\?.*referral=/)
  await page.getByRole('link', { name: 'Sign up' }).first().click()
  await expect(page).toHaveURL(/\/auth\/sign-up\?.*referral=/)
  expect(await context.cookies()).toEqual([])
  await lookedAt(page)
  // What is wrong with the form does not lose who sent them.
  await page.getByLabel('First name').fill(GRETA.first)
  await page.getByLabel('Last name').fill('Customer')
  await page.getByLabel('E-mail').fill('greta@journey')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Open the account' }).click()
  await expect(page.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true')
  await signUp(page, GRETA)
  expect(await referralCookie(context)).toBeUndefined()
  await context.close()
  await everybodySays({ ...NOTHING, clicks: 3, signups: 2, referrals: 2 })
})

/** Everything the sandbox has to tell was told, and done. */
const quiet = () =>
  until(async () => {
    const [row] = await world.sql<{ n: number }[]>`
      select (select count(*) from sandbox_deliveries where not delivered)
        + (select count(*) from webhook_events where status = 'RECEIVED') as n`
    return Number(row?.n) === 0
  })
const monthLater = async () => {
  await visitor.goto('/sandbox')
  await visitor.getByRole('button', { name: 'Advance by 1 month', exact: true }).click()
  await expect(visitor.getByRole('heading', { name: 'Clock of subscriptions' })).toBeVisible()
  await quiet()
}
const BROUGHT = { clicks: 3, signups: 2, conversions: 1, referrals: 2, pending: 0 }

test('a plan that is paid converts, and each renewal earns again', async () => {
  await visitor.goto('/billing/upgrade')
  await visitor.getByLabel(/Pay nothing before my trial ends/).uncheck()
  await visitor.getByRole('button', { name: 'Business for 29.00 USD a month' }).click()
  await visitor.getByLabel('Card number').fill('4242 4242 4242 4242')
  await visitor.getByRole('button', { name: /^(Pay|Start|Subscribe)/ }).click()
  await expect(visitor.getByRole('heading', { name: 'Business is yours' })).toBeVisible({ timeout: 20_000 })
  await everybodySays({ ...BROUGHT, earned: 435 })
  await monthLater()
  await everybodySays({ ...BROUGHT, earned: 870 })
  await monthLater()
  await everybodySays({ ...BROUGHT, earned: 1_305 })
})

let difference = 0

test('an upgrade earns on its difference', async () => {
  await visitor.goto('/billing/change?plan=AGENCY&cycle=MONTHLY')
  const button = visitor.getByRole('button', { name: /^Pay .* and change$/ })
  difference = inCents(await button.innerText())
  expect(difference).toBeGreaterThan(6_000)
  await button.click()
  await expect(visitor.getByText('Your plan is changed.')).toBeVisible()
  await quiet()
  await everybodySays({ ...BROUGHT, earned: 1_305 + Math.round(difference * 0.15) })
})

const paymentOf = async (amount: number): Promise<{ id: string; charge: string }> => {
  const [row] = await world.sql<{ id: string; charge: string }[]>`
    select p.id, p.charge_id as charge from payments p join users u on u.id = p.buyer_id
    where u.email = ${CORA.email} and p.captured_amount = ${amount} order by p.paid_at desc limit 1`
  if (row === undefined) throw new Error(`no payment of ${amount}`)
  return row
}

test('a refund takes back what the payment earned, and the timeline says so', async () => {
  const { id } = await paymentOf(difference)
  await desk.goto(`/admin/payments/${id}`)
  await desk.getByLabel('Reason').fill('She changed her mind')
  await desk.getByRole('button', { name: /^Refund/ }).click()
  await expect(desk.getByText('The refund is asked for.')).toBeVisible()
  await everybodySays({ ...BROUGHT, earned: 1_305 })
  await alma.goto('/affiliate/referrals')
  await lookedAt(alma)
  await alma.getByRole('row').filter({ hasText: '13.05' }).getByRole('link').click()
  await expect(alma.getByText('Taken back')).toBeVisible()
  await expect(alma.getByText('Credited')).toHaveCount(3)
  await lookedAt(alma)
})

test('what a dispute holds is pending until it is won', async () => {
  const { charge } = await paymentOf(2_900)
  await visitor.goto('/sandbox')
  await visitor.getByRole('button', { name: `Open dispute: ${charge}` }).click()
  await everybodySays({ ...BROUGHT, earned: 1_305, pending: 435 })
  await visitor.goto('/sandbox')
  await visitor.getByRole('button', { name: /^Won: / }).click()
  await everybodySays({ ...BROUGHT, earned: 1_305 })
})

test('what a refund of a part takes back stands beside what is left', async () => {
  const { id } = await paymentOf(2_900)
  await desk.goto(`/admin/payments/${id}`)
  await desk.getByLabel(/^Amount/).fill('10')
  await desk.getByRole('button', { name: 'Show what this takes back' }).click()
  await expect(desk.getByText(/^1\.50\sUSD$/).first()).toBeVisible()
  await desk.getByLabel('Reason').fill('A week was lost')
  await desk.getByRole('button', { name: /^Refund 10\.00/ }).click()
  await expect(desk.getByText('The refund is asked for.')).toBeVisible()
  await everybodySays({ ...BROUGHT, earned: 1_155 })
  await alma.goto('/affiliate/referrals')
  await alma.getByRole('row').filter({ hasText: '11.55' }).getByRole('link').click()
  const row = alma.getByRole('row').filter({ hasText: 'Partly taken back' })
  await expect(row).toContainText(/2\.85\sUSD/)
  await expect(row).toContainText(/of 4\.35\sUSD/)
  await lookedAt(alma)
})

test('a question about somebody missing is answered by an admin, on the page and by mail', async () => {
  await alma.goto('/affiliate/referrals')
  await alma.getByLabel('What is wrong?').fill('Hm?')
  await alma.getByRole('button', { name: 'Ask for a review' }).click()
  await expect(alma.getByLabel('What is wrong?')).toHaveAttribute('aria-invalid', 'true')
  await expect(alma.getByLabel('What is wrong?')).toHaveValue('Hm?')
  await lookedAt(alma)
  const question = 'My neighbour signed up on Tuesday <b>through</b> my link.'
  await alma.getByLabel('What is wrong?').fill(question)
  await alma.getByRole('button', { name: 'Ask for a review' }).click()
  await expect(alma.getByText('Asked. An admin looks at it, and you get a mail.')).toBeVisible()
  await expect(alma.getByText('Waiting')).toBeVisible()
  await desk.goto('/admin/reviews')
  await expect(desk.getByText(question)).toBeVisible()
  await lookedAt(desk)
  const answer = 'They came two months after their click, which is too late.'
  await desk.getByLabel('Answer').fill(answer)
  await desk.getByRole('button', { name: 'Answer' }).click()
  await expect(desk.getByText('Answered. They get a mail.')).toBeVisible()
  await expect(desk.getByText('No question is open')).toBeVisible()
  const mail = await mailed(ALMA.email, /An answer to your question about a referral/)
  expect(mail.text).toContain(answer)
  await alma.reload()
  await expect(alma.getByText(answer)).toBeVisible()
  await lookedAt(alma)
})

const withoutScripts = async (browser: Browser): Promise<Page> => {
  const storageState = await alma.context().storageState()
  const context = await browser.newContext({
    baseURL: world.url,
    viewport: PHONE,
    javaScriptEnabled: false,
    storageState,
  })
  return context.newPage()
}

test('without scripts the dashboard has its charts, its table and its filter', async ({ browser }) => {
  const page = await withoutScripts(browser)
  await page.goto(`/affiliate?${RANGE}`)
  await expect(page.getByRole('img', { name: 'Clicks: 3 in all' })).toBeVisible()
  await expect(page.getByRole('img', { name: /^Earnings, USD: 11\.55\sUSD in all$/ })).toBeVisible()
  await page.getByText('The same as a table').click()
  const table = page.getByRole('table', { name: 'Clicks, sign-ups, conversions and earnings by day' })
  await expect(table).toBeVisible()
  await expect(table.getByText(/^11\.55\sUSD$/)).toBeVisible()
  await page.getByLabel('Time', { exact: true }).selectOption('day')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(page).toHaveURL(/timeframe=day/)
  await expect(page.getByRole('img', { name: 'Clicks: 2 in all' })).toBeVisible()
  await page.goto('/affiliate?timeframe=custom&from=2026-02-02&to=2026-02-01')
  await expect(page.getByText(/This month is shown instead/)).toBeVisible()
  await page.context().close()
})

test('a range of two hundred years is refused in plain words, by the API and on the page', async () => {
  for (const [range, why] of [
    ['from=1990-01-01&to=2189-12-31', 'At most 1830 days, which is five years.'],
    ['from=1826-01-01&to=2026-01-01', 'A day such as 2026-11-21, from 1970 on.'],
  ] as const) {
    const answer = await alma.request.get(`/api/affiliate/dashboard?timeframe=custom&${range}`)
    expect(answer.status()).toBe(400)
    expect(await answer.json()).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: ['from'], message: why }],
    })
    await alma.goto(`/affiliate?timeframe=custom&${range}`)
    await expect(alma.getByText('This month is shown instead.')).toBeVisible()
    await lookedAt(alma)
  }
})

test('the dashboard and its charts fit the narrowest screen, light and dark', async () => {
  await alma.setViewportSize({ width: 320, height: 700 })
  for (const colorScheme of ['light', 'dark'] as const) {
    await alma.emulateMedia({ colorScheme })
    for (const path of [
      '/affiliate/referrals',
      '/affiliate',
      '/affiliate?timeframe=day',
      '/affiliate?timeframe=year',
    ]) {
      await alma.goto(path)
      await lookedAt(alma)
    }
    await alma.getByText('The same as a table').click()
    await alma.getByText('QR code').click()
    await lookedAt(alma)
  }
})

test('the books add up in the end', async () => {
  const answer = await desk.request.get('/api/admin/ledger/verify')
  expect(await answer.json()).toMatchObject({ ok: true })
})

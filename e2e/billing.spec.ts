import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { type Client, mailbox, newMember, ok, PASSWORD, until } from './support/client'
import { lookedAt } from './support/look'
import { type OwnWorld, openWorld } from './support/world'

/** One subscription to a plan, from its trial to its end, with what it earns the affiliate after each step. */
test.describe.configure({ mode: 'serial', timeout: 120_000 })

let world: OwnWorld
let affiliate: Client
let admin: Client
let code: string
let context: BrowserContext
let page: Page
const email = 'cora@journey.example'
const complaints: string[] = []

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000)
  world = await openWorld('billing.log')
  context = await browser.newContext({ baseURL: world.url, viewport: { width: 390, height: 844 } })
  page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
})
test.afterAll(async () => {
  await context.close()
  await world.close()
})
test.afterEach(() => expect(complaints.splice(0)).toEqual([]))

/** The affiliate's balance in cents, and what is still held. */
const earned = async () => {
  const { balances } = ok(
    await affiliate.get<{
      balances: { currency: string; balance: { amount: number }; pendingCommissions: { amount: number } }[]
    }>('/api/affiliate/balance'),
  )
  const usd = balances.find(({ currency }) => currency === 'USD')
  return { balance: usd?.balance.amount ?? 0, held: usd?.pendingCommissions.amount ?? 0 }
}
const balanceBecomes = (balance: number, held = 0) =>
  until(async () => {
    const now = await earned()
    return now.balance === balance && now.held === held
  })
const mailed = (subject: RegExp) =>
  until(async () =>
    (await mailbox(world.url)).find((mail) => mail.to === email && subject.test(mail.subject)),
  )

/** Everything the sandbox has to tell was told, and done. */
const quiet = () =>
  until(async () => {
    const [row] = await world.sql<{ n: number }[]>`
      select (select count(*) from sandbox_deliveries where not delivered)
        + (select count(*) from webhook_events where status = 'RECEIVED') as n`
    return Number(row?.n) === 0
  })
const advance = async (...steps: string[]) => {
  for (const step of steps) {
    await page.goto('/sandbox')
    await page.getByRole('button', { name: `Advance by ${step}`, exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Clock of subscriptions' })).toBeVisible()
    await quiet()
  }
  await page.goto('/billing')
}
const useCard = async (number: string) => {
  await page.goto('/billing')
  await page
    .getByRole('button', { name: /Cards and invoices|Pay with another card/ })
    .first()
    .click()
  await page.getByLabel('Card number').fill(number)
  await page.getByRole('button', { name: 'Use this card' }).click()
  await page.getByRole('link', { name: 'Go back' }).click()
  await expect(page).toHaveURL(/\/billing/)
}
const payments = () => world.sql<{ id: string; captured_amount: string; charge_id: string; type: string }[]>`
  select p.id, p.captured_amount, p.charge_id, p.type from payments p join users u on u.id = p.buyer_id
  where u.email = ${email} order by p.paid_at, p.id`

test('an affiliate joins, is approved, and brings a customer who signs up', async () => {
  affiliate = await newMember(world.url, 'alma@journey.example', 'Alma')
  const joined = ok(
    await affiliate.post<{ affiliate: { id: string; affiliateCode: string } }>('/api/affiliate/join', {
      paymentEmail: 'alma@journey.example',
      paymentMethod: 'PAYPAL',
    }),
  )
  code = joined.affiliate.affiliateCode
  admin = await world.admin()
  ok(await admin.post(`/api/admin/affiliates/${joined.affiliate.id}/approve`, {}))
  await page.goto(`/r/${code}`)
  await expect(page.getByRole('heading', { name: 'Open an account' })).toBeVisible()
  await page.getByLabel('First name').fill('Cora')
  await page.getByLabel('Last name').fill('Customer')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Open the account' }).click()
  const mail = await until(async () => (await mailbox(world.url)).find(({ to }) => to === email))
  await page.goto(mail.links[0] ?? '')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/dashboard/)
})

test('she chooses a plan that is paid when her trial ends', async () => {
  await page.goto('/billing')
  await expect(page.getByText(/Your trial of Business runs until/)).toBeVisible()
  await lookedAt(page)
  await page.getByRole('link', { name: 'Choose a plan' }).click()
  await expect(page.getByLabel(/Pay nothing before my trial ends/)).toBeChecked()
  await lookedAt(page)
  await page.getByRole('button', { name: 'Business for 29.00 USD a month' }).click()
  await expect(page.getByText(/days free, then/)).toBeVisible()
  await page.getByRole('button', { name: 'Start free trial' }).click()
  await expect(page.getByRole('heading', { name: 'Business is yours' })).toBeVisible({ timeout: 20_000 })
  await lookedAt(page)
  await page.getByRole('link', { name: 'See your plan' }).click()
  await expect(page.getByText(/29\.00\sUSD is charged for the first time on/)).toBeVisible()
  await lookedAt(page)
  expect(await earned()).toEqual({ balance: 0, held: 0 })
})

test('the trial ends with the first payment, and each renewal earns again', async () => {
  await advance('7 days', ...Array.from({ length: 5 }, () => '1 day'))
  await mailed(/Your trial ends soon/)
  await advance('1 day', '1 day', '1 day')
  await balanceBecomes(435)
  await expect(page.getByText(/The next 29\.00\sUSD is charged on/)).toBeVisible()
  await advance('1 month')
  await balanceBecomes(870)
  await mailed(/Receipt: 29.00 USD/)
})

test('a renewal that fails is said plainly, and paid by hand', async () => {
  await useCard('4000 0000 0000 0341')
  await advance('1 month', '1 hour')
  await expect(page.getByText('Your last payment did not go through')).toBeVisible()
  await lookedAt(page)
  await mailed(/Your payment of 29.00 USD did not go through/)
  await balanceBecomes(870)
  await page.getByRole('button', { name: 'Pay it now' }).click()
  await page.getByLabel('Card number').fill('4242 4242 4242 4242')
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await page.getByRole('link', { name: 'Go back' }).click()
  await balanceBecomes(1_305)
  await quiet()
  await page.goto('/billing')
  await expect(page.getByText(/The next 29\.00\sUSD is charged on/)).toBeVisible()
  await useCard('4242 4242 4242 4242')
})

let difference = 0

test('an upgrade costs the difference that was shown, and earns on it', async () => {
  await page.getByRole('link', { name: 'Change the plan' }).click()
  await page.getByRole('link', { name: 'Change to Agency for 99.00 USD a month' }).click()
  await expect(page.getByRole('heading', { name: 'Change to Agency, paid monthly' })).toBeVisible()
  await lookedAt(page)
  const button = page.getByRole('button', { name: /^Pay .* and change$/ })
  difference = Number(((await button.textContent()) ?? '').replace(/[^0-9]/g, ''))
  expect(difference).toBeGreaterThan(6_000)
  expect(difference).toBeLessThanOrEqual(7_000)
  await button.click()
  await expect(page.getByText('Your plan is changed.')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Your plan is Agency' })).toBeVisible()
  await balanceBecomes(1_305 + Math.round(difference * 0.15))
  const [newest] = (await payments()).slice(-1)
  expect(Number(newest?.captured_amount)).toBe(difference)
})

test('a refund of it takes back what it earned', async () => {
  const upgrade = (await payments()).find((one) => Number(one.captured_amount) === difference)
  ok(await admin.post(`/api/payment/${upgrade?.id}/refund`, { reason: 'She asked for it' }))
  await balanceBecomes(1_305)
  await page.goto('/billing')
  await expect(page.getByText('Refunded').first()).toBeVisible()
})

test('a downgrade takes nothing away, and its credit pays the next period', async () => {
  await page.getByRole('link', { name: 'Change the plan' }).click()
  await page.getByRole('link', { name: 'Change to Business for 29.00 USD a month' }).click()
  await expect(page.getByText('You can no longer sell')).toBeVisible()
  await expect(page.getByText('Left as credit')).toBeVisible()
  await lookedAt(page)
  await page.getByRole('button', { name: 'Change to Business' }).click()
  await expect(page.getByRole('heading', { name: 'Your plan is Business' })).toBeVisible()
  await balanceBecomes(1_305)
  await advance('1 month')
  await balanceBecomes(1_305)
  expect((await payments()).filter(({ captured_amount: cash }) => Number(cash) === 0).length).toBeGreaterThan(
    1,
  )
})

test('a dispute holds what its payment earned, and a lost one takes it back', async () => {
  const renewal = (await payments()).find(({ captured_amount: cash }) => Number(cash) === 2_900)
  await page.goto('/sandbox')
  await page.getByRole('button', { name: `Open dispute: ${renewal?.charge_id}` }).click()
  await balanceBecomes(870, 435)
  await page.getByRole('button', { name: /^Lost: / }).click()
  await balanceBecomes(870)
})

test('cancelled, the plan stays to the end of its period, and nothing more is charged', async () => {
  await page.goto('/billing')
  await page.getByText('End the subscription').click()
  await page.getByRole('button', { name: 'Yes, end it' }).click()
  await expect(page.getByText(/The subscription is cancelled/)).toBeVisible()
  await expect(page.getByText(/It ends on .*; nothing more is charged/)).toBeVisible()
  await lookedAt(page)
  await page.getByRole('button', { name: 'Go on with it after all' }).click()
  await expect(page.getByText('The subscription goes on.')).toBeVisible()
  await page.getByText('End the subscription').click()
  await page.getByRole('button', { name: 'Yes, end it' }).click()
  await expect(page.getByText(/It ends on/)).toBeVisible()
  const before = (await payments()).length
  await advance('1 month', '1 day')
  await mailed(/Your BUSINESS subscription has ended/)
  await expect(page.getByRole('heading', { name: /Your plan is (Free|Business)/ })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Choose a plan' })).toBeVisible()
  expect((await payments()).length).toBe(before)
  await balanceBecomes(870)
})

test('without scripts the same pages do the same', async ({ browser }) => {
  const plain = await browser.newContext({
    baseURL: world.url,
    javaScriptEnabled: false,
    storageState: await context.storageState(),
  })
  const still = await plain.newPage()
  await still.goto('/billing/upgrade')
  await still.getByRole('button', { name: 'Agency for 990.00 USD a year' }).click()
  await still.getByRole('button', { name: /^Pay / }).click()
  await expect(async () => {
    await still.reload()
    await expect(still.getByRole('heading', { name: 'Agency is yours' })).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 30_000 })
  await still.goto('/billing/change?plan=AGENCY&cycle=MONTHLY')
  await expect(still.getByText('Left as credit')).toBeVisible()
  expect((await still.goto('/billing/change?plan=GOLD&cycle=MONTHLY'))?.status()).toBe(400)
  await expect(still.getByText('There is no such plan.')).toBeVisible()
  expect((await still.goto('/billing/change?plan=AGENCY&cycle=YEARLY'))?.status()).toBe(409)
  expect((await still.goto('/billing/success?session_id=cs_guess'))?.status()).toBe(404)
  await balanceBecomes(870 + 14_850)
  await plain.close()
})

test('the books add up in the end', async () => {
  const proof = ok(await admin.get<{ ok: boolean }>('/api/admin/ledger/verify'))
  expect(proof).toMatchObject({ ok: true })
})

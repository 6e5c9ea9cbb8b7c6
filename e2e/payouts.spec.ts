import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { Client, mailbox, newMember, ok, PASSWORD, payAtSandbox, until } from './support/client'
import { workspaceDocument } from './support/document'
import { lookedAt } from './support/look'

const run = Date.now()
const email = `paid-seller-${run}@journey.example`
const ADMIN = { email: 'admin@offshoot.example', password: 'demo-admin-please-change' }

test.describe.configure({ mode: 'serial' })

let selling: BrowserContext
let deciding: BrowserContext
let shop: Page
let desk: Page

const signIn = async (page: Page, who: { email: string; password: string }): Promise<void> => {
  await page.goto('/auth/sign-in')
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/dashboard/)
}

/** The job and the webhooks are other processes' work: the page is looked at until it says so. */
const says = async (page: Page, path: string, words: string): Promise<void> => {
  await expect(async () => {
    await page.goto(path)
    await expect(page.getByText(words).first()).toBeVisible({ timeout: 500 })
  }).toPass({ timeout: 20_000 })
}

test.beforeAll(async ({ browser }) => {
  selling = await browser.newContext({ viewport: { width: 390, height: 844 } })
  deciding = await browser.newContext()
  shop = await selling.newPage()
  desk = await deciding.newPage()
})
test.afterAll(async () => {
  await selling.close()
  await deciding.close()
})

test('a seller earns', async ({ baseURL }) => {
  const site = baseURL ?? ''
  const seller = await newMember(site, email, 'Paula')
  const admin = new Client(site)
  ok(await admin.post('/api/auth/sign-in', ADMIN))
  const { user } = ok(await seller.get<{ user: { id: string } }>('/api/auth/me'))
  ok(await admin.patch(`/api/admin/users/${user.id}`, { planType: 'AGENCY' }))
  const source = ok(
    await seller.post<{ id: string }>('/api/workspace/import', workspaceDocument(`Paid Kit ${run}`, 1, 1)),
  )
  const link = ok(
    await seller.post<{ token: string }>('/api/affiliate/generate-affiliate-link', {
      name: 'Kit',
      workspaceId: source.id,
      planType: 'FREE',
      offer: { mode: 'ONE_OFF', price: { amount: 100_000, currency: 'USD' } },
    }),
  )
  const { url } = ok(
    await new Client(site).post<{ url: string }>('/api/payment/create-payment-link', {
      paymentType: 'WORKSPACE_PURCHASE',
      affiliateToken: link.token,
      email: `paid-buyer-${run}@journey.example`,
      firstName: 'Bea',
      lastName: 'Buyer',
    }),
  )
  await payAtSandbox(site, url)
  await signIn(shop, { email, password: PASSWORD })
  await says(shop, '/balance', '200.00 USD')
})

test('sets up Stripe on its own pages, asked for the password first', async () => {
  await shop.goto('/balance/payout-method?kind=STRIPE')
  await expect(shop.getByText('asks who you are and where your bank is')).toBeVisible()
  await lookedAt(shop)
  await shop.getByLabel('Your password').fill('not the password')
  await shop.getByRole('button', { name: 'Continue at Stripe' }).click()
  await expect(shop.getByText('This is not your password.').first()).toBeVisible()

  await shop.getByLabel('Your password').fill(PASSWORD)
  await shop.getByRole('button', { name: 'Continue at Stripe' }).click()
  await expect(shop.getByRole('heading', { name: 'Set up payouts' })).toBeVisible()
  await lookedAt(shop)
  await shop.getByRole('button', { name: 'Leave for now' }).click()
  await expect(shop.getByText('Not finished')).toBeVisible()
  await lookedAt(shop)
  await shop.goto('/balance/withdraw?currency=USD')
  await expect(shop.getByText('Stripe does not pay to your account yet')).toBeVisible()
  await lookedAt(shop)
  await shop.getByRole('link', { name: 'See what is missing' }).click()

  await shop.getByLabel('Your password').fill(PASSWORD)
  await shop.getByRole('button', { name: 'Continue at Stripe' }).click()
  await shop.getByRole('button', { name: 'Finish: all is in order' }).click()
  await expect(shop.getByText('Your withdrawals are sent to this account')).toBeVisible()
  await lookedAt(shop)
})

test('withdraws, is approved, and is paid without anybody paying', async () => {
  const seller = await requestFromPage('60')
  await lookedAt(seller)
  await signIn(desk, ADMIN)
  await desk.goto('/admin/withdrawals')
  const row = desk.getByRole('row').filter({ hasText: email })
  await row.getByText('Approve', { exact: true }).click()
  await row.getByRole('button', { name: 'Approve now' }).click()
  await says(shop, '/balance', 'Sent to Stripe on')
  await says(shop, '/balance', 'Reference: tr_')
  await lookedAt(shop)
  await desk.goto('/admin/withdrawals?status=PAID')
  await expect(desk.getByRole('row').filter({ hasText: email }).getByText('Reference: tr_')).toBeVisible()
  await lookedAt(desk)
})

test('what Stripe takes back is on the balance again, and the seller is told', async ({ baseURL }) => {
  const site = baseURL ?? ''
  await desk.goto('/sandbox')
  await lookedAt(desk)
  await desk
    .getByRole('button', { name: /^Reverse: tr_/ })
    .first()
    .click()
  await says(shop, '/balance', 'Stripe took the payment back.')
  await expect(shop.getByText('Returned').first()).toBeVisible()
  await lookedAt(shop)
  const mine = await until(async () => {
    const found = (await mailbox(site)).filter(
      ({ to, text }) => to === email && text.includes('took the payment back'),
    )
    return found.length > 0 && found
  })
  expect(mine).toHaveLength(1)
})

test('what Stripe refuses fails with its reason, and can be asked for again', async () => {
  await desk.goto('/sandbox')
  await desk.getByText('Arm a fault', { exact: true }).click()
  await desk.getByLabel('What goes wrong').selectOption('balance')
  await desk.getByLabel('With which event or call').fill('transfers')
  await desk.getByRole('button', { name: 'Arm it' }).click()
  await requestFromPage('70')
  await desk.goto('/admin/withdrawals')
  const row = desk.getByRole('row').filter({ hasText: email })
  await row.getByText('Approve', { exact: true }).click()
  await row.getByRole('button', { name: 'Approve now' }).click()
  await says(desk, '/admin/withdrawals?status=FAILED', "The platform's balance at Stripe does not cover it")
  await lookedAt(desk)
  await says(shop, '/balance', "The platform's balance at Stripe does not cover it")
})

/** Through the page, whatever it asks to confirm on the way. */
const requestFromPage = async (amount: string): Promise<Page> => {
  await shop.goto('/balance/withdraw?currency=USD')
  await shop.getByLabel('Amount').fill(amount)
  await shop.getByRole('button', { name: 'Go on' }).click()
  await shop.getByRole('button', { name: 'Request this withdrawal' }).click()
  await expect(shop.getByText('Waiting for approval').first()).toBeVisible()
  return shop
}

import { type Browser, expect, type Page, test } from '@playwright/test'
import { type Client, newMember, ok, PASSWORD, payAtSandbox, until } from './support/client'
import { workspaceDocument } from './support/document'
import { lookedAt } from './support/look'
import { type OwnWorld, openWorld } from './support/world'

/** A referral that looks like the affiliate's own: held, judged by an admin, and told to who would earn it. */

test.describe.configure({ mode: 'serial' })

const CHIEF = { email: 'admin@offshoot.example', password: 'a password for the admin' }
const AFFILIATE = { email: 'ada.affiliate@gmail.com', password: PASSWORD }

let world: OwnWorld
let desk: Page
let affiliate: Page

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000)
  world = await openWorld('fraud.log')
  const admin = await world.admin()
  const seller = await newMember(world.url, 'mona@journey.example', 'Mona')
  const me = ok(await seller.get<{ user: { id: string } }>('/api/auth/me'))
  ok(await admin.patch(`/api/admin/users/${me.user.id}`, { planType: 'AGENCY' }))
  const ada = await newMember(world.url, AFFILIATE.email, 'Ada')
  const joined = ok(
    await ada.post<{ affiliate: { id: string; affiliateCode: string } }>('/api/affiliate/join', {
      paymentEmail: AFFILIATE.email,
      paymentMethod: 'PAYPAL',
      paymentDetails: { email: AFFILIATE.email },
    }),
  ).affiliate
  ok(await admin.post(`/api/admin/affiliates/${joined.id}/approve`))
  const source = ok(
    await seller.post<{ id: string }>('/api/workspace/import', workspaceDocument('Money Kit', 1, 1)),
  )
  const { token } = ok(
    await seller.post<{ token: string }>('/api/affiliate/generate-affiliate-link', {
      name: 'Kit',
      workspaceId: source.id,
      planType: 'FREE',
      offer: { mode: 'ONE_OFF', price: { amount: 10_000, currency: 'USD' } },
    }),
  )
  const customer = await newMember(world.url, 'bea@journey.example', 'Bea')
  await world.sql`insert into attributions (customer_id, affiliate_id, rate_percentage, clicked_at, code, created_at)
    select u.id, ${joined.id}, 15, u.created_at, ${joined.affiliateCode}, u.created_at from users u where u.email = 'bea@journey.example'`
  await world.sql`insert into clicks (day, affiliate_id, visitor, clicked_at, source, medium, campaign, landing_page, paid_search)
    values (current_date, ${joined.id}, '\x01', now(), 'search', 'cpc', '', '/', true)`
  await buy(customer, token)
  // From now on the payer's mailbox is the one that the affiliate gave for payments.
  await world.sql`update affiliates set payment_email = 'bea+2@journey.example' where id = ${joined.id}`
  await buy(customer, token)
  await buy(customer, token)
  desk = await signedIn(browser, CHIEF)
  affiliate = await signedIn(browser, AFFILIATE, { width: 390, height: 844 })
})
test.afterAll(async () => world?.close())

const buy = async (customer: Client, affiliateToken: string): Promise<void> => {
  const { id, url } = ok(
    await customer.post<{ id: string; url: string }>(
      '/api/payment/create-payment-link',
      {
        paymentType: 'WORKSPACE_PURCHASE',
        affiliateToken,
        email: 'bea@journey.example',
        firstName: 'Bea',
        lastName: 'Buyer',
      },
      { 'Idempotency-Key': crypto.randomUUID() },
    ),
  )
  await payAtSandbox(world.url, url)
  await until(async () => {
    const [row] = await world.sql`select from orders where id = ${id} and status = 'FULFILLED'`
    return row
  })
}

const signedIn = async (
  browser: Browser,
  who: { email: string; password: string },
  viewport = { width: 1280, height: 900 },
): Promise<Page> => {
  const page = await (await browser.newContext({ viewport, baseURL: world.url })).newPage()
  page.setDefaultTimeout(10_000)
  await page.goto('/auth/sign-in')
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/dashboard/)
  return page
}

/** At both widths and in both schemes: wide enough for what it shows, and no rule of accessibility broken. */
const lookedAtAll = async (page: Page): Promise<void> => {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [320, 390, 1280]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      await lookedAt(page)
    }
}

test('what is held is said to who would earn it, in plain words', async () => {
  await affiliate.goto('/balance/commissions')
  await expect(affiliate.getByText('Held for review').first()).toBeVisible()
  await affiliate.locator('a[href^="/balance/commissions/"]').first().click()
  await expect(affiliate.getByText(/An admin looks at it before it is credited/)).toBeVisible()
  await lookedAtAll(affiliate)
})

test('an admin sees what is equal to what, and needs a reason to decide', async () => {
  await desk.goto('/admin/fraud')
  await expect(desk.getByText(/to be written to about payments/).first()).toBeVisible()
  await expect(desk.getByText(/1 of 1 clicks in 30 days/)).toBeVisible()
  await lookedAtAll(desk)
  await desk.getByText('Refuse', { exact: true }).first().click()
  await desk.locator('[name=reason]:visible').fill(' ')
  await desk.getByRole('button', { name: 'Refuse now' }).first().click()
  await expect(desk.getByText('Say why, in words.').first()).toBeVisible()
  await desk.locator('[name=reason]:visible').fill('Your own mailbox paid it.')
  await desk.getByRole('button', { name: 'Refuse now' }).first().click()
  await expect(desk.getByText('Decided. Who earns it gets a mail.')).toBeVisible()
  await desk.getByText('Release', { exact: true }).first().click()
  await desk.locator('[name=reason]:visible').fill('They share a till.')
  await desk.getByRole('button', { name: 'Release now' }).first().click()
  await expect(desk.getByText('Nothing waits for you')).toBeVisible()
  await desk.goto('/admin/fraud?state=REFUSED')
  await expect(desk.getByText('Your own mailbox paid it.')).toBeVisible()
  await lookedAtAll(desk)
})

test('and the affiliate reads what was decided, and why', async () => {
  await affiliate.goto('/balance/commissions?status=REVERSED')
  await affiliate.locator('a[href^="/balance/commissions/"]').first().click()
  await expect(affiliate.getByText('Reason: Your own mailbox paid it.')).toBeVisible()
  await expect(affiliate.getByText('Computed again just now, to the same figures')).toBeVisible()
})

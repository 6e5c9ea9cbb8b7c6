import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { Client, mailbox, ok, until } from './support/client'
import { workspaceDocument } from './support/document'
import { lookedAt } from './support/look'

const PASSWORD = 'a walk along the river'
const run = Date.now()
const seller = { email: `seller-${run}@journey.example`, first: 'Sally', last: 'Seller' }
const buyer = { email: `buyer-${run}@journey.example`, first: 'Bea', last: 'Buyer' }

test.describe.configure({ mode: 'serial' })

let selling: BrowserContext
let buying: BrowserContext
let shop: Page
let visitor: Page
let link: string
let before: string
let sourceId: string

/** A page that fails the test when the browser complains or it breaks a rule of accessibility. */
const newPage = async (context: BrowserContext): Promise<Page> => {
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A refusal shows itself as a failed load, and is looked at where it is provoked.
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text())
  })
  return page
}
let complaints: string[] = []

const signIn = async (page: Page, email: string): Promise<void> => {
  await page.goto('/auth/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/dashboard/)
}

const pay = async (page: Page, card: string): Promise<void> => {
  await page.getByLabel('Card number').fill(card)
  await page.getByRole('button', { name: /^(Pay|Start)/ }).click()
}

test.beforeAll(async ({ browser }) => {
  selling = await browser.newContext()
  buying = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
  shop = await newPage(selling)
  visitor = await newPage(buying)
})
test.afterAll(async () => {
  await selling.close()
  await buying.close()
})
test.afterEach(() => {
  expect(complaints).toEqual([])
  complaints = []
})

test('a seller signs up, confirms the address and signs in', async ({ baseURL }) => {
  await shop.goto('/')
  await lookedAt(shop)
  await shop.getByRole('link', { name: 'Sign up' }).first().click()
  await expect(shop.getByRole('heading', { name: 'Open an account' })).toBeVisible()
  await lookedAt(shop)
  await shop.getByLabel('First name').fill(seller.first)
  await shop.getByLabel('Last name').fill(seller.last)
  await shop.getByLabel('E-mail').fill(seller.email)
  await shop.getByLabel('Password').fill(PASSWORD)
  await shop.getByRole('button', { name: 'Open the account' }).click()
  await expect(shop.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
  const mail = await until(async () => (await mailbox(baseURL ?? '')).find(({ to }) => to === seller.email))
  expect(mail.subject).toBe('Confirm your e-mail address')
  await shop.goto(mail.links[0] ?? '')
  await expect(shop).toHaveURL(/\/auth\/sign-in\?verified=1/)
  await signIn(shop, seller.email)
  await expect(shop.getByText("Sally Seller's Organization")).toBeVisible()
  await expect(shop.getByText('14 days left')).toBeVisible()
  await lookedAt(shop)
})

test('a trial can build but not sell; an admin grants the plan that can', async ({ baseURL }) => {
  await shop.goto('/links/new')
  await expect(shop.getByText(/Agency plan/).first()).toBeVisible()
  await lookedAt(shop)
  const admin = new Client(baseURL ?? '')
  ok(
    await admin.post('/api/auth/sign-in', {
      email: 'admin@offshoot.example',
      password: 'demo-admin-please-change',
    }),
  )
  const me = await shop.evaluate(async () => (await fetch('/api/auth/me')).json())
  ok(await admin.patch(`/api/admin/users/${me.user.id}`, { planType: 'AGENCY' }))
})

test('the seller imports a workspace, told plainly when the document is wrong', async () => {
  await shop.goto('/workspaces')
  await lookedAt(shop)
  await shop.goto('/workspaces/import')
  await lookedAt(shop)
  await shop.getByLabel(/paste/i).fill('{"format":"something else"}')
  await shop.getByRole('button', { name: 'Import the document' }).click()
  await expect(shop.getByText(/format/i).first()).toBeVisible()
  await lookedAt(shop)
  await shop.getByLabel('Workspace document').setInputFiles({
    name: 'kit.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(workspaceDocument(`Journey Kit ${run}`, 3, 4))),
  })
  await shop.getByRole('button', { name: 'Import the document' }).click()
  await expect(shop.getByRole('heading', { name: `Journey Kit ${run}` })).toBeVisible()
  await lookedAt(shop)
  sourceId = new URL(shop.url()).pathname.split('/')[2] ?? ''
  await shop.getByRole('link', { name: 'Page 2' }).first().click()
  await expect(shop.getByText(`This is page 1 of Journey Kit ${run}`)).toBeVisible()
  await lookedAt(shop)
  before = await shop.evaluate(async (id) => (await fetch(`/api/workspace/${id}/export`)).text(), sourceId)
})

test('the seller makes a link and sees before what it will earn', async () => {
  await shop.goto(`/links/new?workspace=${sourceId}`)
  await shop.getByLabel('Name').fill('Spring offer')
  await shop.getByLabel('Price').fill('115')
  await expect(shop.getByText('23.00 USD').first()).toBeVisible()
  await lookedAt(shop)
  await shop.getByRole('button', { name: 'Make the link' }).click()
  const field = shop.getByRole('textbox', { name: 'Link for buyers' })
  await expect(field).toBeVisible()
  link = await field.inputValue()
  await selling.grantPermissions(['clipboard-read', 'clipboard-write'])
  await shop.getByRole('button', { name: 'Copy' }).click()
  await expect(shop.getByRole('button', { name: 'Copied!' })).toBeVisible()
  await lookedAt(shop)
  await shop.goto('/links')
  await lookedAt(shop)
})

test('a visitor sees what is sold, declines to pay, is declined, and pays', async () => {
  await visitor.goto(link)
  await expect(visitor.getByRole('heading', { name: `Journey Kit ${run}`, level: 1 })).toBeVisible()
  await expect(visitor.getByText('115.00 USD').first()).toBeVisible()
  await expect(visitor.getByText(/Sally Seller/).first()).toBeVisible()
  await expect(visitor.getByRole('heading', { name: 'Not copied' })).toBeVisible()
  await lookedAt(visitor)
  await visitor.getByLabel('E-mail').fill(buyer.email)
  await visitor.getByLabel('First name').fill(buyer.first)
  await visitor.getByLabel('Last name').fill(buyer.last)
  await visitor.getByRole('button', { name: 'Continue to payment' }).click()
  await expect(visitor).toHaveURL(/\/sandbox\/checkout\//)
  await lookedAt(visitor)

  await visitor.getByRole('link', { name: /go back/i }).click()
  await expect(visitor.getByText('Nothing was charged').first()).toBeVisible()
  await visitor.getByLabel('E-mail').fill(buyer.email)
  await visitor.getByLabel('First name').fill(buyer.first)
  await visitor.getByLabel('Last name').fill(buyer.last)
  await visitor.getByRole('button', { name: 'Continue to payment' }).click()

  await pay(visitor, '4000 0000 0000 0002')
  await expect(visitor.getByText(/declined/i).first()).toBeVisible()
  await lookedAt(visitor)
  await pay(visitor, '4242 4242 4242 4242')
  await expect(visitor.getByRole('heading', { name: 'Your copy is ready' })).toBeVisible({ timeout: 20_000 })
  await expect(visitor.getByText(/3 funnels, 12 pages/).first()).toBeVisible()
  await lookedAt(visitor)
})

test('the buyer opens the copy by the mailed link, once, and it is theirs alone', async ({ baseURL }) => {
  const mails = await until(async () => {
    const found = (await mailbox(baseURL ?? '')).filter(({ to }) => to === buyer.email)
    return found.length > 0 && found
  })
  expect(mails.map(({ subject }) => subject)).toEqual([`Your copy of Journey Kit ${run} is ready`])
  const opening = mails[0]?.links[0] ?? ''
  await visitor.goto('/workspaces')
  await expect(visitor).toHaveURL(/\/auth\/sign-in/)
  await visitor.goto(opening)
  await lookedAt(visitor)
  await visitor.getByLabel('New password').fill(PASSWORD)
  await visitor.getByRole('button', { name: 'Set the password' }).click()
  await expect(visitor).toHaveURL(/\/auth\/sign-in/)
  await signIn(visitor, buyer.email)
  await visitor.goto('/workspaces')
  await lookedAt(visitor)
  await visitor
    .getByRole('link', { name: `Journey Kit ${run}` })
    .first()
    .click()
  await expect(visitor.getByRole('heading', { name: `Journey Kit ${run}` })).toBeVisible()
  await lookedAt(visitor)
  const copyId = new URL(visitor.url()).pathname.split('/')[2]
  expect(copyId).not.toBe(sourceId)

  // The link of the original led to the next page of the original; here it leads to the copy's own.
  const slug = await visitor.evaluate(
    async (id) => ((await (await fetch(`/api/workspace/${id}`)).json()) as { slug: string }).slug,
    copyId,
  )
  await visitor.goto(`/w/${slug}/funnel-1/page-4`)
  await expect(visitor.getByText('This is page 3 of')).toBeVisible()
  await visitor.getByRole('link', { name: 'Next', exact: true }).click()
  await expect(visitor.getByText('This is page 4 of')).toBeVisible()
  expect(new URL(visitor.url()).pathname).toContain(`/w/${slug}/`)
  await visitor.goto(`/workspaces/${copyId}`)

  const other = await visitor.evaluate(async (id) => (await fetch(`/api/workspace/${id}`)).status, sourceId)
  expect(other).toBe(404)
  expect((await visitor.goto(`/workspaces/${sourceId}`))?.status()).toBe(404)
  await visitor.goto('/purchases')
  await expect(visitor.getByText('115.00 USD').first()).toBeVisible()
  await lookedAt(visitor)

  await visitor.goto(opening)
  await visitor.getByLabel('New password').fill('another walk along the river')
  await visitor.getByRole('button', { name: 'Set the password' }).click()
  await expect(visitor.getByRole('heading', { name: 'This link no longer works' })).toBeVisible()
})

test('the seller sees sale, commission and mail, and an original without a byte changed', async ({
  baseURL,
}) => {
  await shop.goto('/sales')
  await expect(shop.getByText('Bea Buyer')).toBeVisible()
  await expect(shop.getByText('23.00 USD').first()).toBeVisible()
  await lookedAt(shop)
  await shop.goto('/balance')
  await expect(shop.getByText('+23.00 USD')).toBeVisible()
  await lookedAt(shop)
  const sold = (await mailbox(baseURL ?? '')).filter(({ to }) => to === seller.email)
  expect(sold.map(({ subject }) => subject)).toEqual([
    `You sold a copy of Journey Kit ${run}`,
    'Confirm your e-mail address',
  ])
  const after = await shop.evaluate(
    async (id) => (await fetch(`/api/workspace/${id}/export`)).text(),
    sourceId,
  )
  expect(after).toBe(before)
  await shop.goto('/dev/mailbox')
  await lookedAt(shop)
  await shop.goto('/api/docs')
  await lookedAt(shop)
})

test('without JavaScript it can be bought just the same', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(link)
  await page.getByLabel('E-mail').fill(`plain-${run}@journey.example`)
  await page.getByLabel('First name').fill('Pia')
  await page.getByLabel('Last name').fill('Plain')
  await page.getByRole('button', { name: 'Continue to payment' }).click()
  await pay(page, '4242 4242 4242 4242')
  await expect(page.getByRole('heading', { name: 'Your copy is ready' })).toBeVisible({ timeout: 20_000 })
  await context.close()
})

test('a revoked link is refused kindly; a forged one too; a missing page has a way on', async () => {
  await shop.goto('/links')
  await shop.getByText('Revoke', { exact: true }).first().click()
  await shop
    .getByRole('button', { name: /revoke/i })
    .last()
    .click()
  await expect(shop.getByText('The link is revoked.').first()).toBeVisible()
  expect((await visitor.goto(link))?.status()).toBe(422)
  await expect(visitor.getByRole('heading', { name: 'This offer is no longer available' })).toBeVisible()
  await lookedAt(visitor)
  expect((await visitor.goto('/buy/forged.token.here'))?.status()).toBe(400)
  await lookedAt(visitor)
  expect((await visitor.goto('/nowhere'))?.status()).toBe(404)
  await lookedAt(visitor)
  expect(
    (await visitor.goto('/buy/success?order=00000000-0000-7000-8000-000000000000&session_id=cs_x'))?.status(),
  ).toBe(404)
})

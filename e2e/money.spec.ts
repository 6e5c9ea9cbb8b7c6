import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, expect, type Page, test } from '@playwright/test'
import { Client, newMember, ok, PASSWORD, payAtSandbox, until } from './support/client'
import { workspaceDocument } from './support/document'
import { lookedAt } from './support/look'
import { type OwnWorld, openWorld } from './support/world'

/** What a sale earns, all the way: held, credited, explained, withdrawn, paid, stated, given back, filled up again. */

test.describe.configure({ mode: 'serial' })

const SELLER = { email: 'mona@journey.example', password: PASSWORD }
const CHIEF = { email: 'admin@offshoot.example', password: 'a password for the admin' }
const SECOND = { email: 'second@journey.example', password: PASSWORD }

let world: OwnWorld
let admin: Client
let sellerId: string
let token: string
let shop: Page
let desk: Page
let otherDesk: Page
let folder: string

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000)
  world = await openWorld('money.log', { COMMISSION_HOLD_DAYS: '1' })
  folder = mkdtempSync(join(tmpdir(), 'offshoot-money-'))
  admin = await world.admin()
  const seller = await newMember(world.url, SELLER.email, 'Mona')
  sellerId = ok(await seller.get<{ user: { id: string } }>('/api/auth/me')).user.id
  ok(await admin.patch(`/api/admin/users/${sellerId}`, { planType: 'AGENCY' }))
  const second = await newMember(world.url, SECOND.email, 'Sigrid')
  const { user } = ok(await second.get<{ user: { id: string } }>('/api/auth/me'))
  ok(await admin.patch(`/api/admin/users/${user.id}`, { role: 'ADMIN' }))
  // Of two admins each has been one for a day.
  await world.sql`update users set admin_since = now() - interval '2 days' where role = 'ADMIN'`
  ok(await admin.patch('/api/admin/program', { twoPersonLimits: { USD: 10_000 }, reason: 'Care' }))
  const source = ok(
    await seller.post<{ id: string }>('/api/workspace/import', workspaceDocument('Money Kit', 1, 1)),
  )
  token = ok(
    await seller.post<{ token: string }>('/api/affiliate/generate-affiliate-link', {
      name: 'Kit',
      workspaceId: source.id,
      planType: 'FREE',
      offer: { mode: 'ONE_OFF', price: { amount: 100_000, currency: 'USD' } },
    }),
  ).token
  shop = await signedIn(browser, SELLER, { width: 390, height: 844 })
  desk = await signedIn(browser, CHIEF)
  otherDesk = await signedIn(browser, SECOND)
})
test.afterAll(async () => {
  await world?.close()
  rmSync(folder, { recursive: true, force: true })
})

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

/** Somebody buys. @returns the payment's id */
const sell = async (email: string): Promise<string> => {
  const { id, url } = ok(
    await new Client(world.url).post<{ id: string; url: string }>('/api/payment/create-payment-link', {
      paymentType: 'WORKSPACE_PURCHASE',
      affiliateToken: token,
      email,
      firstName: 'Bea',
      lastName: 'Buyer',
    }),
  )
  await payAtSandbox(world.url, url)
  return until(async () => {
    const [row] = await world.sql`select p.id from payments p join orders o on o.id = p.order_id
      where o.id = ${id} and o.status = 'FULFILLED'`
    return row === undefined ? null : String(row.id)
  })
}

/** Two days pass for what is held: the clock of a test cannot be turned, what it is compared with can. */
const holdIsOver = async (): Promise<void> => {
  await world.sql`update commissions set hold_until = hold_until - interval '2 days' where credited_at is null`
  ok(await admin.post('/api/affiliate/process-commissions'))
}

const decide = async (page: Page, label: string): Promise<void> => {
  const row = page.getByRole('row').filter({ hasText: SELLER.email })
  await row.getByText(label, { exact: true }).click()
  await row.getByRole('button', { name: `${label} now` }).click()
}

let firstPayment: string

test('a sale is pending while it is held, and says why it is what it is', async () => {
  firstPayment = await sell('first@journey.example')
  await shop.goto('/balance')
  await expect(shop.getByText('200.00 USD').first()).toBeVisible()
  await lookedAt(shop)
  await shop.goto('/balance/commissions')
  await lookedAt(shop)
  await shop.locator('a[href^="/balance/commissions/"]').first().click()
  await expect(shop.getByRole('heading', { name: 'Why this amount?' })).toBeVisible()
  await expect(shop.getByText('Computed again just now, to the same figures')).toBeVisible()
  await expect(shop.getByText('1,000.00 USD').first()).toBeVisible()
  await lookedAt(shop)
})

test('it is credited when the hold is over', async () => {
  await holdIsOver()
  await shop.goto('/balance')
  await expect(shop.getByText('+200.00 USD').first()).toBeVisible()
  await lookedAt(shop)
})

test('payout details need the password; a change of them holds withdrawals', async () => {
  await shop.goto('/balance/payout-method?kind=PAYPAL')
  await lookedAt(shop)
  const save = async (address: string, password: string) => {
    await shop
      .getByLabel(/PayPal/)
      .last()
      .fill(address)
    await shop.getByLabel('Your password').fill(password)
    await shop.getByRole('button', { name: 'Save payout details' }).click()
  }
  await save('mona.paid@journey.example', 'not the password')
  await expect(shop.getByText('This is not your password.').first()).toBeVisible()
  await expect(shop.getByLabel('E-mail address of the PayPal account')).toHaveValue(
    'mona.paid@journey.example',
  )
  await lookedAt(shop)
  await save('mona.paid@journey.example', PASSWORD)
  await expect(shop.getByText('Your payout details are saved.')).toBeVisible()
  await shop.goto('/balance/payout-method?kind=PAYPAL')
  await save('mona.new@journey.example', PASSWORD)
  await expect(shop.getByText('Held until')).toBeVisible()
  await lookedAt(shop)
  await shop.goto('/balance/withdraw?currency=USD')
  await expect(shop.getByText('Withdrawals are held for now')).toBeVisible()
  await lookedAt(shop)
})

test('a withdrawal above the limit is approved by two admins and paid', async () => {
  await world.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`
    await sql`update payout_methods set hold_until = now() - interval '1 minute' where user_id = ${sellerId} and hold_until is not null`
  })
  await shop.goto('/balance/withdraw?currency=USD')
  await shop.getByLabel('Amount').fill('150')
  await shop.getByRole('button', { name: 'Go on' }).click()
  await lookedAt(shop)
  await shop.getByRole('button', { name: 'Request this withdrawal' }).click()
  await expect(shop.getByText('Waiting for approval').first()).toBeVisible()
  await lookedAt(shop)

  await desk.goto('/admin/withdrawals')
  await lookedAt(desk)
  await decide(desk, 'Approve')
  await expect(desk.getByText('An amount like this needs a second admin')).toBeVisible()
  await desk.goto('/admin/withdrawals')
  await decide(desk, 'Approve')
  await expect(desk.getByRole('alert').or(desk.locator('.form-errors')).first()).toBeVisible()
  await otherDesk.goto('/admin/withdrawals')
  await lookedAt(otherDesk)
  await decide(otherDesk, 'Approve')
  await expect(otherDesk.getByText('The withdrawal has its new state.')).toBeVisible()
  await otherDesk.goto('/admin/withdrawals?status=APPROVED')
  const row = otherDesk.getByRole('row').filter({ hasText: SELLER.email })
  await row.getByText('Mark paid', { exact: true }).click()
  await row.getByLabel('Reference').fill('Batch 7')
  await row.getByRole('button', { name: 'Mark paid now' }).click()
  await expect(row).toHaveCount(0)
  await shop.goto('/balance')
  await expect(shop.getByText('Reference: Batch 7').first()).toBeVisible()
  await expect(shop.getByText('50.00 USD').first()).toBeVisible()
  await lookedAt(shop)
})

test('the month is stated: on paper, and signed so that anybody can check it', async () => {
  const month = new Date().toISOString().slice(0, 7)
  await shop.goto(`/balance?month=${month}&monthCurrency=USD&timezone=UTC`)
  const saved = async (name: string) => {
    const [download] = await Promise.all([
      shop.waitForEvent('download'),
      shop.getByRole('link', { name, exact: true }).click(),
    ])
    const path = join(folder, download.suggestedFilename())
    await download.saveAs(path)
    return path
  }
  const paper = await saved('PDF')
  const words = spawnSync('pdftotext', ['-layout', paper, '-'], { encoding: 'utf8' })
  if (words.error === undefined) expect(words.stdout).toContain('150.00')
  else expect(readFileSync(paper).subarray(0, 5).toString()).toBe('%PDF-')
  const signed = await saved('Signed JSON')
  const keys = await new Client(world.url).get('/.well-known/offshoot-statement-keys.json')
  writeFileSync(join(folder, 'offshoot-statement-keys.json'), JSON.stringify(keys.body))
  const verify = (file: string) =>
    spawnSync(process.execPath, [resolve('scripts/verify-statement.mjs'), file], { encoding: 'utf8' })
  const said = verify(signed)
  expect(said.status, said.stdout + said.stderr).toBe(0)
  const altered = join(folder, 'altered.json')
  writeFileSync(altered, readFileSync(signed, 'utf8').replaceAll('15000', '15001'))
  expect(verify(altered).status).toBe(1)
})

test('an admin adjusts the balance, with a reason that stands on the statement', async () => {
  await desk.goto(`/admin/adjustments?user=${sellerId}`)
  await lookedAt(desk)
  await desk.getByLabel('Amount').fill('ten')
  await desk.getByLabel('Reason').fill('For the trouble')
  await desk.getByRole('button', { name: 'Adjust the balance' }).click()
  await expect(desk.getByLabel('Reason')).toHaveValue('For the trouble')
  await lookedAt(desk)
  await desk.getByLabel('Amount').fill('10')
  await desk.getByRole('button', { name: 'Adjust the balance' }).click()
  await expect(desk.getByText('The balance is adjusted.')).toBeVisible()
  await shop.goto('/balance')
  await expect(shop.getByText(/For the trouble/).first()).toBeVisible()
  await expect(shop.getByText('60.00 USD').first()).toBeVisible()
})

test('a refund after the payout takes the balance below zero, and the next sale fills it up', async () => {
  await desk.goto(`/admin/payments/${firstPayment}`)
  await lookedAt(desk)
  await desk.getByLabel('Reason').fill('It did not fit')
  await desk.getByRole('button', { name: /^Refund/ }).click()
  await expect(desk.getByText('The refund is asked for.')).toBeVisible()
  await expect(async () => {
    await shop.goto('/balance')
    await expect(shop.getByText('−140.00 USD').first()).toBeVisible({ timeout: 500 })
  }).toPass({ timeout: 20_000 })
  await expect(shop.getByText('Below zero after refunds')).toBeVisible()
  await lookedAt(shop)
  await sell('next@journey.example')
  await holdIsOver()
  await shop.goto('/balance')
  await expect(shop.getByText('60.00 USD').first()).toBeVisible()
  await expect(shop.getByText('Below zero after refunds')).toHaveCount(0)
  const { ok: fine } = ok(await admin.get<{ ok: boolean }>('/api/admin/ledger/verify'))
  expect(fine).toBe(true)
})

import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { type Client, mailbox, newMember, ok, PASSWORD, until } from './support/client'
import { workspaceDocument } from './support/document'
import { lookedAt } from './support/look'
import { type OwnWorld, openWorld } from './support/world'

/** One subscription through MamoPay, from its first payment to its end, with what everyone has of it after each step. */
test.describe.configure({ mode: 'serial', timeout: 120_000 })

const buyer = { email: 'mona@journey.example', firstName: 'Mona', lastName: 'Buyer' }

let world: OwnWorld
let seller: Client
let affiliate: Client
let admin: Client
let token: string
let context: BrowserContext
let page: Page
const complaints: string[] = []

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000)
  world = await openWorld('mamopay.log')
  admin = await world.admin()
  seller = await newMember(world.url, 'sami@journey.example', 'Sami')
  const { user } = ok(await seller.get<{ user: { id: string } }>('/api/auth/me'))
  ok(await admin.patch(`/api/admin/users/${user.id}`, { planType: 'AGENCY' }))
  const source = ok(
    await seller.post<{ id: string }>('/api/workspace/import', workspaceDocument('Kit', 1, 3)),
  )
  const link = ok(
    await seller.post<{ token: string }>('/api/affiliate/generate-affiliate-link', {
      name: 'Kit',
      workspaceId: source.id,
      planType: 'BUSINESS',
      offer: {
        mode: 'SUBSCRIPTION',
        price: { amount: 5_000, currency: 'USD' },
        frequency: 'MONTHLY',
        frequencyInterval: 1,
      },
    }),
  )
  token = link.token
  affiliate = await newMember(world.url, 'alma@journey.example', 'Alma')
  const joined = ok(
    await affiliate.post<{ affiliate: { id: string; affiliateCode: string } }>('/api/affiliate/join', {
      paymentEmail: 'alma@journey.example',
      paymentMethod: 'PAYPAL',
    }),
  )
  ok(await admin.post(`/api/admin/affiliates/${joined.affiliate.id}/approve`, {}))
  context = await browser.newContext({ baseURL: world.url, viewport: { width: 390, height: 844 } })
  page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`/r/${joined.affiliate.affiliateCode}?to=/`)
})
test.afterAll(async () => {
  await context.close()
  await world.close()
})
test.afterEach(() => expect(complaints.splice(0)).toEqual([]))

const balanceOf = async (client: Client): Promise<number> => {
  const { balances } = ok(
    await client.get<{ balances: { balance: { amount: number } }[] }>('/api/affiliate/balance'),
  )
  return balances[0]?.balance.amount ?? 0
}
/** 20 % are the seller's, 15 % the affiliate's. */
const paidInAll = (payments: number) =>
  until(
    async () =>
      (await balanceOf(seller)) === payments * 1_000 && (await balanceOf(affiliate)) === payments * 750,
  )
const quiet = () =>
  until(async () => {
    const [row] = await world.sql<{ n: number }[]>`
      select (select count(*) from sandbox_deliveries where not delivered and next_attempt_at is not null)
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
}
const atMamoPay = async (button: RegExp) => {
  await page.goto('/sandbox/mamopay')
  await page.getByRole('button', { name: button }).first().click()
  await expect(page.getByRole('heading', { name: 'MamoPay sandbox' })).toBeVisible()
  await quiet()
}
const mailed = (subject: RegExp) =>
  until(async () =>
    (await mailbox(world.url)).find((mail) => mail.to === buyer.email && subject.test(mail.subject)),
  )
const statusIs = (wanted: string) =>
  until(async () => (await world.sql`select status from subscriptions`)[0]?.status === wanted)

test('a guest buys a subscription and pays its first month', async () => {
  await page.goto(`/buy/${token}`)
  await page.getByLabel('E-mail').fill(buyer.email)
  await page.getByLabel('First name').fill(buyer.firstName)
  await page.getByLabel('Last name').fill(buyer.lastName)
  await page.getByLabel('Card, through MamoPay').check()
  await lookedAt(page)
  await page.getByRole('button', { name: /Continue to payment/ }).click()
  await page.getByLabel('Name on card').fill('Mona Buyer')
  await page.getByRole('button', { name: /^Pay / }).click()
  await expect(page.getByRole('heading', { name: 'Your copy is ready' })).toBeVisible({ timeout: 20_000 })
  const mail = await mailed(/Your copy of Kit is ready/)
  await paidInAll(1)
  await page.goto(mail.links[0] ?? '')
  await page.getByLabel('New password').fill(PASSWORD)
  await page.getByRole('button', { name: /password/i }).click()
  await page.getByLabel('E-mail').fill(buyer.email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).not.toHaveURL(/sign-in/)
})

test('the next month is charged, and earns again', async () => {
  await advance('1 month', '1 day')
  await paidInAll(2)
  await mailed(/Receipt/)
})

test('a charge that fails is told, earns nothing, and is made up for', async () => {
  await atMamoPay(/^Let the card fail from now on/)
  await advance('1 month')
  await statusIs('PAST_DUE')
  await mailed(/payment failed|could not be charged|did not go through/i)
  await paidInAll(2)
  await atMamoPay(/^Let the card pay again/)
  await advance('1 day')
  await statusIs('ACTIVE')
  await paidInAll(3)
})

test('a month that is given back takes its shares back', async () => {
  const [last] = await world.sql<
    { id: string }[]
  >`select id from payments order by paid_at desc, id desc limit 1`
  // A charge in dollars is given back at MamoPay itself, whose interface gives back dirhams only.
  await atMamoPay(/^Refund: /)
  await paidInAll(2)
  const [now] = await world.sql<
    { status: string }[]
  >`select status from payments where id = ${last?.id ?? ''}`
  expect(now?.status).toBe('REFUNDED')
})

test('once it is cancelled, months go by and nothing more is charged', async () => {
  await atMamoPay(/^Cancel: /)
  await advance('1 month', '1 month')
  await paidInAll(2)
  expect(await world.sql`select 1 from payments`).toHaveLength(3)
  await page.goto('/purchases')
  await expect(page.getByText('Kit').first()).toBeVisible()
  await lookedAt(page)
  const { ok: addsUp } = ok(await admin.get<{ ok: boolean }>('/api/admin/ledger/verify'))
  expect(addsUp).toBe(true)
})

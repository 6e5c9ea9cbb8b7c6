import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { type Client, mailbox, newMember, ok, PASSWORD, until } from './support/client'
import { lookedAt } from './support/look'
import { type OwnWorld, openWorld } from './support/world'

/** An add-on from the checkout to its end: the limit it raises, its renewal, and what is over the limit afterwards. */
test.describe.configure({ mode: 'serial', timeout: 60_000 })

let world: OwnWorld
let member: Client
let context: BrowserContext
let page: Page
const email = 'ada@addons.example'
const complaints: string[] = []

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000)
  world = await openWorld('addons.log')
  member = await newMember(world.url, email, 'Ada')
  await world.sql`update organizations set trial_ends_at = null
    where id = (select organization_id from users where email = ${email})`
  context = await browser.newContext({ baseURL: world.url, viewport: { width: 320, height: 800 } })
  page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto('/auth/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/dashboard/)
})
test.afterAll(async () => {
  await context.close()
  await world.close()
})
test.afterEach(() => expect(complaints.splice(0)).toEqual([]))

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
}
const made: string[] = []
const make = async (name: string) => {
  const answer = await member.post<{ id: string }>('/api/workspace', { name })
  if (answer.status === 200) made.push(answer.body.id)
  return answer.status
}

test('a full plan says what would raise it, and leads there', async () => {
  expect(await make('First')).toBe(200)
  expect(await make('Second')).toBe(422)
  await page.goto('/workspaces/new')
  await expect(page.getByText('Your plan has no room for another workspace')).toBeVisible()
  await lookedAt(page)
  await page.getByRole('link', { name: 'Buy the add-on' }).click()
  await expect(page.getByLabel('What do you need more of?')).toHaveValue('EXTRA_WORKSPACE')
  await expect(page.getByText('1 of 1, 0 left')).toBeVisible()
  await lookedAt(page)
})

test('what is no number is refused where it was typed', async () => {
  await page.getByLabel('How many times').fill('1.5')
  await page.getByRole('button', { name: 'Go to the checkout' }).click()
  await expect(page.getByLabel('How many times')).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel('How many times')).toHaveValue('1.5')
  await lookedAt(page)
})

test('it is paid at the provider’s checkout, and raises the limit', async () => {
  await page.getByLabel('How many times').fill('2')
  await page.getByRole('button', { name: 'Go to the checkout' }).click()
  await expect(page.getByText(/2 extra workspaces/).first()).toBeVisible()
  await page.getByRole('button', { name: /^Pay / }).click()
  await expect(page.getByRole('heading', { name: 'You have 2 extra workspaces now' })).toBeVisible({
    timeout: 20_000,
  })
  await lookedAt(page)
  await mailed(/You have 2 extra workspaces now/)
  expect([await make('Second'), await make('Third'), await make('Fourth')]).toEqual([200, 200, 422])
  await page.goto('/billing')
  await expect(page.getByText('3 of 3, 0 left')).toBeVisible()
  await expect(page.getByText('2 of the add-on included.')).toBeVisible()
  await lookedAt(page)
})

test('it is renewed each month by itself', async () => {
  await advance('1 month')
  await mailed(/Receipt: 18.00 USD/)
  const { items } = ok(await member.get<{ items: { type: string }[] }>('/api/payment/purchases'))
  expect(items.map(({ type }) => type)).toEqual(['ADDON_RENEWAL', 'ADDON_PURCHASE'])
  await page.goto('/purchases')
  await expect(page.getByRole('link', { name: 'An add-on', exact: true }).first()).toBeVisible()
})

test('cancelled, it stays to its end, of which its owner is reminded', async () => {
  await page.goto('/billing')
  await page.getByText('End 2 extra workspaces').click()
  await page.getByRole('button', { name: /^Yes, end it/ }).click()
  await expect(page.getByText('The add-on is cancelled. It stays to the end of its period.')).toBeVisible()
  await lookedAt(page)
  await page.getByRole('button', { name: /^Go on with it after all/ }).click()
  await expect(page.getByText('The add-on goes on.')).toBeVisible()
  await page.getByText('End 2 extra workspaces').click()
  await page.getByRole('button', { name: /^Yes, end it/ }).click()
  await expect(page.getByText('The add-on is cancelled. It stays to the end of its period.')).toBeVisible()
  await quiet()
  // The sandbox's clock is not ours: so that it ends soon by ours, its end is brought nearer.
  await world.sql`update subscriptions set current_period_end = now() + interval '2 days 23 hours' where addon is not null`
  await world.sql`insert into jobs (kind, key, payload, run_at, created_at)
    values ('payment.remindAddons', 'now', '{}', now(), now())`
  await mailed(/Your add-on ends on/)
  expect(await make('Fourth')).toBe(422)
})

test('when it has ended nothing is gone; the newest are only to be read', async () => {
  await advance('1 month', '1 day')
  await mailed(/Your add-on has ended/)
  await page.goto('/billing')
  await expect(page.getByText('3 of 1 (2 over the limit)')).toBeVisible()
  await lookedAt(page)
  const [first = '', , third = ''] = made
  await page.goto(`/workspaces/${third}`)
  await expect(page.getByText('This workspace is over your limit')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Rename or describe' })).toHaveCount(0)
  await lookedAt(page)
  const refused = await member.patch(`/api/workspace/${third}`, { name: 'Changed' })
  expect(refused).toMatchObject({ status: 422, body: { code: 'OVER_PLAN_LIMIT' } })
  expect(ok(await member.get(`/api/workspace/${third}/export`))).toMatchObject({ name: 'Third' })
  expect((await member.patch(`/api/workspace/${first}`, { name: 'First still' })).status).toBe(200)
})

test('an admin sees what was paid, and sets limits and prices', async ({ browser }) => {
  const admin = await browser.newContext({ baseURL: world.url, colorScheme: 'dark' })
  const desk = await admin.newPage()
  await desk.goto('/auth/sign-in')
  await desk.getByLabel('E-mail').fill('admin@offshoot.example')
  await desk.getByLabel('Password').fill('a password for the admin')
  await desk.getByRole('button', { name: 'Sign in' }).click()
  await expect(desk).toHaveURL(/\/(dashboard|admin)/)
  await desk.goto('/admin/payments')
  await expect(desk.getByText('2 extra workspaces').first()).toBeVisible()
  await desk.goto('/admin/program?setting=addonPrices')
  await lookedAt(desk)
  await desk.getByLabel('Extra workspace, in USD a month').fill('0.10')
  await desk.getByRole('button', { name: 'Change it' }).click()
  await expect(desk.getByLabel('Extra workspace, in USD a month')).toHaveAttribute('aria-invalid', 'true')
  await desk.getByLabel('Extra workspace, in USD a month').fill('12.50')
  await desk.getByRole('button', { name: 'Change it' }).click()
  await expect(desk.getByText('The programme is changed.')).toBeVisible()
  await desk.goto('/admin/program?setting=planLimits')
  await lookedAt(desk)
  await desk.getByLabel('Free: workspaces').fill('many')
  await desk.getByRole('button', { name: 'Change it' }).click()
  await expect(desk.getByLabel('Free: workspaces')).toHaveAttribute('aria-invalid', 'true')
  await desk.getByLabel('Free: workspaces').fill('')
  await desk.getByRole('button', { name: 'Change it' }).click()
  await expect(desk.getByText('The programme is changed.')).toBeVisible()
  await admin.close()
  expect(await make('Fourth')).toBe(200)
  await page.goto('/billing')
  await expect(page.getByText('4, without a limit')).toBeVisible()
  await expect(page.getByLabel('What do you need more of?')).not.toContainText('extra workspace')
})

test('without scripts the same form leads to the same checkout', async ({ browser }) => {
  const plain = await browser.newContext({
    baseURL: world.url,
    javaScriptEnabled: false,
    storageState: await context.storageState(),
  })
  const still = await plain.newPage()
  await still.goto('/billing?addon=EXTRA_PAGE')
  await still.getByLabel('How many times').fill('3')
  await still.getByRole('button', { name: 'Go to the checkout' }).click()
  await expect(still.getByText(/15 extra pages in each funnel/).first()).toBeVisible()
  await still.goto('/billing')
  await still.getByLabel('How many times').fill('0')
  await still.getByRole('button', { name: 'Go to the checkout' }).click()
  await expect(still.getByLabel('How many times')).toHaveAttribute('aria-invalid', 'true')
  await plain.close()
})

test('the books add up in the end', async () => {
  const admin = await world.admin()
  expect(ok(await admin.get<{ ok: boolean }>('/api/admin/ledger/verify'))).toMatchObject({ ok: true })
})

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { runInNewContext } from 'node:vm'
import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test'
import { type Client, newMember, ok, PASSWORD, until } from './support/client'
import { lookedAt } from './support/look'
import { type OwnWorld, openWorld } from './support/world'

/**
 * A site outside, as docs/tracking.md says to make one: its example is what runs here, on a server of its own at another
 * origin. A visitor clicks there, signs up there, and opens an account here.
 */
test.describe.configure({ mode: 'serial' })

const DOCS = readFileSync(resolve(import.meta.dirname, '../docs/tracking.md'), 'utf8')
const example = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(DOCS)?.[1] ?? ''
const CHIEF = { email: 'admin@offshoot.example', password: 'a password for the admin' }

let world: OwnWorld
let desk: Page
let affiliate: Client
let code: string
let shop: Server
let origin: string
let line: string
let key: string
/** What was said when a sign-up was told. */
const told: number[] = []

/** The site outside: a page of the example, and a sign-up that its server tells of as the example does. */
const openShop = async (): Promise<void> => {
  shop = createServer((request, response) => {
    if (request.method !== 'POST') {
      const script = request.url?.startsWith('/asks')
        ? line.replace('<script ', '<script data-consent="wait" ')
        : line
      const page = example('html')
        .replace(/<script.*<\/script>/, script)
        .replaceAll('https://offshoot.example', world.url)
      response.setHeader('Content-Type', 'text/html; charset=utf-8')
      response.end(`<!doctype html><title>Shop</title>${page}<a href="next">Next page</a>`)
      return
    }
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(body))
      void tellSignUp(form).then(() => response.end('Welcome to the shop'))
    })
  })
  await new Promise<void>((listening) => shop.listen(0, '127.0.0.1', listening))
  origin = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
}

const tellSignUp = async (form: Record<string, string>): Promise<void> => {
  if (!form.offshoot_referral) return
  const source = example('js').replaceAll('https://offshoot.example', world.url)
  const answer: Response = await runInNewContext(`(async () => { ${source}; return answer })()`, {
    fetch,
    JSON,
    key,
    form,
  })
  told.push(answer.status)
}

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000)
  world = await openWorld('tracking.log')
  const admin = await world.admin()
  affiliate = await newMember(world.url, 'alma@journey.example', 'Alma')
  const joined = ok(
    await affiliate.post<{ affiliate: { id: string; affiliateCode: string } }>('/api/affiliate/join', {
      paymentEmail: 'alma@journey.example',
      paymentMethod: 'PAYPAL',
      paymentDetails: { email: 'alma@journey.example' },
    }),
  ).affiliate
  code = joined.affiliateCode
  ok(await admin.post(`/api/admin/affiliates/${joined.id}/approve`))
  await openShop()
  desk = await (await browser.newContext({ baseURL: world.url })).newPage()
  await desk.goto('/auth/sign-in')
  await desk.getByLabel('E-mail').fill(CHIEF.email)
  await desk.getByLabel('Password').fill(CHIEF.password)
  await desk.getByRole('button', { name: 'Sign in' }).click()
  await expect(desk).toHaveURL(/\/dashboard/)
})
test.afterAll(async () => {
  shop?.close()
  await world?.close()
})

const figures = async () => {
  const { clicks, signups, landingPages } = ok(
    await affiliate.get<{ clicks: number; signups: number; landingPages: { name: string }[] }>(
      '/api/affiliate/dashboard?timeframe=year&timezone=UTC',
    ),
  )
  return { clicks, signups, pages: landingPages.map(({ name }) => name) }
}
const become = (clicks: number, signups: number) =>
  until(async () => {
    const now = await figures()
    return now.clicks === clicks && now.signups === signups && now
  })

const visitorOf = async (
  browser: Browser,
  userAgent: string,
  headers: Record<string, string> = {},
): Promise<{ context: BrowserContext; page: Page }> => {
  const context = await browser.newContext({ userAgent, extraHTTPHeaders: headers })
  return { context, page: await context.newPage() }
}
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

test('an admin adds the site, told what is wrong with an address, and gets the line for its pages', async () => {
  await desk.goto('/admin/tracking')
  await expect(desk.getByText('No site yet')).toBeVisible()
  await lookedAt(desk)
  await desk.getByLabel('Name').fill('Shop')
  await desk.getByLabel('Its addresses').fill(`${origin}/path`)
  await desk.getByRole('button', { name: 'Add the site' }).click()
  await expect(desk.getByLabel('Its addresses')).toHaveAttribute('aria-invalid', 'true')
  await lookedAt(desk)
  await desk.getByLabel('Its addresses').fill(origin)
  await desk.getByRole('button', { name: 'Add the site' }).click()
  await expect(desk.getByText('Added. Put its line into its pages.')).toBeVisible()
  line = await desk.getByRole('textbox', { name: 'The line for Shop' }).inputValue()
  expect(line).toMatch(
    /^<script async src="http:\/\/localhost:\d+\/track\.js" data-site="osp_[\w-]{24}"><\/script>$/,
  )
  for (const width of [320, 1280]) {
    await desk.setViewportSize({ width, height: 900 })
    await lookedAt(desk)
  }
})

test('and makes a key that tells of sign-ups and does nothing else', async () => {
  await desk.goto('/settings/keys')
  await desk.getByLabel('Name').last().fill('Shop’s server')
  for (const scope of ['Read everything you can see', 'Change what you can change'])
    await desk.getByLabel(scope).uncheck()
  await desk.getByLabel('Tell of sign-ups at other sites, and nothing else').check()
  await desk.getByRole('button', { name: 'Make the key' }).click()
  key = await desk.getByRole('textbox', { name: 'The key' }).inputValue()
  const me = await fetch(new URL('/api/auth/me', world.url), { headers: { Authorization: `Bearer ${key}` } })
  expect(me.status).toBe(403)
})

test('a click there counts once, and the sign-up there and the account here are the affiliate’s', async ({
  browser,
}) => {
  const { context, page } = await visitorOf(browser, `${BROWSER} one`)
  await page.goto(`${origin}/?ref=${code}&utm_source=news`)
  await page.evaluate('offshoot.ready')
  const [cookie] = await context.cookies(origin)
  expect(cookie).toMatchObject({ name: 'offshoot_referral', sameSite: 'Lax', path: '/' })
  await page.reload()
  await page.evaluate('offshoot.ready')
  expect((await become(1, 0)).pages).toEqual([`${new URL(origin).host}/`])
  await page.getByRole('link', { name: 'Next page' }).click()
  await expect(page).toHaveURL(`${origin}/next`)
  await page.getByLabel('E-mail').fill('cora@journey.example')
  await page.getByRole('button', { name: 'Sign up' }).click()
  await expect(page.getByText('Welcome to the shop')).toBeVisible()
  expect(told).toEqual([200])
  await become(1, 1)
  await newMember(world.url, 'cora@journey.example', 'Cora')
  await become(1, 1)
  const { items } = ok(await affiliate.get<{ items: unknown[] }>('/api/affiliate/referrals'))
  expect(items).toHaveLength(1)
  await context.close()
})

test('who clicks through to here signs up as theirs', async ({ browser }) => {
  const { context, page } = await visitorOf(browser, `${BROWSER} two`)
  await page.goto(`${origin}/?ref=${code}`)
  await page.evaluate('offshoot.ready')
  await page.getByRole('link', { name: 'See the marketplace' }).click()
  await expect(page).toHaveURL(/\/marketplace\?referral=/)
  await page.getByRole('link', { name: 'Sign up' }).first().click()
  await page.getByLabel('First name').fill('Greta')
  await page.getByLabel('Last name').fill('Customer')
  await page.getByLabel('E-mail').fill('greta@journey.example')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Open the account' }).click()
  await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
  await become(2, 2)
  await context.close()
})

test('after a no nothing is kept on the device, and the sign-up is theirs all the same', async ({
  browser,
}) => {
  const { context, page } = await visitorOf(browser, `${BROWSER} three`)
  await page.goto(`${origin}/asks/?ref=${code}`)
  await page.evaluate('offshoot.ready')
  await page.evaluate('offshoot.consent(false)')
  expect(await context.cookies(origin)).toEqual([])
  await page.getByRole('link', { name: 'Next page' }).click()
  await expect(page).toHaveURL(/\/asks\/next\?offshoot_referral=/)
  await page.getByLabel('E-mail').fill('nora@journey.example')
  await page.getByRole('button', { name: 'Sign up' }).click()
  await expect(page.getByText('Welcome to the shop')).toBeVisible()
  await become(3, 3)
  expect(await context.cookies(origin)).toEqual([])
  expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0)
  await page.goto(`${origin}/asks/?ref=${code}`)
  await page.evaluate('offshoot.ready')
  expect(await context.cookies(origin)).toEqual([])
  await page.evaluate('offshoot.consent(true)')
  expect(await context.cookies(origin)).toHaveLength(1)
  await page.evaluate('offshoot.consent(false)')
  expect(await context.cookies(origin)).toEqual([])
  await context.close()
})

test('an ended key records nothing, and the site’s page is as it was', async ({ browser }) => {
  await desk.goto('/admin/tracking')
  await desk.getByText('End', { exact: true }).click()
  await desk.getByRole('button', { name: 'End its key' }).click()
  await expect(desk.getByText('Ended. Its pages record nothing any more.')).toBeVisible()
  await lookedAt(desk)
  const { context, page } = await visitorOf(browser, `${BROWSER} four`)
  await page.goto(`${origin}/?ref=${code}`)
  await page.evaluate('offshoot.ready')
  expect(await context.cookies(origin)).toEqual([])
  await expect(page.getByRole('button', { name: 'Sign up' })).toBeVisible()
  expect(await figures()).toMatchObject({ clicks: 3, signups: 3 })
  await context.close()
})

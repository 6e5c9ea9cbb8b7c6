import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { type Client, mailbox, newMember, ok, PASSWORD, until } from './support/client'
import { lookedAt } from './support/look'
import { type OwnWorld, openWorld } from './support/world'

/** Two people in one workspace: from the invitation in the mail to the end of it. */
test.describe.configure({ mode: 'serial', timeout: 60_000 })

let world: OwnWorld
let owner: Client
let guest: Client
let context: BrowserContext
let page: Page
let id = ''
const email = 'gus@members.example'
const complaints: string[] = []

const signIn = async (on: Page, address: string) => {
  await on.goto('/auth/sign-in')
  await on.getByLabel('E-mail').fill(address)
  await on.getByLabel('Password').fill(PASSWORD)
  await on.getByRole('button', { name: 'Sign in' }).click()
  await expect(on).toHaveURL(/\/dashboard/)
}

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000)
  world = await openWorld('members.log')
  owner = await newMember(world.url, 'olga@members.example', 'Olga')
  guest = await newMember(world.url, email, 'Gus')
  id = ok(await owner.post<{ id: string }>('/api/workspace', { name: 'Shared' })).id
  context = await browser.newContext({ baseURL: world.url, viewport: { width: 320, height: 800 } })
  page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  await signIn(page, 'olga@members.example')
})
test.afterAll(async () => {
  await context?.close()
  await world?.close()
})
test.afterEach(() => expect(complaints.splice(0)).toEqual([]))

test('the owner invites somebody, and is told of what was typed wrong', async () => {
  await page.goto(`/workspaces/${id}`)
  await page.getByRole('link', { name: 'Members' }).click()
  await expect(page.getByText('1 of 10 members used, 9 left.')).toBeVisible()
  await lookedAt(page)
  await page.getByLabel('E-mail').fill('gus@members')
  await page.getByRole('button', { name: 'Send the invitation' }).click()
  await expect(page.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('button', { name: 'Send the invitation' }).click()
  await expect(page.getByText('The invitation is sent.')).toBeVisible()
  await expect(page.getByText('2 of 10 members used, 8 left.')).toBeVisible()
  await lookedAt(page)
})

test('whoever was invited looks at it without an account, and joins without scripts', async ({ browser }) => {
  const mail = await until(async () =>
    (await mailbox(world.url)).find(({ to, subject }) => to === email && /invites you/.test(subject)),
  )
  const plain = await browser.newContext({
    baseURL: world.url,
    javaScriptEnabled: false,
    colorScheme: 'dark',
  })
  const theirs = await plain.newPage()
  const path = new URL(mail.links.find((link) => link.includes('/join/')) ?? '').pathname
  await theirs.goto(path)
  await expect(theirs.getByRole('heading', { name: 'Join Shared?' })).toBeVisible()
  await theirs.getByRole('link', { name: 'Sign in' }).last().click()
  await theirs.getByLabel('E-mail').fill(email)
  await theirs.getByLabel('Password').fill(PASSWORD)
  await theirs.getByRole('button', { name: 'Sign in' }).click()
  await theirs.getByRole('button', { name: 'Join' }).click()
  await expect(theirs.getByText('You are a member of this workspace now.')).toBeVisible()
  await expect(theirs.getByRole('link', { name: 'Rename or describe' })).toHaveCount(0)
  await theirs.goto(path)
  await expect(theirs.getByRole('heading', { name: 'This invitation does not hold' })).toBeVisible()
  await plain.close()
  expect(await guest.patch(`/api/workspace/${id}`, { name: 'Mine' })).toMatchObject({
    status: 403,
    body: { code: 'NOT_PERMITTED' },
  })
})

test('what they may is changed, and counts at once', async () => {
  await page.goto(`/workspaces/${id}/members`)
  await page.getByText('Change what Gus Tester may').click()
  await lookedAt(page)
  await page
    .getByRole('group', { name: /What Gus Tester may/ })
    .getByLabel('Manage the workspace')
    .check()
  await page.getByRole('button', { name: 'Allow exactly this' }).click()
  await expect(page.getByText('Changed. It counts at once.')).toBeVisible()
  expect((await guest.patch(`/api/workspace/${id}`, { name: 'Ours' })).status).toBe(200)
})

test('a link lets in one more, and none once it is revoked', async () => {
  await page.goto(`/workspaces/${id}/members`)
  await page.getByRole('button', { name: 'Make a link' }).click()
  await expect(page.getByText('The link is made.', { exact: false })).toBeVisible()
  await lookedAt(page)
  const url = await page.getByRole('textbox', { name: 'Viewer, 0 of 1 joined' }).inputValue()
  const third = await newMember(world.url, 'tess@members.example', 'Tess')
  const token = url.split('/').at(-1)
  await page.getByRole('button', { name: 'Revoke it' }).click()
  await expect(page.getByText('The link is revoked.', { exact: false })).toBeVisible()
  expect((await third.post('/api/invitations/accept', { token })).status).toBe(404)
})

test('removed, they see nothing of it', async () => {
  await page.goto(`/workspaces/${id}/members`)
  await page.getByText('Change what Gus Tester may').click()
  await page.getByText('Remove Gus Tester').click()
  await page.getByRole('button', { name: 'Remove them' }).click()
  await expect(page.getByText('They are no member any more.')).toBeVisible()
  expect((await guest.get(`/api/workspace/${id}`)).status).toBe(404)
  expect((await guest.get(`/api/workspace/${id}/members`)).status).toBe(404)
})

import { expect, type Page, test } from '@playwright/test'
import { newMember, ok, PASSWORD } from './support/client'
import { lookedAt } from './support/look'

/** Somebody builds a page in the visual editor, in one tab and in two, at a desk and on a phone. */

const signInAs = async (page: Page, email: string): Promise<void> => {
  await page.goto('/auth/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(/dashboard/)
}

/** A red pixel. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

const UNKNOWN = { type: 'Carousel', props: { speed: 3, slides: [{ deep: [1, null] }] }, extra: 'kept' }

/** A member with a funnel of two pages and a picture. */
const given = async (url: string, name: string) => {
  const email = `${name}@editor.example`
  const member = await newMember(url, email, 'Edith')
  const page = (key: string, title: string, content: unknown[]) => ({
    key,
    name: title,
    slug: key,
    type: 'PAGE',
    seo: {},
    content: { root: { props: { title } }, content },
  })
  const workspace = ok(
    await member.post<{ id: string }>('/api/workspace/import', {
      format: 'offshoot.workspace/1',
      name: 'Sailing school',
      funnels: [
        {
          name: 'Course',
          slug: 'course',
          status: 'LIVE',
          pages: [
            page('start', 'Start', [
              { type: 'Heading', props: { id: 'h1', text: 'Learn to sail' } },
              UNKNOWN,
            ]),
            page('thanks', 'Thank you', [{ type: 'Heading', props: { id: 'h2', text: 'Thank you' } }]),
          ],
        },
      ],
    }),
  )
  ok(
    await member.post(`/api/workspace/${workspace.id}/pictures`, {
      name: 'Boat',
      folder: '',
      content: PICTURE,
    }),
  )
  const read = async () =>
    ok(
      await member.get<{
        name: string
        slug: string
        seo: Record<string, unknown>
        content: { content: { type: string; props: Record<string, unknown> }[] }
      }>(`/api/workspace/${workspace.id}/funnels/1/pages/p1`),
    )
  return { email, member, path: `/workspaces/${workspace.id}/funnels/1/pages/p1`, read }
}

const editor = (page: Page) => page.getByRole('region', { name: 'Page editor' })
const button = (page: Page, name: string) => editor(page).getByRole('button', { name, exact: true })
const saved = (page: Page) => expect(editor(page).getByRole('status')).toHaveText('Saved')

const opened = async (page: Page, path: string): Promise<string[]> => {
  const refusals: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') refusals.push(message.text())
  })
  page.on('pageerror', (error) => refusals.push(String(error)))
  await page.goto(path)
  await expect(editor(page).getByRole('heading', { name: 'Learn to sail' })).toBeVisible()
  return refusals
}

test('blocks are added by keyboard, filled in, undone, and saved by themselves', async ({
  page,
  baseURL,
}) => {
  const { email, path, read } = await given(baseURL ?? '', 'builder')
  await signInAs(page, email)
  await page.setViewportSize({ width: 1280, height: 900 })
  const refusals = await opened(page, path)
  await page.screenshot({ path: 'test-results/editor-0.png' })

  for (const block of ['Text', 'Button', 'Picture']) {
    await button(page, 'Blocks').click()
    await button(page, `Add ${block}`).focus()
    await page.keyboard.press('Enter')
    await expect(editor(page).getByRole('heading', { name: block, exact: true })).toBeVisible()
    if (block === 'Text')
      await editor(page).getByLabel('Text (an empty line begins a paragraph)').fill('Every Saturday.')
    if (block === 'Button') await editor(page).getByLabel('Leads to').selectOption('Thank you')
    if (block === 'Picture') await editor(page).getByLabel('Picture', { exact: true }).selectOption('Boat')
    await page.screenshot({ path: `test-results/editor-${block}.png` })
  }
  await saved(page)
  const built = (await read()).content.content
  expect(built.map(({ type }) => type)).toEqual(['Heading', 'Carousel', 'Text', 'Button', 'Image'])
  expect(built[1]).toEqual(UNKNOWN)
  expect(built[2]?.props.text).toBe('Every Saturday.')
  expect(built[3]?.props.href).toBe('page:p2')
  expect(built[4]?.props.src).toMatch(/^\/pictures\//)

  await button(page, 'Remove').click()
  await saved(page)
  expect((await read()).content.content).toHaveLength(4)
  await button(page, 'Undo').click()
  await saved(page)
  expect((await read()).content.content).toEqual(built)

  await page.reload()
  await expect(editor(page).getByText('Every Saturday.')).toBeVisible()
  expect(refusals).toEqual([])
})

test('of two tabs the second is told, looks at theirs, keeps its own, and takes theirs', async ({
  page,
  context,
  baseURL,
}) => {
  const { email, member, path, read } = await given(baseURL ?? '', 'twice')
  await signInAs(page, email)
  const other = await context.newPage()
  await opened(page, path)
  await opened(other, path)
  const write = async (tab: Page, words: string) => {
    await button(tab, 'Blocks').click()
    await button(tab, 'Add Text').click()
    await editor(tab).getByLabel('Text (an empty line begins a paragraph)').fill(words)
  }
  const texts = async () =>
    (await read()).content.content.filter(({ type }) => type === 'Text').map(({ props }) => props.text)

  await write(page, 'From the first tab.')
  await saved(page)
  await write(other, 'From the second tab.')
  await expect(editor(other).getByText('Somebody saved this page while you edited it')).toBeVisible()
  await expect(editor(other)).toContainText('Edith Tester saved it on')
  expect(await texts()).toEqual(['From the first tab.'])
  await button(other, 'Look at theirs').click()
  await expect(editor(other).getByRole('region', { name: 'What they saved' })).toContainText(
    'From the first tab.',
  )
  await other.screenshot({ path: 'test-results/editor-conflict.png' })
  await button(other, 'Keep mine, as a new save').click()
  await saved(other)
  expect(await texts()).toEqual(['From the second tab.'])
  const { items } = ok(
    await member.get<{ items: { version: number }[] }>(
      `/api/workspace/${path.split('/')[2]}/pages/p1/versions?limit=10`,
    ),
  )
  expect(items).toHaveLength(3)

  await write(page, 'Once more.')
  await button(page, 'Take theirs').click()
  await saved(page)
  await expect(editor(page).getByText('From the second tab.')).toBeVisible()
  await expect(editor(page).getByText('Once more.')).toBeHidden()
  expect(await texts()).toEqual(['From the second tab.'])
  // What happens within a quarter of a second is one step.
  await page.waitForTimeout(400)
  await button(page, 'Undo').click()
  await expect(editor(page).getByText('Once more.').first()).toBeVisible()
  await expect.poll(texts).toEqual(['From the first tab.', 'Once more.'])
})

test('what cannot be sent is kept and sent later, on a phone too', async ({ page, context, baseURL }) => {
  const { email, path, read } = await given(baseURL ?? '', 'away')
  await signInAs(page, email)
  await page.setViewportSize({ width: 390, height: 844 })
  await page.emulateMedia({ colorScheme: 'dark' })
  await opened(page, path)
  await page.screenshot({ path: 'test-results/editor-phone.png' })
  await lookedAt(page)
  await context.setOffline(true)
  await button(page, 'Settings').click()
  await editor(page).getByLabel('Name', { exact: true }).fill('Beginning')
  await editor(page).getByLabel('Description').fill('Learn to sail in a week.')
  await expect(editor(page).getByRole('status')).toContainText('Not saved. The server cannot be reached.')
  await page.getByRole('link', { name: 'Sailing school' }).click()
  const question = page.getByRole('alertdialog', { name: 'Not saved' })
  await expect(question).toContainText('it is lost')
  await page.screenshot({ path: 'test-results/editor-offline.png' })
  await question.getByRole('button', { name: 'Stay' }).click()
  await context.setOffline(false)
  await saved(page)
  expect(await read()).toMatchObject({ name: 'Beginning', seo: { description: 'Learn to sail in a week.' } })
  await expect(page.getByRole('heading', { level: 1, name: 'Beginning' })).toBeVisible()
  await page.setViewportSize({ width: 1280, height: 900 })
  await button(page, 'Phone').click()
  await button(page, 'Outline').click()
  await page.screenshot({ path: 'test-results/editor-dark.png' })
  await lookedAt(page)
})

test('a block is dragged into the page', async ({ page, baseURL }) => {
  const { email, path, read } = await given(baseURL ?? '', 'dragger')
  await signInAs(page, email)
  await page.setViewportSize({ width: 1280, height: 1000 })
  const refusals = await opened(page, path)
  const from = await editor(page).getByTestId('drawer-item:Banner').boundingBox()
  const to = await editor(page).getByRole('heading', { name: 'Learn to sail' }).boundingBox()
  if (from === null || to === null) throw new Error('nothing to drag')
  await page.mouse.move(from.x + 40, from.y + 15)
  await page.mouse.down()
  await page.mouse.move(from.x - 40, from.y + 40, { steps: 10 })
  await page.mouse.move(to.x + 100, to.y + 5, { steps: 20 })
  await page.screenshot({ path: 'test-results/editor-drag.png' })
  await page.mouse.up()
  await expect(editor(page).getByText('New: doors are open until Friday.').first()).toBeVisible()
  await expect
    .poll(async () => (await read()).content.content.map(({ type }) => type).sort())
    .toEqual(['Banner', 'Carousel', 'Heading'])
  expect(refusals).toEqual([])
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('the page is shown and renamed by a form', async ({ page, baseURL }) => {
    const { email, path, read } = await given(baseURL ?? '', 'plain')
    await signInAs(page, email)
    await page.goto(path)
    await expect(page.getByRole('heading', { name: 'Learn to sail' })).toBeVisible()
    await expect(editor(page)).toBeHidden()
    await page.getByRole('textbox', { name: 'Name' }).fill('Plain')
    await page.getByRole('button', { name: 'Save the name' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Plain' })).toBeVisible()
    expect((await read()).name).toBe('Plain')
  })
})

import { expect, type Page, test } from '@playwright/test'
import { Secret, TOTP } from 'otpauth'
import { mailbox, newMember, PASSWORD, until } from './support/client'
import { lookedAt } from './support/look'

/** Somebody looks after their own account, with and without JavaScript, wide and narrow. */

const button = (page: Page, name: string) => page.getByRole('main').getByRole('button', { name, exact: true })

const signInAs = async (page: Page, email: string, password = PASSWORD): Promise<void> => {
  await page.goto('/auth/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await button(page, 'Sign in').click()
}

/** Looks at a page on a phone and on a desk, in both schemes. */
const lookedAtAll = async (page: Page): Promise<void> => {
  for (const [width, colorScheme] of [
    [320, 'dark'],
    [1280, 'light'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme })
    await lookedAt(page)
  }
}

const appOf = (secret: string) => {
  const totp = new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) })
  return (ahead = 0) => totp.generate({ timestamp: Date.now() + ahead * 30_000 })
}

for (const javaScriptEnabled of [true, false])
  test.describe(`with${javaScriptEnabled ? '' : 'out'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('a second factor is set up, asked for, and helped out by a recovery code', async ({
      page,
      baseURL,
    }) => {
      const email = `factor-${javaScriptEnabled}@account.example`
      await newMember(baseURL ?? '', email)
      await signInAs(page, email)
      await expect(page).toHaveURL(/\/dashboard$/)
      await page.goto('/settings/security')
      if (javaScriptEnabled) await lookedAtAll(page)
      await page.getByRole('link', { name: 'Set it up' }).click()
      if (javaScriptEnabled) await lookedAtAll(page)
      await page.getByLabel('Your password').fill('not my password')
      await button(page, 'Go on').click()
      await expect(page.getByRole('alert')).toContainText('This is not your password')
      await page.getByLabel('Your password').fill(PASSWORD)
      await button(page, 'Go on').click()
      const app = appOf(await page.locator('.enrolment-key').innerText())
      await page.getByLabel('Code').fill('000000')
      await button(page, 'Switch it on').click()
      await expect(page.getByRole('alert')).toContainText('This code is not right')
      if (javaScriptEnabled) await lookedAtAll(page)
      await page.getByLabel('Code').fill(app())
      await button(page, 'Switch it on').click()
      const codes = page.locator('.recovery-codes li')
      await expect(codes).toHaveCount(10)
      const recovery = await codes.first().innerText()
      if (javaScriptEnabled) await lookedAtAll(page)

      await page.goto('/auth/sign-out')
      await page.context().clearCookies()
      await signInAs(page, email)
      await expect(page).toHaveURL(/auth\/second-factor/)
      if (javaScriptEnabled) await lookedAtAll(page)
      await page.getByLabel('Code').fill('123')
      await button(page, 'Sign in').click()
      await expect(page.getByRole('alert')).toContainText('This code is not right')
      await page.getByLabel('Code').fill(app(1))
      await button(page, 'Sign in').click()
      await expect(page).toHaveURL(/\/dashboard$/)

      await page.context().clearCookies()
      await signInAs(page, email)
      await page.getByLabel('Code').fill(recovery)
      await button(page, 'Sign in').click()
      await expect(page).toHaveURL(/\/dashboard$/)
      await page.goto('/settings/second-factor')
      await expect(page.getByText('9 of 10 recovery codes are left')).toBeVisible()
      const told = await until(async () => {
        const subjects = (await mailbox(baseURL ?? '')).filter(({ to }) => to === email)
        return subjects.length >= 3 ? subjects.map(({ subject }) => subject) : null
      })
      expect(told).toEqual([
        'A recovery code was used',
        'Your second factor is on',
        'Confirm your e-mail address',
      ])
    })

    test('sessions are listed and signed out, one and all others', async ({ page, browser, baseURL }) => {
      const email = `sessions-${javaScriptEnabled}@account.example`
      await newMember(baseURL ?? '', email)
      await signInAs(page, email)
      await expect(page).toHaveURL(/\/dashboard$/)
      const context = await browser.newContext(baseURL === undefined ? {} : { baseURL })
      const elsewhere = await context.newPage()
      await signInAs(elsewhere, email)
      await expect(elsewhere).toHaveURL(/\/dashboard$/)

      await page.goto('/settings/security')
      const rows = page.getByRole('row').filter({ hasText: /Chrome|program/ })
      await expect(rows).toHaveCount(3)
      await expect(rows.first()).toContainText('This one')
      const program = rows.filter({ hasText: 'A program or unknown device' })
      await program.locator('summary').click()
      await program.getByRole('button', { name: 'Sign it out' }).click()
      await expect(page.getByText('That session is signed out.')).toBeVisible()
      await expect(rows).toHaveCount(2)
      await button(page, 'Sign out everywhere but here').click()
      await expect(page.getByText('You are signed out everywhere but here.')).toBeVisible()
      await expect(rows).toHaveCount(1)
      await elsewhere.goto('/dashboard')
      await expect(elsewhere).toHaveURL(/auth\/sign-in/)
      await context.close()
    })
  })

test('name, password and address are changed; the address once both sides agree', async ({
  page,
  baseURL,
}) => {
  const url = baseURL ?? ''
  const [email, next] = ['profile@account.example', 'profile-next@account.example']
  await newMember(url, email)
  await signInAs(page, email)
  await expect(page).toHaveURL(/\/dashboard$/)
  await page.goto('/settings')
  await lookedAtAll(page)
  await page.getByLabel('First name').fill('Bea')
  await page.getByLabel('Company').fill('Brook Ltd')
  await button(page, 'Save').click()
  await expect(page.getByText('Saved.')).toBeVisible()
  await expect(page.getByLabel('Company')).toHaveValue('Brook Ltd')

  await page.goto('/settings/password')
  await lookedAtAll(page)
  await page.getByLabel('The password until now').fill('not this')
  await page.getByLabel('The new password').fill('short')
  await button(page, 'Change it').click()
  await expect(page.getByRole('alert')).toContainText('At least 8 characters')
  await page.getByLabel('The password until now').fill(PASSWORD)
  await page.getByLabel('The new password').fill('a boat upon the lake')
  await button(page, 'Change it').click()
  await expect(page.getByText('Your password is changed.')).toBeVisible()

  await page.goto('/settings/email')
  await lookedAtAll(page)
  await page.getByLabel('New e-mail address').fill(next)
  await page.getByLabel('Your password').fill('a boat upon the lake')
  await button(page, 'Ask both addresses').click()
  await expect(page.getByText('A change waits for both addresses to agree')).toBeVisible()
  await lookedAtAll(page)
  const linkTo = (address: string) =>
    until(async () =>
      (await mailbox(url))
        .filter(({ to }) => to === address)
        .flatMap(({ links }) => links)
        .find((link) => link.includes('change-email')),
    )
  await page.goto(await linkTo(next))
  await lookedAtAll(page)
  await button(page, 'This is my address').click()
  await expect(page.getByText('Now the other address has to')).toBeVisible()
  await page.goto(await linkTo(email))
  await expect(button(page, 'Stop it')).toBeVisible()
  await button(page, 'Agree').click()
  await expect(page.getByText('Done. The account is that of the new address')).toBeVisible()
  await page.goto('/settings')
  await expect(page.getByRole('region', { name: 'E-mail address' })).toContainText(next)
  await page.goto(await linkTo(next))
  await expect(page.getByText('This link no longer works.')).toBeVisible()
})

test('what happened stands under notifications, and each kind is chosen', async ({ page, baseURL }) => {
  const url = baseURL ?? ''
  const email = 'told@account.example'
  const client = await newMember(url, email)
  await signInAs(page, email)
  await expect(page).toHaveURL(/\/dashboard$/)
  await page.goto('/notifications')
  await expect(page.getByText('Nothing yet')).toBeVisible()
  await lookedAtAll(page)
  await client.post('/api/auth/api-keys', { name: 'Import' })
  await page.goto('/notifications')
  await expect(page.getByText('New', { exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: /Notifications \(?1/ }).first()).toBeVisible()
  await lookedAtAll(page)
  await button(page, 'Mark all as read').click()
  await expect(page.getByText('All are marked as read.')).toBeVisible()
  await expect(page.getByText('New', { exact: true })).toHaveCount(0)

  await page.getByRole('link', { name: 'Choose what you get' }).click()
  await lookedAtAll(page)
  const sales = page.getByRole('group', { name: 'Sales' })
  await sales.getByRole('checkbox', { name: 'Here' }).uncheck()
  await sales.getByRole('combobox', { name: 'By mail' }).selectOption('Once a day, together')
  await button(page, 'Save').click()
  await expect(page.getByText('Saved.')).toBeVisible()
  await expect(sales.getByRole('checkbox', { name: 'Here' })).not.toBeChecked()
  await expect(sales.getByRole('combobox', { name: 'By mail' })).toHaveValue('DAILY')
  await page.goto('/unsubscribe?token=x')
  await expect(page.getByText('This link does not work.')).toBeVisible()
  await lookedAtAll(page)
})

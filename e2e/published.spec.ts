import { expect, test } from '@playwright/test'
import { Client, ok } from './support/client'

/** Whatever script a published page carries, the session of whoever looks at it is out of its reach. */
test('a published page reaches no session of the application', async ({ page, baseURL, context }) => {
  const base = baseURL ?? ''
  const nora = { email: 'nora@offshoot.example', password: 'orange-boat-on-tuesday' }
  const client = new Client(base)
  ok(await client.post('/api/auth/sign-in', nora))
  const made = ok(
    await client.post<{ slug: string }>('/api/workspace/import', {
      format: 'offshoot.workspace/1',
      name: 'Script kit',
      funnels: [
        {
          name: 'Site',
          slug: 'site',
          status: 'LIVE',
          // What an owner may run once a visitor agreed: tries all that a script can.
          settings: { customScript: ATTACK.replaceAll('BASE', base) },
          pages: [{ key: 'p1', name: 'Home', slug: 'home', content: { root: {}, content: [] } }],
        },
      ],
    }),
  )
  await page.goto('/auth/sign-in')
  await page.fill('[name=email]', nora.email)
  await page.fill('[name=password]', nora.password)
  await page.click('main button')
  await page.waitForURL(/dashboard/)
  expect((await context.cookies()).length).toBeGreaterThan(0)

  await page.goto(`/w/${made.slug}/site`)
  await page.getByRole('button', { name: 'Yes' }).click()
  await expect(page.locator('html')).toHaveAttribute('data-done', 'yes')
  const found = JSON.parse((await page.locator('html').getAttribute('data-found')) ?? '{}') as object
  expect(found).toEqual({
    origin: 'null',
    cookie: 'refused',
    storage: 'refused',
    me: 'refused',
    change: 'refused',
  })

  await page.goto('/dashboard')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})

const ATTACK = `(async()=>{const found={origin:self.origin};
const attempt=async(name,work)=>{try{found[name]=await work()}catch{found[name]="refused"}};
await attempt("cookie",()=>document.cookie);
await attempt("storage",()=>localStorage.length);
await attempt("me",async()=>(await fetch("BASE/api/auth/me",{credentials:"include"})).status);
await attempt("change",async()=>(await fetch("BASE/api/workspace",{method:"POST",credentials:"include",headers:{"content-type":"application/json"},body:"{}"})).status);
document.documentElement.dataset.found=JSON.stringify(found);document.documentElement.dataset.done="yes"})()`

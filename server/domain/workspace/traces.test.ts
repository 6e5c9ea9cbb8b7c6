import { eq } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import { workspaces } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { ownTraces } from './scan-for-traces'
import { findTraces, type Trace } from './traces'
import { updatePage } from './update-page'

const database = useDatabase()

const tracesIn = (value: unknown, hosts: string[] = []) => {
  const found: Trace[] = []
  findTraces(value, new Set(hosts), (trace) => found.push(trace))
  return found
}

describe('what a seller left in what they offer', () => {
  it.each([
    ['TRACKING', 'G-ABC1234567'],
    ['TRACKING', '<script src="https://www.googletagmanager.com/gtag/js?id=1"></script>'],
    ['TRACKING', "fbq('init', '123456')"],
    ['TRACKING', 'see UA-12345-1 there'],
    ['KEY', 'const key = "sk_live_abcdef123456"'],
    ['KEY', 'Authorization: Bearer abcdefgh12345678'],
    ['KEY', '-----BEGIN RSA PRIVATE KEY-----'],
    ['KEY', 'smtps://user:pass@mail.example'],
    ['WEBHOOK', 'https://hooks.slack.com/services/T/B/x'],
    ['WEBHOOK', 'https://api.seller.example/v1/webhook/42'],
    ['MAIL', 'Write to ada.lovelace+x@seller.example today'],
    ['OWN_SITE', 'https://www.seller.example/imprint'],
    ['OWN_SITE', '<a href="http://shop.seller.example">'],
  ])('%s is found in %s', (kind, text) => {
    const found = tracesIn({ content: [{ props: { html: text } }] }, ['seller.example'])
    expect(found.map((trace) => trace.kind)).toContain(kind)
    expect(found[0]?.path).toEqual(['content', 0, 'props', 'html'])
  })

  it.each([
    [{ apiKey: 'whatever' }, 'KEY'],
    [{ 'web-hook-url': '/x' }, 'WEBHOOK'],
    [{ metaPixelId: '987' }, 'TRACKING'],
    [{ deep: [{ smtp_password: 'x' }] }, 'KEY'],
  ])('by its name: %j', (value, kind) => {
    expect(tracesIn(value).map((trace) => trace.kind)).toEqual([kind])
  })

  it.each([
    [{ apiKeyLabel: 'API key', passwordPlaceholder: 'Password', apiKey: '', secret: 5 }],
    [
      {
        a: 'jeans by G-STAR',
        b: 'page:p1',
        c: 'https://example.org/a',
        d: 'a @ b',
        e: 'UA-first',
        f: '4:5@x',
      },
    ],
    [
      {
        text: 'Ask for a secret or a webhook.',
        href: '/w/x/y',
        image: 'https://cdn.example/a@2x.png',
        hint: 'you@example.com',
      },
    ],
  ])('nothing is found in %j', (value) => {
    expect(tracesIn(value, ['seller.example'])).toEqual([])
  })

  it('shows of a key only its beginning, and of a long list some', () => {
    expect(tracesIn('sk_live_abcdefghijkl')[0]?.excerpt).toBe('sk_live_ab…')
    const many = Array.from({ length: 99 }, (_, n) => `user${n}@seller.example`).join(' ')
    expect(tracesIn(many)).toHaveLength(10)
  })
})

test('a workspace is looked at as a copy would get it: with the place of each thing, in its own site’s words too', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  expect(await ownTraces(as, workspace.id)).toEqual({ found: [], more: false })
  await database.db
    .update(workspaces)
    .set({
      settings: {
        apiKey: 'never copied',
        website: 'https://www.my-site.example/x',
        note: 'me@my-site.example',
      },
    })
    .where(eq(workspaces.publicId, workspace.id))
  await updatePage(as, {
    workspaceId: workspace.id,
    pageId: 'p2',
    content: { content: [{ type: 'Button', props: { id: 'b', href: 'https://my-site.example/buy' } }] },
  })
  const { found } = await ownTraces(as, workspace.id)
  expect(found).toMatchObject([
    { kind: 'MAIL', path: 'settings.note', excerpt: 'me@my-site.example' },
    { kind: 'OWN_SITE', where: 'Settings of the workspace', path: 'settings.website' },
    {
      kind: 'OWN_SITE',
      where: 'Page “Page 2”',
      pageId: 'p2',
      funnelId: '1',
      path: 'content.content.0.props.href',
    },
  ])
  const stranger = ctx.as((await makeUser(ctx)).actor)
  await expect(ownTraces(stranger, workspace.id)).rejects.toMatchObject({ status: 404 })
  await updatePage(as, {
    workspaceId: workspace.id,
    pageId: 'p3',
    content: { list: Array.from({ length: 300 }, (_, n) => `user${n}@a.example`) },
  })
  const many = await ownTraces(as, workspace.id)
  expect([many.found.length, many.more]).toEqual([200, true])
})

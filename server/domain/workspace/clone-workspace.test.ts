import { eq, getTableName, is, sql } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import fc from 'fast-check'
import postgres from 'postgres'
import { expect, test } from 'vitest'
import { APPLICATION_ROLE, type Db } from '../../../db/client'
import * as schema from '../../../db/schema'
import { funnels, pages, users, workspaceClones, workspaceMembers, workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { inTransaction } from '../../kit/context'
import { cloneManifest } from './clone-manifest'
import { cloneWorkspace } from './clone-workspace'
import { deleteWorkspace } from './delete-workspace'
import { exportWorkspace } from './export-workspace'
import type { WorkspaceDocument } from './schemas'
import { updatePage } from './update-page'
import { updateWorkspace } from './update-workspace'

const database = useDatabase({ max: 16 })

const rowOf = async (publicId: string) => {
  const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, publicId))
  if (row === undefined) throw new Error('there is no such workspace')
  return row
}

const sale = async (ctx: TestContext, size: Parameters<typeof makeSellerWithWorkspace>[1] = {}) => {
  const { seller, workspace, as } = await makeSellerWithWorkspace(ctx, size)
  const buyer = await makeUser(ctx)
  const source = await rowOf(workspace.id)
  const input = { sourceId: source.id, buyerId: buyer.id, sellerId: seller.id, reason: 'a test' }
  return { seller, asSeller: as, buyer, asBuyer: ctx.as(buyer.actor), source, input }
}

/** What 2-cloning.md sets anew or leaves out, taken from both sides. */
const comparable = ({ id, slug, settings, ...document }: WorkspaceDocument) => ({
  ...document,
  settings: { ...settings, apiKey: null, nested: null },
  funnels: document.funnels.map(({ tracking, passwordProtected, settings, ...funnel }) => ({
    ...funnel,
    settings: { ...settings, trackingIds: null },
    pages: funnel.pages.map(({ linkingId, visits, ...page }) => page),
  })),
})

test('the export of a copy equals that of its source, but for what is set anew or left out', async () => {
  const ctx = testContext(database.db)
  const { asSeller, asBuyer, source, input } = await sale(ctx, { funnels: 20, pagesPerFunnel: 50 })
  await database.db.update(pages).set({ visits: 9n }).where(eq(pages.workspaceId, source.id))
  await database.db.update(funnels).set({ passwordHash: 'x' }).where(eq(funnels.workspaceId, source.id))
  const untouched = await exportWorkspace(asSeller, source.publicId)
  const result = await cloneWorkspace(ctx, input)
  expect(result).toMatchObject({
    clonedWorkspaceName: source.name,
    clonedWorkspaceSlug: expect.stringMatching(/^premium-templates-\d+$/),
    funnelsCloned: 20,
    pagesCloned: 1_000,
    message: '“Premium Templates” was copied with 20 funnels and 1,000 pages.',
  })
  expect(result.needsInput.map((line) => line.split(':')[0])).toEqual(['Tracking', 'Password', 'Settings'])

  const copy = await exportWorkspace(asBuyer, result.clonedWorkspaceId)
  expect(comparable(copy)).toEqual(comparable(untouched))
  expect(copy.settings).toEqual({ locale: 'en', nested: { keep: 1 } })
  for (const funnel of copy.funnels) {
    expect(funnel).toMatchObject({ tracking: {}, passwordProtected: false })
    expect(funnel.settings).toEqual({ language: 'en', favicon: null })
    for (const page of funnel.pages) expect(page.visits).toBe(0)
  }
  const ids = [...copy.funnels, ...untouched.funnels].flatMap((funnel) =>
    funnel.pages.map((page) => page.linkingId),
  )
  expect(new Set(ids).size).toBe(2_000)
  expect(await exportWorkspace(asSeller, source.publicId)).toEqual(untouched)
  expect(await rowOf(source.publicId)).toEqual(source)
})

test('a copy is the buyer’s alone, and says where it came from', async () => {
  const ctx = testContext(database.db)
  const { seller, asSeller, buyer, source, input } = await sale(ctx)
  await database.db.update(workspaces).set({ notForResale: true }).where(eq(workspaces.id, source.id))
  ctx.clock.advance(1_000)
  const result = await cloneWorkspace(ctx, input)
  const copy = await rowOf(result.clonedWorkspaceId)
  expect(copy).toMatchObject({
    ownerId: buyer.id,
    status: 'ACTIVE',
    notForResale: true,
    sourceId: source.id,
    createdAt: ctx.now(),
  })
  expect(
    await database.db.select().from(workspaceMembers).where(eq(workspaceMembers.workspaceId, copy.id)),
  ).toMatchObject([{ userId: buyer.id, role: 'OWNER' }])
  await expect(exportWorkspace(asSeller, result.clonedWorkspaceId)).rejects.toMatchObject({ status: 404 })
  const [record] = await database.db
    .select()
    .from(workspaceClones)
    .where(eq(workspaceClones.id, result.cloneId))
  expect(record).toMatchObject({
    sourceWorkspaceId: source.id,
    copyWorkspaceId: copy.id,
    sellerId: seller.id,
    buyerId: buyer.id,
    reason: 'a test',
    funnelsCloned: 2,
    pagesCloned: 6,
  })
  const rows = await database.db.select().from(pages).where(eq(pages.workspaceId, copy.id))
  for (const page of rows) expect(page.originHash).toEqual(page.contentHash)
})

test('nothing in a copy refers to the source’s rows', async () => {
  const ctx = testContext(database.db)
  const { seller, source, input } = await sale(ctx)
  const result = await cloneWorkspace(ctx, input)
  const { id } = await rowOf(result.clonedWorkspaceId)
  const tables = await workspaceTables()
  for (const table of tables) {
    const told = await database.db.execute<{ row: string }>(
      sql`select to_jsonb(x)::text as row from ${sql.identifier(table)} x where workspace_id = ${id.toString()}::bigint`,
    )
    for (const { row } of told) {
      expect(row).not.toContain(source.publicId)
      expect(row).not.toContain(seller.id)
    }
  }
  const [told] = await database.db.execute<{ row: string }>(
    sql`select (to_jsonb(w) - 'source_id')::text as row from workspaces w where id = ${id.toString()}::bigint`,
  )
  expect(told?.row).not.toContain(source.publicId)
  expect(told?.row).not.toContain(seller.id)
  const [foreign] = await database.db.execute<{ n: number }>(sql`
    select count(*)::int as n from funnels f left join themes t using (workspace_id, theme_no)
    where f.workspace_id = ${id.toString()}::bigint and f.theme_no is not null and t.key is null`)
  expect(foreign?.n).toBe(0)
})

const workspaceTables = async (): Promise<string[]> => {
  const rows = await database.owner.execute<{ name: string }>(sql`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'workspace_id' order by 1`)
  return rows.map((row) => row.name)
}

test('every table of the database that belongs to a workspace is classified', async () => {
  const tables = new Map(Object.entries<unknown>(schema))
  const classified = Object.keys(cloneManifest).map((name) => {
    const table = tables.get(name)
    return is(table, PgTable) ? getTableName(table) : ''
  })
  expect(classified.sort()).toEqual(await workspaceTables())
})

test('the number of statements is the same for one page and a thousand', async () => {
  const statementsFor = async (funnelCount: number, pagesPerFunnel: number) => {
    const { input } = await sale(testContext(database.db), { funnels: funnelCount, pagesPerFunnel })
    const statements: string[] = []
    const client = postgres(database.url, {
      max: 1,
      onnotice: () => {},
      connection: { role: APPLICATION_ROLE },
    })
    const db: Db = drizzle(client, { schema, logger: { logQuery: (query) => void statements.push(query) } })
    try {
      await cloneWorkspace(testContext(db), input)
    } finally {
      await client.end()
    }
    return statements.length
  }
  const small = await statementsFor(1, 1)
  expect(small).toBeLessThanOrEqual(5)
  expect(await statementsFor(20, 50)).toBe(small)
})

test.each([2, 32])('%i clones of one name at once get as many slugs', async (n) => {
  const ctx = testContext(database.db)
  const { input } = await sale(ctx, { name: `Busy ${n}` })
  const results = await Promise.all(Array.from({ length: n }, () => cloneWorkspace(ctx, input)))
  const slugs = results.map((result) => result.clonedWorkspaceSlug)
  expect(new Set(slugs).size).toBe(n)
  for (const slug of slugs) expect(slug).toMatch(new RegExp(`^busy-${n}-[1-9]\\d*$`))
})

test('a clone does not wait for another of the same name that is still under way', async () => {
  const ctx = testContext(database.db)
  const { input } = await sale(ctx, { name: 'Slow' })
  await inTransaction(ctx, async (tx) => {
    const slow = await cloneWorkspace(tx, input)
    const fast = await cloneWorkspace(ctx, input)
    expect([slow.clonedWorkspaceSlug, fast.clonedWorkspaceSlug]).toEqual(['slow-1', 'slow-2'])
  })
})

test('beside a seller’s edits a copy is one state, never a mixture', async () => {
  const ctx = testContext(database.db)
  const { asSeller, asBuyer, source, input } = await sale(ctx, { funnels: 3, pagesPerFunnel: 3 })
  let over = false
  let rounds = 0
  const edit = async () => {
    for (let round = 0; !over; round += 1) {
      await inTransaction(asSeller, async (tx) => {
        await updateWorkspace(tx, { id: source.publicId, description: `round ${round}` })
        for (const no of [1, 5, 9])
          await updatePage(tx, {
            workspaceId: source.publicId,
            pageId: `p${no}`,
            content: { round: `round ${round}` },
          })
      })
      rounds += 1
    }
  }
  const editing = edit()
  while (rounds === 0) await new Promise((resume) => setTimeout(resume, 1))
  const copies: string[] = []
  for (let i = 0; i < 15; i += 1) copies.push((await cloneWorkspace(ctx, input)).clonedWorkspaceId)
  over = true
  await editing
  const seen = new Set<string>()
  for (const id of copies) {
    const copy = await exportWorkspace(asBuyer, id)
    const edited = copy.funnels
      .flatMap((funnel) => funnel.pages)
      .filter((page) => ['p1', 'p5', 'p9'].includes(page.key))
    seen.add(copy.description)
    for (const page of edited) expect(page.content).toEqual({ round: copy.description })
  }
  expect(seen.size).toBeGreaterThan(0)
})

test('a clone that fails later leaves nothing behind', async () => {
  const ctx = testContext(database.db)
  const { input, buyer } = await sale(ctx)
  const count = async () =>
    Promise.all([workspaces, pages, funnels, workspaceClones].map((table) => database.db.$count(table)))
  const before = await count()
  const failing = inTransaction(ctx, async (tx) => {
    await cloneWorkspace(tx, input)
    throw new Error('power cut')
  })
  await expect(failing).rejects.toThrow('power cut')
  expect(await count()).toEqual(before)
  expect((await database.db.select().from(users).where(eq(users.id, buyer.id))).length).toBe(1)
})

test('an edit on either side never shows on the other', async () => {
  const ctx = testContext(database.db)
  const { asSeller, asBuyer, source, input } = await sale(ctx)
  const { clonedWorkspaceId: copyId } = await cloneWorkspace(ctx, input)
  const [sourceBefore, copyBefore] = [
    await exportWorkspace(asSeller, source.publicId),
    await exportWorkspace(asBuyer, copyId),
  ]
  await updatePage(asBuyer, { workspaceId: copyId, pageId: 'p1', name: 'Mine', content: { to: 'page:p2' } })
  expect(await exportWorkspace(asSeller, source.publicId)).toEqual(sourceBefore)
  await updatePage(asSeller, { workspaceId: source.publicId, pageId: 'p2', content: { mine: 'too' } })
  const copyNow = (await exportWorkspace(asBuyer, copyId)).funnels.flatMap((funnel) => funnel.pages)
  expect(copyNow[0]).toMatchObject({ name: 'Mine', content: { to: 'page:p2' } })
  expect(copyNow.slice(1)).toEqual(copyBefore.funnels.flatMap((funnel) => funnel.pages).slice(1))
})

test('a deleted source still clones, for the buyer has paid; one that never was does not', async () => {
  const ctx = testContext(database.db)
  const { asSeller, source, input } = await sale(ctx)
  await deleteWorkspace(asSeller, source.publicId)
  const result = await cloneWorkspace(ctx, input)
  expect((await rowOf(result.clonedWorkspaceId)).status).toBe('ACTIVE')
  await expect(cloneWorkspace(ctx, { ...input, sourceId: 999_999_999n })).rejects.toMatchObject({
    status: 422,
    code: 'SOURCE_GONE',
  })
})

test('an empty workspace has nothing that needs input', async () => {
  const ctx = testContext(database.db)
  const { input, source } = await sale(ctx, { funnels: 0 })
  await database.db.update(workspaces).set({ settings: {} }).where(eq(workspaces.id, source.id))
  const result = await cloneWorkspace(ctx, input)
  expect(result).toMatchObject({ funnelsCloned: 0, pagesCloned: 0, needsInput: [] })
})

test('keys, webhooks and tracking ids are stripped at any depth, and nothing else', async () => {
  const [row] = await database.db.execute<{ stripped: unknown }>(
    sql`select strip_secrets(${JSON.stringify({
      API_KEY: 1,
      'web-hooks': [],
      list: [{ Secret: 1, keep: [1, 'secret', null] }, 'x'],
      googleAnalyticsId: 'G-1',
      cookieConsent: { text: 'apiKey', policyLinks: [] },
      keyboard: true,
      empty: {},
    })}::jsonb) as stripped`,
  )
  expect(row?.stripped).toEqual({
    list: [{ keep: [1, 'secret', null] }, 'x'],
    cookieConsent: { text: 'apiKey', policyLinks: [] },
    keyboard: true,
    empty: {},
  })
})

const strip = async (value: unknown) => {
  const [row] = await database.db.execute<{ stripped: unknown }>(
    sql`select strip_secrets(${JSON.stringify(value)}::jsonb) as stripped`,
  )
  return row?.stripped
}

test.each([
  [{ stripeSecretKey: 'x' }],
  [{ openaiApiKey: 'x', mailchimp_api_key: 'x', 'SENDGRID API KEY': 'x' }],
  [{ slackWebhookUrl: 'x', zapierWebhooks: ['x'], leadWebhook: { url: 'x' } }],
  [{ smtpPassword: 'x', awsAccessKeyId: 'x', tlsPrivateKey: 'x', googleCredentials: { a: 'x' } }],
  [{ ga4MeasurementId: 'x', matomoAnalyticsId: 'x', gtmContainer: 'x', myGtm: 'x' }],
  [{ facebookPixelCode: 'x', tiktokPixel: ['x'], customTrackingScripts: ['x'], headScripts: ['x'] }],
  [{ botToken: 'x', accessTokens: ['x'], clientSecretValue: 'x', authorization: 'x', metaPixelId: 987 }],
  [{ payments: 'sk_live_abc', test: 'sk_test_abc', limited: 'rk_live_abc', hook: 'whsec_abc' }],
  [{ a: 'G-ABC1234567', b: 'GTM-ABC12', c: 'UA-12345-1', d: 'AKIAIOSFODNN7EXAMPLE', e: ' AW-123456789' }],
  [
    {
      mail: 'smtps://user:pass@mail.example',
      post: 'https://hooks.slack.com/services/T/B/x',
      h: 'Bearer abcdef',
    },
  ],
  [{ code: '<script>fbq("init", "1")</script>' }],
])('%j is the seller’s and does not reach a copy, at any depth', async (secrets) => {
  expect(await strip(secrets)).toEqual({})
  expect(await strip({ a: [{ b: secrets }] })).toEqual({ a: [{ b: {} }] })
})

test('a value beside the name of a secret goes, its name stays', async () => {
  const pairs = [
    { name: 'apiKey', value: 'x' },
    { key: 'SLACK_WEBHOOK', value: { url: 'x' }, scope: 'all' },
    { Name: 'Authorization', Value: 'x' },
    { name: 'color', value: 'red' },
    { name: 'passwordProtected', value: false },
  ]
  expect(await strip({ env: pairs, ids: ['G-ABC1234567', 'kept'] })).toEqual({
    env: [
      { name: 'apiKey' },
      { key: 'SLACK_WEBHOOK', scope: 'all' },
      { Name: 'Authorization' },
      { name: 'color', value: 'red' },
      { name: 'passwordProtected', value: false },
    ],
    ids: ['kept'],
  })
})

test('what only sounds like a secret stays', async () => {
  const harmless = {
    tokens: { color: { ink: '#fff' } },
    designTokens: { space: '4px' },
    maxTokens: 5,
    cookieConsent: { text: 'We use cookies for analytics.', policyLinks: ['page:p1'] },
    passwordProtected: false,
    trackingEnabled: true,
    pixelRatio: 2,
    pixelGrid: [1, 2],
    passwordPlaceholder: 'Your password',
    apiKeyLabel: 'API key',
    secretary: 'Ann',
    paddingTMobile: '4px',
    monkey: 'x',
    keyboard: 'qwerty',
    description: 'A script for a tokenized transcript',
    tokenizer: 'words',
    jeans: 'G-STAR',
    grade: 'UA-first',
    link: 'https://a.example/path@2x.png',
    apiKey: null,
  }
  expect(await strip(harmless)).toEqual(harmless)
})

test('whatever is no secret stays as it was, beside secrets too', async () => {
  const word = fc.constantFrom(
    'color',
    'font',
    'layout',
    'title',
    'items',
    'Größe',
    'a',
    'menu-Top',
    'x_1',
    '',
  )
  const plain = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('Hello', 'page:p1', '#fff', '', 'ü\n"', '<b>bold</b>', 'https://a.example/?q=1'),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(word, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value
  const settings = fc.dictionary(word, plain, { maxKeys: 5, noNullPrototype: true })
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.constantFrom('openaiApiKey', 'smtp-password', 'fbPixel'),
      async (value, name) => {
        expect(await strip(value)).toEqual(value)
        expect(await strip({ ...value, [name]: 'x', deep: [{ value, [name]: ['x'] }] })).toEqual({
          ...value,
          deep: [{ value }],
        })
        const [row] = await database.db.execute<{ same: boolean }>(
          sql`select strip_secrets(v)::text = v::text as same from (select ${JSON.stringify(value)}::jsonb as v) x`,
        )
        expect(row?.same).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})

import { expect, test } from '@playwright/test'
import { Client, ok, until } from './support/client'
import { type OwnWorld, openWorld } from './support/world'

/** Whoever reads changes nothing: every page and path is asked for, and the rows are compared after each. */

let world: OwnWorld

test.beforeAll(async () => {
  test.setTimeout(240_000)
  world = await openWorld('reading.log', { SEED: 'demo' })
})
test.afterAll(async () => {
  await world?.close()
})

/** What reading may write: sessions last longer by use, clicks are counted, and the rest is the worker's own work. */
const ALLOWED = [
  'sessions',
  'clicks',
  'clicks_%',
  'click_%',
  'link_click%',
  'referral_%',
  'jobs',
  'ledger_proofs',
  'ledger_seals',
  'ledger_snapshots',
  'ledger_seal_proposal',
  'sandbox_%',
]

/** The fingerprint of every table's rows, versions of rows included. */
const fingerprints = async (tables: readonly string[]): Promise<Map<string, string>> => {
  const rows = await world.sql.unsafe(
    tables
      .map(
        (name) =>
          `select '${name}' as name, count(*) || ':' || coalesce(sum(hashtextextended(t.xmin::text || t::text, 0)), 0) as print from "${name}" t`,
      )
      .join(' union all '),
  )
  return new Map(rows.map((row) => [String(row.name), String(row.print)]))
}

const tablesToWatch = async (): Promise<string[]> => {
  const rows = await world.sql`
    select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and not c.relname like any (${ALLOWED}) order by 1`
  return rows.map((row) => String(row.name))
}

/** The addresses a page leads to on this site. */
const linksIn = (html: string): string[] =>
  [...html.matchAll(/<a[^>]* href="(\/[^"#]*)/g)].map(([, path = '']) => path.replaceAll('&amp;', '&'))

/** Paths of the interface that can be asked for by GET, with ids that are there or not. */
const apiPaths = async (client: Client): Promise<string[]> => {
  const { paths } = ok(
    await client.get<{ paths: Record<string, Record<string, unknown>> }>('/api/openapi.json'),
  )
  return Object.entries(paths)
    .filter(([, methods]) => 'get' in methods)
    .map(([path]) => path.replaceAll(/\{\w+\}/g, '00000000-0000-7000-8000-000000000000'))
}

const BEGIN = [
  '/',
  '/marketplace',
  '/auth/sign-up',
  '/auth/sign-in',
  '/auth/forgot-password',
  '/auth/reset-password?token=x',
  '/auth/verify-email?token=x',
  '/dashboard',
  '/workspaces',
  '/workspaces/new',
  '/workspaces/import',
  '/links',
  '/links/new',
  '/sales',
  '/purchases',
  '/balance',
  '/balance/commissions',
  '/balance/withdraw?currency=USD',
  '/balance/payout-method',
  '/balance/payout-method?kind=STRIPE',
  '/balance/tax',
  '/billing',
  '/billing/upgrade',
  '/affiliate',
  '/account/close',
  '/settings',
  '/settings/security',
  '/settings/second-factor',
  '/settings/keys',
  '/settings/email',
  '/settings/notifications',
  '/unsubscribe?token=x',
  '/settings/password',
  '/auth/change-email?token=x',
  '/auth/second-factor',
  '/notifications',
  '/buy/none',
  '/buy/success',
  '/r/none',
  '/p/none-1',
  '/admin',
  '/admin/webhooks',
  '/admin/payments',
  '/admin/withdrawals',
  '/admin/affiliates',
  '/admin/program',
  '/admin/adjustments',
  '/admin/ledger',
  '/api/auth/verify-email?token=x',
  '/api/balance/transactions.csv',
  '/api/balance/statements.json?currency=USD&month=2026-10&timezone=UTC',
  '/api/balance/statements.pdf?currency=USD&month=2026-10&timezone=UTC',
  '/api/balance/statements.csv?currency=USD&month=2026-10&timezone=UTC',
  '/.well-known/offshoot-statement-keys.json',
  '/api/docs',
  '/healthz',
  '/readyz',
  '/metrics',
  '/nothing/here',
]

/** Downloads of what is kept sealed are noted in the log: that is what they are for. */
const NOTED = ['/api/admin/tax-summary.csv', '/api/admin/payout-documents/']
const MOST = 150

const crawl = async (client: Client): Promise<{ asked: string[]; wrote: string[]; broke: string[] }> => {
  const tables = await tablesToWatch()
  const queue = [...BEGIN, ...(await apiPaths(client))]
  const asked = new Set<string>()
  const wrote: string[] = []
  const broke: string[] = []
  let before = await fingerprints(tables)
  for (let path = queue.shift(); path !== undefined && asked.size < MOST; path = queue.shift()) {
    if (asked.has(path) || NOTED.some((one) => path?.startsWith(one))) continue
    asked.add(path)
    const answer = await client.get<unknown>(path)
    if (answer.status >= 500) broke.push(`${path}: ${answer.status}`)
    const after = await fingerprints(tables)
    for (const name of tables)
      if (before.get(name) !== after.get(name)) wrote.push(`GET ${path} wrote to ${name}`)
    before = after
    if (typeof answer.body === 'string')
      for (const link of linksIn(answer.body))
        if (!asked.has(link) && !link.startsWith('/sandbox')) queue.push(link)
  }
  return { asked: [...asked], wrote, broke }
}

const quiet = () =>
  until(async () => {
    const [row] =
      await world.sql`select count(*)::int as n from jobs where dead_at is null and run_at < now() + interval '30 seconds'
      and kind not in ('reporting.sealLedger', 'reporting.proveBooks')`
    return row?.n === 0
  })

for (const who of ['visitor', 'member', 'admin'] as const)
  test(`a ${who} who opens every page and path changes nothing`, async () => {
    test.setTimeout(240_000)
    const client = who === 'admin' ? await world.admin() : new Client(world.url)
    if (who === 'member')
      ok(
        await client.post('/api/auth/sign-in', {
          email: 'nora@offshoot.example',
          password: 'orange-boat-on-tuesday',
        }),
      )
    await quiet().catch(() => {})
    const { asked, wrote, broke } = await crawl(client)
    expect(asked.length).toBeGreaterThan(60)
    expect(broke).toEqual([])
    expect(wrote).toEqual([])
  })

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import postgres from 'postgres'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../db/embedded'
import { Client, mailbox, newMember, ok, payAtSandbox, until } from './support/client'
import { workspaceDocument } from './support/document'
import { freePort, type Server, startServer } from './support/server'

/**
 * The instants: the statement at which the process is stopped dead. A trigger of the test holds that statement on a
 * lock, the process is killed while it waits, and only then does the statement go on.
 */
const INSTANTS = [
  { name: 'while the inbox is written', table: 'webhook_events', event: 'before insert' },
  {
    name: 'while the job is written beside it',
    table: 'jobs',
    event: 'after insert',
    when: "new.kind = 'webhook.process'",
  },
  {
    name: 'while the job is claimed',
    table: 'jobs',
    event: 'before update',
    when: "new.kind = 'webhook.process'",
  },
  { name: 'while the buyer’s account is made', table: 'users', event: 'before insert' },
  { name: 'while the payment is recorded', table: 'payments', event: 'after insert' },
  { name: 'while the money is posted', table: 'ledger_entries', event: 'after insert' },
  { name: 'in the middle of the copy', table: 'pages', event: 'after insert' },
  { name: 'after the clone record', table: 'workspace_clones', event: 'after insert' },
  { name: 'while the commission is recorded', table: 'commissions', event: 'after insert' },
  {
    name: 'while the mails are enqueued',
    table: 'mails',
    event: 'after insert',
    when: "new.template = 'workspace-sold'",
  },
  {
    name: 'while the order is closed',
    table: 'orders',
    event: 'before update',
    when: "new.status = 'FULFILLED'",
  },
  {
    name: 'while the event is marked done',
    table: 'webhook_events',
    event: 'before update',
    when: "new.status = 'PROCESSED'",
  },
  {
    name: 'after the commit, before the job is taken away',
    table: 'jobs',
    event: 'before delete',
    when: "old.kind = 'webhook.process'",
  },
  {
    name: 'while a mail is marked sent',
    table: 'mails',
    event: 'before update',
    when: "new.status = 'SENT' and new.template = 'purchase-ready'",
  },
] as const

const HOLD = 4_711
const admin = { email: 'admin@offshoot.example', password: 'a password for the admin' }

let cluster: EmbeddedPostgres
let folder: string
let sql: postgres.Sql
let server: Server
let seller: Client
let token: string
let port: string

const start = () =>
  startServer(
    {
      PORT: port,
      DATABASE_URL: cluster.url('offshoot'),
      APP_SECRET: 'a-secret-of-more-than-thirty-two-bytes',
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      SEED: 'none',
      JOB_LEASE_SECONDS: '1',
    },
    'killed-server.log',
  )

test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  test.setTimeout(180_000)
  folder = mkdtempSync(join(tmpdir(), 'offshoot-kill-'))
  chmodSync(folder, 0o755)
  cluster = await startEmbeddedPostgres({ dataDir: join(folder, 'pg') })
  const first = postgres(cluster.url('postgres'), { max: 1 })
  await first.unsafe('create database offshoot')
  await first.end()
  sql = postgres(cluster.url('offshoot'), { max: 3, onnotice: () => {} })
  port = String(await freePort())
  server = await start()
  seller = await newMember(server.url, 'seller@kill.example', 'Sally')
  const chief = new Client(server.url)
  ok(await chief.post('/api/auth/sign-in', admin))
  const { user } = ok(await seller.get<{ user: { id: string } }>('/api/auth/me'))
  ok(await chief.patch(`/api/admin/users/${user.id}`, { planType: 'AGENCY' }))
  const source = ok(
    await seller.post<{ id: string }>('/api/workspace/import', workspaceDocument('Kit', 2, 5)),
  )
  const link = ok(
    await seller.post<{ token: string }>('/api/affiliate/generate-affiliate-link', {
      name: 'Kit',
      workspaceId: source.id,
      planType: 'FREE',
      offer: { mode: 'ONE_OFF', price: { amount: 11_500, currency: 'USD' } },
    }),
  )
  token = link.token
})

test.afterAll(async () => {
  await server?.stop()
  await sql?.end()
  await cluster?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

for (const [n, instant] of INSTANTS.entries())
  test(`a process killed ${instant.name} leaves one copy, one commission, one mail of each kind`, async () => {
    test.setTimeout(180_000)
    const email = `buyer-${n}@kill.example`
    const checkout = ok(
      await new Client(server.url).post<{ id: string; url: string }>('/api/payment/create-payment-link', {
        paymentType: 'WORKSPACE_PURCHASE',
        email,
        firstName: 'Bea',
        lastName: 'Buyer',
        affiliateToken: token,
      }),
    )
    await holdAt(instant)
    const held = await sql.reserve()
    await held`select pg_advisory_lock(${HOLD})`
    expect((await payAtSandbox(server.url, checkout.url)).status).toBe(303)
    await until(async () => {
      const waiting =
        await sql`select 1 from pg_locks where locktype = 'advisory' and objid = ${HOLD} and not granted`
      return waiting.length > 0
    })
    await server.kill()
    await held`select pg_advisory_unlock(${HOLD})`
    held.release()
    await sql.unsafe(`drop trigger if exists hold_here on ${instant.table}`)

    server = await start()
    await until(async () => {
      const [order] = await sql`select status from orders where id = ${checkout.id}`
      return order?.status === 'FULFILLED'
    })
    await until(async () => (await sql`select 1 from mails where status <> 'SENT'`).length === 0)
    await until(async () => (await sql`select 1 from webhook_events where status = 'RECEIVED'`).length === 0)

    const [found] = await sql`
      select count(distinct p.id)::int payments, count(distinct c.id)::int clones, count(distinct m.id)::int commissions,
        count(distinct u.id)::int accounts
      from orders o join payments p on p.order_id = o.id join workspace_clones c on c.payment_id = p.id
      join commissions m on m.payment_id = p.id join users u on u.email = o.email where o.id = ${checkout.id}`
    expect(found).toEqual({ payments: 1, clones: 1, commissions: 1, accounts: 1 })
    const mails = await mailbox(server.url)
    expect(mails.filter(({ to }) => to === email).map(({ subject }) => subject)).toEqual([
      'Your copy of Kit is ready',
    ])
    const sold = mails.filter(
      ({ to, subject }) => to === 'seller@kill.example' && subject.startsWith('You sold'),
    )
    expect(sold).toHaveLength(n + 1)
    const balance = ok(
      await seller.get<{ balances: { balance: { amount: number } }[] }>('/api/affiliate/balance'),
    )
    expect(balance.balances[0]?.balance.amount).toBe(2_300 * (n + 1))
  })

/** Makes one statement wait for the test's lock. The function waits in whichever session runs into it. */
const holdAt = async (instant: (typeof INSTANTS)[number]): Promise<void> => {
  await sql.unsafe(`
    create or replace function hold_here() returns trigger language plpgsql security definer as $$
    begin
      perform pg_advisory_xact_lock(${HOLD});
      return case when tg_op = 'DELETE' then old else new end;
    end $$`)
  const when = 'when' in instant ? `when (${instant.when})` : ''
  await sql.unsafe(
    `create trigger hold_here ${instant.event} on ${instant.table} for each row ${when} execute function hold_here()`,
  )
}

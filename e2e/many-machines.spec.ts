import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from '@playwright/test'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../db/embedded'
import { migrateDatabase } from '../db/migrate'
import { Client, newMember, ok, payAtSandbox, until } from './support/client'
import { workspaceDocument } from './support/document'
import {
  ask,
  createPooler,
  killPostgres,
  openFolder,
  type Pooler,
  startBalancer,
  startStandby,
  waitForStandby,
} from './support/machines'
import { freePort, type Server, startServer } from './support/server'

/**
 * Two webs, two workers, PgBouncer, a primary and a streaming standby, each a process that is killed in its turn while
 * somebody buys; last the primary, for which the standby steps in. Nothing may be lost, nothing done twice.
 */
const LOGIN = 'offshoot_web'
const admin = { email: 'admin@offshoot.example', password: 'a password for the admin' }
const PRICE = 11_500

let folder: string
let primary: EmbeddedPostgres
let standby: EmbeddedPostgres
let pooler: Pooler
let site: string
let balancer: { readonly stop: () => Promise<void> }
const webs: Server[] = []
const workers: Server[] = []
let seller: Client
let token: string
const sold: string[] = []

const startPart = (part: '--web' | '--worker', n: number): Promise<Server> =>
  startServer(
    {
      APP_URL: site,
      DATABASE_URL: pooler.url('offshoot', LOGIN),
      DATABASE_POOLER: 'transaction',
      DATABASE_MIGRATION_URL: primary.url('offshoot'),
      DATABASE_REPLICA_URL: standby.url('offshoot', LOGIN),
      APP_SECRET: 'a-secret-of-more-than-thirty-two-bytes',
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      SEED: 'none',
      JOB_LEASE_SECONDS: '2',
    },
    `machines${part}-${n}.log`,
    [part],
  )

test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  test.setTimeout(300_000)
  folder = openFolder('offshoot-machines')
  primary = await startEmbeddedPostgres({ dataDir: `${folder}/primary` })
  await ask(primary, 'create database offshoot')
  await migrateDatabase(primary.url('offshoot'), resolve(import.meta.dirname, '../db/migrations'))
  await ask(primary, `create role ${LOGIN} login in role offshoot_app`)
  for (const [name, value] of [
    ['statement_timeout', '60s'],
    ['lock_timeout', '20s'],
    ['idle_in_transaction_session_timeout', '30s'],
  ])
    await ask(primary, `alter role ${LOGIN} set ${name} = '${value}'`)
  standby = await startStandby(primary, folder)
  await waitForStandby(primary, true)
  pooler = await createPooler(folder, primary, LOGIN)
  await pooler.start()
  const port = await freePort()
  site = `http://localhost:${port}`
  for (const n of [1, 2]) {
    webs.push(await startPart('--web', n))
    workers.push(await startPart('--worker', n))
  }
  balancer = await startBalancer(port, () => webs.map(({ url }) => url))

  seller = await newMember(site, 'seller@machines.example', 'Sally')
  const chief = new Client(site)
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
      offer: { mode: 'ONE_OFF', price: { amount: PRICE, currency: 'USD' } },
    }),
  )
  token = link.token
})

test.afterAll(async () => {
  await balancer?.stop()
  await Promise.all([...webs, ...workers].map((server) => server.stop()))
  await pooler?.kill()
  await standby?.stop()
  await primary?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

/** As a browser would that is told to come again: under one key, until it is answered. */
const checkout = async (email: string) =>
  until(async () => {
    const answer = await new Client(site)
      .post<{ id: string; url: string }>(
        '/api/payment/create-payment-link',
        {
          paymentType: 'WORKSPACE_PURCHASE',
          email,
          firstName: 'Bea',
          lastName: 'Buyer',
          affiliateToken: token,
        },
        { 'Idempotency-Key': email },
      )
      .catch(() => null)
    if (answer !== null && answer.status < 500) return ok(answer)
    return null
  })

const orderIs = async (id: string, status: string): Promise<boolean> => {
  const [order] = await ask<{ status: string }>(
    primary,
    `select status from orders where id = '${id}'`,
    'offshoot',
  )
  return order?.status === status
}

/** Pays, once: a form that was not answered may have been taken all the same. */
const pay = async ({ id, url }: { id: string; url: string }): Promise<void> => {
  await until(async () => {
    const paid = await payAtSandbox(site, url).catch(() => null)
    return paid?.status === 303 || orderIs(id, 'FULFILLED').catch(() => false)
  })
  sold.push(id)
}

const delivered = async (): Promise<void> => {
  for (const id of sold) await until(() => orderIs(id, 'FULFILLED').catch(() => false))
}

/** Everything sold so far: one payment, copy and commission each, and the seller's share of it. */
const nothingLostNothingTwice = async (): Promise<void> => {
  await delivered()
  await until(
    async () =>
      (await ask(primary, "select 1 from webhook_events where status = 'RECEIVED'", 'offshoot')).length === 0,
  )
  const rows = await ask(
    primary,
    `select count(distinct p.id)::int payments, count(distinct c.id)::int clones, count(distinct m.id)::int commissions
      from orders o join payments p on p.order_id = o.id join workspace_clones c on c.payment_id = p.id
      join commissions m on m.payment_id = p.id where o.status = 'FULFILLED' group by o.id`,
    'offshoot',
  )
  expect(rows).toEqual(sold.map(() => ({ payments: 1, clones: 1, commissions: 1 })))
  const { balances } = ok(
    await until(async () => {
      const answer = await seller
        .get<{ balances: { balance: { amount: number } }[] }>('/api/affiliate/balance')
        .catch(() => null)
      return answer?.status === 200 ? answer : null
    }),
  )
  expect(balances[0]?.balance.amount).toBe(sold.length * PRICE * 0.2)
}

test('sells while all are there', async () => {
  await pay(await checkout('all@machines.example'))
  await nothingLostNothingTwice()
})

test('sells while a web is killed, and after it came back', async () => {
  test.setTimeout(180_000)
  const begun = await checkout('web@machines.example')
  const [first] = webs.splice(0, 1)
  await first?.kill()
  await pay(begun)
  await nothingLostNothingTwice()
  webs.unshift(await startPart('--web', 1))
  await pay(await checkout('web-again@machines.example'))
  await nothingLostNothingTwice()
})

test('sells while a worker is killed in the middle of its work', async () => {
  test.setTimeout(180_000)
  const [first] = workers.splice(0, 1)
  await pay(await checkout('worker@machines.example'))
  await first?.kill()
  await nothingLostNothingTwice()
  workers.unshift(await startPart('--worker', 1))
})

test('sells on when the pooler was killed and came back', async () => {
  test.setTimeout(180_000)
  const begun = await checkout('pooler@machines.example')
  await pooler.kill()
  expect((await fetch(`${webs[0]?.url}/readyz`)).status).toBe(503)
  await pooler.start()
  await pay(begun)
  await nothingLostNothingTwice()
})

test('reads from the database, and sells, while the standby is away', async () => {
  test.setTimeout(180_000)
  ok(
    await seller.post('/api/affiliate/join', {
      paymentEmail: 'seller@machines.example',
      paymentMethod: 'PAYPAL',
    }),
  )
  const dashboard = () => seller.get('/api/affiliate/dashboard?timeframe=day&timezone=UTC')
  ok(await dashboard())
  await waitForStandby(primary, false)
  await killPostgres(standby)
  ok(await dashboard())
  await pay(await checkout('standby@machines.example'))
  await nothingLostNothingTwice()
  standby = await startEmbeddedPostgres({ dataDir: standby.dataDir })
  await waitForStandby(primary, true)
})

test('loses nothing when the primary is killed and the standby steps in', async () => {
  test.setTimeout(240_000)
  const [begun, half] = [await checkout('begun@machines.example'), await checkout('half@machines.example')]
  // Paid a moment before: whatever was answered is on the standby too.
  await pay(half)
  await killPostgres(primary)
  await ask(standby, 'select pg_promote()')
  const former = primary
  primary = standby
  standby = former
  await waitForStandby(primary, false)
  pooler.pointAt(primary)
  await pay(begun)
  await pay(await checkout('after@machines.example'))
  await nothingLostNothingTwice()
  const chief = new Client(site)
  ok(await chief.post('/api/auth/sign-in', admin))
  const proof = ok(await chief.get<{ ok: boolean }>('/api/admin/ledger/verify'))
  expect(proof.ok).toBe(true)
})

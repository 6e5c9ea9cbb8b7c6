import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import type { ServerBuild } from '@remix-run/node'
import postgres from 'postgres'
import { connect } from '../db/client'
import { testContext } from '../db/testing/context'
import { createHttpApp } from '../server/http/app'
import type { LoadContext } from '../server/http/load-context'
import { answerWebhook } from '../server/http/webhook'
import { createLog } from '../server/kit/log'
import { createStripeProvider } from '../server/providers/stripe'
import { openLoad } from './load'
import { inTurns, printGoal } from './measure'
import type { Order } from './webhook-client'

const ROUNDS = 5
const SECONDS = 2
/** Of the statement, and of the whole answer: a provider sends a few at once. */
const CLIENTS = { statement: 32, answer: 8 }
/** Connections to the database of either server. */
const POOL = 10
const SECRET = 'whsec_bench'

/**
 * Taking webhooks in: E-1 the statement against a bare INSERT, E-2 the whole answer, over HTTP through the route, against
 * a bare server with one INSERT.
 * @param url of an empty migrated database, as its owner
 * @param appUrl the same, as the application's role
 */
export const benchWebhook = async (url: string, appUrl: string): Promise<void> => {
  const owner = postgres(url, { max: 1, onnotice: () => {} })
  await owner.unsafe(`create table bare_events (id uuid, provider text, event_id text, type text, api_version text, livemode boolean, body text,
      body_sha256 bytea, occurred_at timestamptz, received_at timestamptz, status text default 'RECEIVED');
    grant select, insert on bare_events to offshoot_app`)
  await owner.end()
  await benchStatement(appUrl)
  await benchAnswer(appUrl)
}

const COLUMNS =
  'id, provider, event_id, type, api_version, livemode, body, body_sha256, occurred_at, received_at'
const VALUES = `gen_random_uuid(), 'stripe', 'evt_' || :k, 'charge.succeeded', '2026-10-28.endive', false,
  repeat('x', 3000), '\\x00'::bytea, now(), now()`.replace(/\s+/g, ' ')
const script = (statement: string) =>
  ['\\set k random(1, 9000000000000000)', `${statement.replace(/\s+/g, ' ')};`, ''].join('\n')

const benchStatement = async (appUrl: string): Promise<void> => {
  const { load, how } = openLoad(appUrl)
  const bare = script(`insert into bare_events (${COLUMNS}) values (${VALUES})`)
  const kept = script(`with event as (insert into webhook_events (${COLUMNS}) values (${VALUES})
      on conflict (provider, event_id) do nothing returning id),
    job as (insert into jobs (kind, key, payload, run_at, created_at) select 'webhook.process', 'webhook:' || id,
      jsonb_build_object('eventRowId', id), now(), now() from event returning 1)
    select exists(select from event)`)
  const turn = (text: string) => () => load(text, { clients: CLIENTS.statement, seconds: SECONDS })
  const perSecond = await inTurns(ROUNDS, { bare: turn(bare), kept: turn(kept) })
  printGoal({
    id: 'E-1',
    what: 'keeping a webhook and its job, once, against inserting the bare row, 32 at once',
    measured: perSecond.kept / perSecond.bare,
    atLeast: 0.6,
    behind: `${perSecond.kept.toFixed(0)} and ${perSecond.bare.toFixed(0)} a second; ${how}`,
  })
}

const benchAnswer = async (appUrl: string): Promise<void> => {
  const bare = await startBare(appUrl)
  const ours = await startOurs(appUrl)
  const client = fork(join(import.meta.dirname, 'webhook-client.ts'))
  const turn = (url: string) => () =>
    new Promise<number>((resolve, reject) => {
      client.once('message', (answer: { perSecond?: number; error?: string }) =>
        answer.perSecond === undefined ? reject(new Error(answer.error)) : resolve(answer.perSecond),
      )
      const order: Order = { url, connections: CLIENTS.answer, seconds: SECONDS, secret: SECRET, at: ours.at }
      client.send(order)
    })
  try {
    const perSecond = await inTurns(ROUNDS, { bare: turn(bare.url), ours: turn(ours.url) })
    printGoal({
      id: 'E-2',
      what: 'answering a webhook (proven, kept, its job enqueued) through the route, against a bare server with one INSERT, 8 at once',
      measured: perSecond.ours / perSecond.bare,
      atLeast: 0.3,
      behind: `${perSecond.ours.toFixed(0)} and ${perSecond.bare.toFixed(0)} a second`,
    })
  } finally {
    client.kill()
    await bare.stop()
    await ours.stop()
  }
}

/** The least there is: the body is read, written with one INSERT, and answered. */
const startBare = async (appUrl: string) => {
  const sql = postgres(appUrl, { max: POOL, onnotice: () => {} })
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      sql`insert into bare_events (id, provider, event_id, body, received_at)
        values (${randomUUID()}, 'stripe', ${randomUUID()}, ${body}, now())`.then(
        () => response.writeHead(200).end('{}'),
        () => response.writeHead(500).end(),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await sql.end({ timeout: 5 })
    },
  }
}

/** The application, as it serves: everything that stands in front of a route, and the route itself. */
const startOurs = async (appUrl: string) => {
  const connection = connect({ url: appUrl }, { max: POOL, role: null })
  const stripe = createStripeProvider({
    secretKey: 'sk_test_x',
    webhookSecrets: [SECRET],
    apiBase: null,
    mode: 'sandbox',
  })
  const ctx = testContext(connection.db, { outside: { payments: new Map([['stripe', stripe]]) } })
  const app = createHttpApp({
    base: ctx,
    log: createLog('silent'),
    build: oneRoute(),
    clientFolder: '.',
    sandboxPages: null,
  })
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started))
  })
  return {
    at: Math.floor(ctx.now().getTime() / 1000),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`,
    stop: async () => {
      if ('closeAllConnections' in server) server.closeAllConnections()
      server.close()
      await connection.close(1)
    },
  }
}

/** A build with nothing but the resource route of Stripe's webhook. */
const oneRoute = (): ServerBuild => {
  const action = ({ context, request }: { context: LoadContext; request: Request }) =>
    answerWebhook(context.api, request, 'stripe')
  const route = { id: 'stripe', path: 'webhooks/stripe' }
  return {
    entry: { module: { default: () => new Response('none', { status: 404 }), handleError: () => {} } },
    routes: { stripe: { ...route, module: { action } } },
    assets: {
      version: '1',
      url: '/m.js',
      entry: { module: '/e.js', imports: [] },
      routes: { stripe: { ...route, hasAction: true, hasLoader: false, module: '/x.js' } },
    },
    publicPath: '/',
    assetsBuildDirectory: '',
    future: {},
    isSpaMode: false,
  } as unknown as ServerBuild
}

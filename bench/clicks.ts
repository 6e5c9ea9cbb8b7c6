import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import type { ServerBuild } from '@remix-run/node'
import postgres from 'postgres'
import { connect } from '../db/client'
import { type TestContext, testClock, testContext } from '../db/testing/context'
import { makeAffiliate } from '../db/testing/factories/affiliate'
import { makeUser } from '../db/testing/factories/identity'
import { recordClick, rollUpClicks } from '../server/domain/affiliate'
import { createHttpApp } from '../server/http/app'
import { createLog } from '../server/kit/log'
import { inTurns, median, printGoal, quantile, timed } from './measure'
import type { Load, Loaded } from './redirect-client'

const ROUNDS = 5
const SECONDS = 2
const CALLERS = 64
/** Connections to the database, as the application has them. */
const POOL = 10

/**
 * Clicks: taking them in (C-1 to C-3), rolling them up (C-4), and keeping up with them (C-5).
 * @param url of an empty migrated database, as its owner
 * @param appUrl the same, as the application's role
 */
export const benchClicks = async (url: string, appUrl: string): Promise<void> => {
  const owner = postgres(url, { max: 1, onnotice: () => {} })
  const connection = connect({ url: appUrl }, { max: POOL, role: null })
  const ctx = testContext(connection.db, { clock: testClock(new Date()), env: { TRUST_PROXY: '1' } })
  const { id, code } = await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id })
  const one = postgres(appUrl, { max: POOL, onnotice: () => {} })
  try {
    await benchIngest(ctx, one, id)
    await benchRedirect(ctx, one, { id, code })
    await benchDedupe(owner, id)
    await benchRollUp(ctx, owner)
    await benchPace(ctx, id)
  } finally {
    await owner.end({ timeout: 5 })
    await one.end({ timeout: 5 })
    await connection.close()
  }
}

/** What most would write: a statement of its own for each click. */
const insertOne = (sql: postgres.Sql, affiliateId: string, at: Date) =>
  sql`insert into clicks (day, affiliate_id, visitor, clicked_at, source, medium, campaign, landing_page)
    values (${at.toISOString().slice(0, 10)}, ${affiliateId}, ${randomBytes(16)}, ${at}, 'news', 'mail', 'summer', '/')
    on conflict do nothing`

const ORIGIN = { source: 'news', medium: 'mail', campaign: 'summer', landingPage: '/', paidSearch: false }
const someVisitor = () => ({ address: randomBytes(8).toString('hex'), userAgent: 'Browser' })

/** So many callers, each as soon as its last click is durable. */
const callers = async (work: () => PromiseLike<unknown>): Promise<Loaded> => {
  const times: number[] = []
  const begin = performance.now()
  const until = begin + SECONDS * 1000
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (performance.now() < until) times.push(await timed(work))
    }),
  )
  return { perSecond: (times.length / (performance.now() - begin)) * 1000, p99: quantile(times, 0.99) }
}

/** Keeps the 99th percentile of each turn beside what the turn measured; the first warms up. */
const withTails = <N extends string>(variants: Record<N, () => Promise<Loaded>>) => {
  const tails = new Map<string, number[]>()
  const turns = Object.fromEntries(
    Object.entries<() => Promise<Loaded>>(variants).map(([name, run]) => [
      name,
      async () => {
        const { perSecond, p99 } = await run()
        tails.set(name, [...(tails.get(name) ?? []), p99])
        return perSecond
      },
    ]),
  ) as Record<N, () => Promise<number>>
  return { turns, p99: (name: N) => median((tails.get(name) ?? []).slice(1)) }
}

const benchIngest = async (ctx: TestContext, one: postgres.Sql, affiliateId: string): Promise<void> => {
  const { turns, p99 } = withTails({
    ours: () => callers(() => recordClick(ctx, { affiliateId, visitor: someVisitor(), ...ORIGIN })),
    one: () => callers(() => insertOne(one, affiliateId, ctx.now())),
  })
  const perSecond = await inTurns(ROUNDS, turns)
  printGoal({
    id: 'C-1',
    what: 'clicks made durable, 64 at once: how many times those of one INSERT each',
    measured: perSecond.ours / perSecond.one,
    atLeast: 4,
    behind: `${perSecond.ours.toFixed(0)} and ${perSecond.one.toFixed(0)} a second`,
  })
  printGoal({
    id: 'C-1',
    what: 'the wait of one in a hundred of them, against the same of one INSERT each',
    measured: p99('ours') / p99('one'),
    atMost: 0.5,
    behind: `${p99('ours').toFixed(1)} and ${p99('one').toFixed(1)} ms`,
  })
}

const benchRedirect = async (
  ctx: TestContext,
  one: postgres.Sql,
  { id, code }: { id: string; code: string },
): Promise<void> => {
  const ours = await startOurs(ctx)
  const kept = await startBare(() => recordClick(ctx, { affiliateId: id, visitor: someVisitor(), ...ORIGIN }))
  const bare = await startBare(async () => {})
  const each = await startBare(() => insertOne(one, id, ctx.now()))
  const client = fork(join(import.meta.dirname, 'redirect-client.ts'))
  const turn = (server: Started) => () =>
    new Promise<Loaded>((done, failed) => {
      client.once('message', (answer: Loaded | { error: string }) =>
        'error' in answer ? failed(new Error(answer.error)) : done(answer),
      )
      client.send({
        port: server.port,
        path: `/r/${code}?utm_source=news`,
        connections: CALLERS,
        seconds: SECONDS,
      } satisfies Load)
    })
  try {
    const { turns, p99 } = withTails({
      ours: turn(ours),
      kept: turn(kept),
      bare: turn(bare),
      each: turn(each),
    })
    const perSecond = await inTurns(ROUNDS, turns)
    const behind = `${perSecond.kept.toFixed(0)}, ${perSecond.bare.toFixed(0)} and with one INSERT ${perSecond.each.toFixed(0)} a second; p99 ${p99('kept').toFixed(1)}, ${p99('bare').toFixed(1)} and ${p99('each').toFixed(1)} ms`
    printGoal({
      id: 'C-2',
      what: 'a 302 with its click durable against a bare one, 64 at once',
      measured: perSecond.kept / perSecond.bare,
      atLeast: 0.3,
      behind,
    })
    printGoal({
      id: 'C-2',
      what: 'the same against one INSERT for each',
      measured: perSecond.kept / perSecond.each,
      atLeast: 2,
    })
    printGoal({
      id: 'C-2',
      what: 'the referral’s redirect through the whole application against a bare server with one INSERT for each',
      measured: perSecond.ours / perSecond.each,
      atLeast: 1,
      behind: `${perSecond.ours.toFixed(0)} a second, p99 ${p99('ours').toFixed(1)} ms`,
    })
  } finally {
    client.kill()
    await Promise.all([ours.stop(), kept.stop(), bare.stop(), each.stop()])
  }
}

interface Started {
  readonly port: number
  readonly stop: () => Promise<void>
}

const started = (server: Server | ReturnType<typeof serve>): Started => ({
  port: (server.address() as AddressInfo).port,
  stop: async () => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  },
})

const startBare = async (before: () => PromiseLike<unknown>): Promise<Started> => {
  const server = createServer((_, response) => {
    before().then(
      () => response.writeHead(302, { Location: '/auth/sign-up', 'Content-Length': 0 }).end(),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return started(server)
}

/** The application, as it serves: everything that stands in front of the redirect, and the redirect itself. */
const startOurs = (base: TestContext): Promise<Started> =>
  new Promise((resolve) => {
    const app = createHttpApp({
      base,
      log: createLog('silent'),
      build: noPages,
      clientFolder: '.',
      sandboxPages: null,
    })
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started(server)))
  })

const noPages = {
  entry: { module: { default: () => new Response('none', { status: 404 }), handleError: () => {} } },
  routes: {},
  assets: { version: '1', url: '/m.js', entry: { module: '/e.js', imports: [] }, routes: {} },
  publicPath: '/',
  assetsBuildDirectory: '',
  future: {},
  isSpaMode: false,
} as unknown as ServerBuild

/** The same rows, by the hundred, into the table and into one that takes every click. */
const benchDedupe = async (owner: postgres.Sql, affiliateId: string): Promise<void> => {
  await owner.unsafe(`
    create table every_click (like clicks including defaults) partition by range (day);
    create table every_click_now partition of every_click for values from ('2000-01-01') to ('2100-01-01');
    alter table every_click add foreign key (affiliate_id) references affiliates;
    create index on every_click (day, affiliate_id, visitor);
    create index on every_click (affiliate_id, xid);
    create index on every_click using brin (xid) with (pages_per_range = 16, autosummarize = on)`)
  const rows = (table: string, conflict: string) => () =>
    timed(async () => {
      for (let i = 0; i < 100; i += 1)
        await owner.unsafe(`
          insert into ${table} (day, affiliate_id, visitor, clicked_at, source, medium, campaign, landing_page)
          select (now() at time zone 'UTC')::date, '${affiliateId}', decode(md5(random()::text), 'hex'), now(), 'news', 'mail', 'summer', '/'
          from generate_series(1, 100) ${conflict}`)
    })
  const times = await inTurns(ROUNDS, {
    once: rows('clicks', 'on conflict do nothing'),
    every: rows('every_click', ''),
  })
  await owner.unsafe('drop table every_click')
  printGoal({
    id: 'C-3',
    what: 'keeping one click for each visitor and day, a hundred at once, against keeping all',
    measured: times.once / times.every,
    atMost: 1.15,
    behind: `${(times.once / 100).toFixed(2)} and ${(times.every / 100).toFixed(2)} ms`,
  })
}

const STEP = 100_000

/** A step of the roll-up against the insertion of its rows: a thousand affiliates, five sources, fifty seconds. */
const benchRollUp = async (ctx: TestContext, owner: postgres.Sql): Promise<void> => {
  const ids: string[] = []
  for (let i = 0; i < 1_000; i += 1)
    ids.push((await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id })).id)
  await rollUpClicks(ctx)
  const insert = () =>
    timed(
      () => owner`
        insert into clicks (day, affiliate_id, visitor, clicked_at, source, medium, campaign, landing_page)
        select (at at time zone 'UTC')::date, (${ids}::uuid[])[1 + n % 1000], decode(md5(random()::text), 'hex'), at,
          's' || n / 1000 % 5, 'mail', 'summer', '/'
        from (select n, now() - n % 50 * interval '1 second' as at from generate_series(1, ${STEP}::integer) n) c`,
    )
  const times = await inTurns(ROUNDS, { insert, roll: () => timed(() => rollUpClicks(ctx)) })
  printGoal({
    id: 'C-4',
    what: 'rolling up 100,000 clicks against inserting them',
    measured: times.roll / times.insert,
    atMost: 0.25,
    behind: `${times.roll.toFixed(0)} and ${times.insert.toFixed(0)} ms`,
  })
}

const PACE = 2_000
const PACE_SECONDS = 15

/** Clicks come in at a pace, each second they are rolled up: how much of the second that takes. */
const benchPace = async (ctx: TestContext, affiliateId: string): Promise<void> => {
  await rollUpClicks(ctx)
  const kept: Promise<void>[] = []
  const rolls: number[] = []
  let counted = 0
  const begin = performance.now()
  for (let second = 0; second < PACE_SECONDS; second += 1) {
    for (let tenth = 0; tenth < 10; tenth += 1) {
      for (let i = 0; i < PACE / 10; i += 1)
        kept.push(recordClick(ctx, { affiliateId, visitor: someVisitor(), ...ORIGIN }))
      const due = begin + (second * 10 + tenth + 1) * 100
      await new Promise((resume) => setTimeout(resume, Math.max(0, due - performance.now())))
    }
    rolls.push(
      await timed(async () => {
        counted += await rollUpClicks(ctx)
      }),
    )
  }
  await Promise.all(kept)
  const took = (performance.now() - begin) / 1000
  counted += await rollUpClicks(ctx)
  if (counted !== kept.length) throw new Error(`${counted} of ${kept.length} clicks were rolled up`)
  printGoal({
    id: 'C-5',
    what: 'rolling up each second what comes at 2,000 clicks a second: the part of the time that takes',
    measured: rolls.reduce((all, one) => all + one, 0) / 1000 / took,
    atMost: 0.5,
    behind: `${(kept.length / took).toFixed(0)} a second came; the longest ${Math.max(...rolls).toFixed(0)} ms`,
  })
}

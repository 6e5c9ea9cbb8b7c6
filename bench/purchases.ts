import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { connect } from '../db/client'
import { testContext } from '../db/testing/context'
import {
  brokenBooks,
  makeOffer,
  makeOrder,
  paidSession,
  signedHeaders,
  stripeEvent,
} from '../db/testing/factories/payment'
import { receiveWebhook } from '../server/domain/webhook'
import { createHandlers, createUndertaker } from '../server/jobs/handlers'
import { startWorker } from '../server/jobs/worker'
import { createLog } from '../server/kit/log'
import { createStripeProvider } from '../server/providers/stripe'
import { printGoal, quantile, timed } from './measure'

const PURCHASES = 1_000
/** How long all of it may take before it counts as stuck. */
const PATIENCE = 600_000

/**
 * A thousand payments told of at once: each is fulfilled, none twice, the books add up, and the database goes on
 * answering others meanwhile.
 * @param appUrl of an empty migrated database, as the application's role
 */
export const benchPurchases = async (appUrl: string): Promise<void> => {
  const web = connect({ url: appUrl }, { max: 10, role: null })
  const work = connect({ url: appUrl }, { max: 10, role: null })
  const stripe = createStripeProvider({
    secretKey: 'sk_test_x',
    webhookSecrets: ['whsec_sandbox'],
    apiBase: 'http://127.0.0.1:9',
    mode: 'sandbox',
  })
  const outside = { payments: new Map([['stripe', stripe]]) }
  const ctx = testContext(web.db, { outside })
  const jobs = testContext(work.db, { clock: ctx.clock, outside })
  const offer = await makeOffer(ctx)
  const bodies: string[] = []
  for (let i = 0; i < PURCHASES; i += 1) {
    const order = await makeOrder(ctx, offer)
    bodies.push(stripeEvent(ctx.now(), 'checkout.session.completed', paidSession(order)))
  }
  const log = createLog('silent')
  const handlers = createHandlers(jobs)
  const worker = startWorker({
    db: work.db,
    handlers,
    onDead: createUndertaker(jobs),
    log,
    lease: 60,
    concurrency: 4,
  })
  const begun = performance.now()
  const look = { done: false, waits: [] as number[] }
  const looking = (async () => {
    while (!look.done) {
      look.waits.push(
        await timed(() =>
          web.db.execute(sql`select count(*) from users where email = 'nobody@example.test'`),
        ),
      )
      await sleep(5)
    }
  })()
  // Each is told of twice.
  await Promise.all(
    [...bodies, ...bodies].map((body) =>
      receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) }),
    ),
  )
  const taken = performance.now() - begun
  worker.wake()
  let figures = await counted(ctx)
  while (figures.fulfilled < PURCHASES && performance.now() - begun < PATIENCE) {
    await sleep(250)
    figures = await counted(ctx)
  }
  const seconds = (performance.now() - begun) / 1_000
  look.done = true
  await looking
  await worker.stop()
  const { fulfilled, payments, copies } = figures
  printGoal({
    id: 'P-1',
    what: 'of 1,000 payments told of at once, each twice, those that are fulfilled, paid once and copied once',
    measured: Math.min(fulfilled, payments, copies) / Math.max(PURCHASES, payments, copies),
    atLeast: 1,
    behind: `${fulfilled} fulfilled, ${payments} payments, ${copies} copies; taken in after ${(taken / 1_000).toFixed(1)} s, all done after ${seconds.toFixed(1)} s; others waited ${quantile(look.waits, 0.5).toFixed(0)} ms, 1 in 100 more than ${quantile(look.waits, 0.99).toFixed(0)} ms`,
  })
  const problems = await brokenBooks(ctx)
  printGoal({
    id: 'P-2',
    what: 'what of the books does not add up afterwards',
    measured: problems.length,
    atMost: 0,
  })
  await web.close()
  await work.close()
}

const counted = async (ctx: ReturnType<typeof testContext>) => {
  const [row] = await ctx.db.execute<Record<'fulfilled' | 'payments' | 'copies', string>>(sql`select
    (select count(*) from orders where status = 'FULFILLED') as fulfilled,
    (select count(*) from payments) as payments,
    (select count(*) from workspace_clones) as copies`)
  return {
    fulfilled: Number(row?.fulfilled),
    payments: Number(row?.payments),
    copies: Number(row?.copies),
  }
}

import { createHmac } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '../../../db/client'
import { sandboxDeliveries } from '../../../db/schema'
import { describeError, type Log } from '../../kit/log'
import { expireSessions } from './sessions'
import { findObject } from './store'
import { seconds, type World } from './world'

/** Longer than a request may take, so that nobody else sends it meanwhile. */
const LEASE_SECONDS = 15
const TIMEOUT = 10_000
const ATTEMPTS = 20
const AT_ONCE = 4
const IDLE = 5_000

export interface Deliveries {
  /** There may be something to send. */
  readonly wake: () => void
  /** Ends the loop; a request under way is cut off and tried again by whoever comes next. */
  readonly stop: () => Promise<void>
}

/**
 * Sends events to the application until it takes them (2xx), 1, 2, 4, … at most 60 s apart, 20 times at most. Several
 * processes may do so over one database: a delivery belongs to one of them for as long as it may take.
 */
export const startDeliveries = (
  world: World & { readonly db: Db },
  options: { readonly secret: string; readonly log: Log },
): Deliveries => {
  const stopping = new AbortController()
  const alarm = createAlarm()
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const pause = await round(world, options, stopping.signal).catch((error: unknown) => {
        options.log.warn({ error: describeError(error) }, 'The sandbox cannot reach its database.')
        return 1_000
      })
      if (pause > 0 && !stopping.signal.aborted) await alarm.wait(pause)
    }
  }
  const ended = loop()
  return {
    wake: alarm.ring,
    stop: async () => {
      stopping.abort()
      alarm.ring()
      await ended
    },
  }
}

/** Sends what is due. Gives the milliseconds until there may be more. */
const round = async (
  world: World & { readonly db: Db },
  options: { readonly secret: string; readonly log: Log },
  stopping: AbortSignal,
): Promise<number> => {
  await expireSessions(world)
  const claimed = await claim(world)
  await Promise.all(claimed.map((delivery) => deliver(world, delivery, options, stopping)))
  return claimed.length === AT_ONCE ? 0 : untilNext(world.db)
}

interface Claimed {
  readonly id: bigint
  readonly eventId: string
  readonly attempts: number
}

const { id, attempts, delivered, nextAttemptAt } = sandboxDeliveries

const claim = (world: World): Promise<Claimed[]> =>
  world.db
    .update(sandboxDeliveries)
    .set({
      attempts: sql`${attempts} + 1`,
      nextAttemptAt: sql`now() + make_interval(secs => ${LEASE_SECONDS})`,
      url: world.webhookUrl,
    })
    .where(
      sql`${id} in (select due.id from sandbox_deliveries due
        where due.provider = 'stripe' and not due.delivered and due.next_attempt_at <= now()
        order by due.id limit ${AT_ONCE} for update skip locked)`,
    )
    .returning({ id, eventId: sandboxDeliveries.eventId, attempts })

const deliver = async (
  world: World,
  delivery: Claimed,
  options: { readonly secret: string; readonly log: Log },
  stopping: AbortSignal,
): Promise<void> => {
  const event = await findObject(world, delivery.eventId, 'event')
  const status = event === null ? null : await post(world, JSON.stringify(event), options.secret, stopping)
  const taken = status !== null && status >= 200 && status < 300
  if (!taken)
    options.log.debug({ event: delivery.eventId, status }, 'The application did not take a sandbox event.')
  const again = delivery.attempts < ATTEMPTS && event !== null
  await world.db
    .update(sandboxDeliveries)
    .set({
      delivered: taken,
      lastStatus: status,
      nextAttemptAt:
        taken || !again
          ? null
          : sql`now() + make_interval(secs => ${Math.min(60, 2 ** (delivery.attempts - 1))})`,
    })
    .where(and(eq(id, delivery.id), eq(attempts, delivery.attempts), eq(delivered, false)))
}

/** The status it was answered with; null when there was no answer. */
const post = async (
  world: World,
  body: string,
  secret: string,
  stopping: AbortSignal,
): Promise<number | null> => {
  try {
    const response = await fetch(world.webhookUrl, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        'stripe-signature': signature(body, secret, seconds(world.now())),
      },
      signal: AbortSignal.any([stopping, AbortSignal.timeout(TIMEOUT)]),
    })
    await response.body?.cancel()
    return response.status
  } catch {
    return null
  }
}

const signature = (body: string, secret: string, at: number): string =>
  `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`

const untilNext = async (db: Db): Promise<number> => {
  const [row] = await db
    .select({ wait: sql<number | null>`(extract(epoch from min(${nextAttemptAt}) - now()) * 1000)::float8` })
    .from(sandboxDeliveries)
    .where(eq(delivered, false))
  return row?.wait == null ? IDLE : Math.min(IDLE, Math.max(20, Math.ceil(row.wait)))
}

const createAlarm = () => {
  let rung = false
  let wakeUp: (() => void) | undefined
  return {
    ring: () => {
      rung = true
      wakeUp?.()
    },
    wait: async (milliseconds: number) => {
      if (!rung)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds)
          wakeUp = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      rung = false
      wakeUp = undefined
    },
  }
}

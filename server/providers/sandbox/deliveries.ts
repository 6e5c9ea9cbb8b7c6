import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '../../../db/client'
import { sandboxDeliveries } from '../../../db/schema'
import { describeError, type Log } from '../../kit/log'
import type { World } from './world'

/** Longer than a request may take, so that nobody else sends it meanwhile. */
const LEASE_SECONDS = 15
const TIMEOUT = 10_000
const AT_ONCE = 4
const IDLE = 5_000

export interface Deliveries {
  /** There may be something to send. */
  readonly wake: () => void
  /** Ends the loop; a request under way is cut off and tried again by whoever comes next. */
  readonly stop: () => Promise<void>
}

/** What is posted. */
export interface Letter {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** How one provider delivers. */
export interface Carrier {
  /** How often it tries. */
  readonly attempts: number
  /** Null: there is nothing to send, or nobody to send it to. */
  readonly letter: (delivery: { readonly eventId: string; readonly url: string }) => Promise<Letter | null>
}

interface Options {
  readonly carriers: Readonly<Record<string, Carrier>>
  /** What becomes due by itself. */
  readonly beforeRound: () => Promise<void>
  readonly log: Log
}

/**
 * Sends events to the application until it takes them (2xx), 1, 2, 4, … at most 60 s apart, as often as their provider
 * does. Several processes may do so over one database: a delivery belongs to one of them for as long as it may take.
 */
export const startDeliveries = (world: World & { readonly db: Db }, options: Options): Deliveries => {
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
  options: Options,
  stopping: AbortSignal,
): Promise<number> => {
  await options.beforeRound()
  const claimed = await claim(world)
  await Promise.all(claimed.map((delivery) => deliver(world, delivery, options, stopping)))
  return claimed.length === AT_ONCE ? 0 : untilNext(world.db)
}

interface Claimed {
  readonly id: bigint
  readonly provider: string
  readonly eventId: string
  readonly url: string
  readonly attempts: number
}

const { id, attempts, delivered, nextAttemptAt } = sandboxDeliveries

const claim = (world: World): Promise<Claimed[]> =>
  world.db
    .update(sandboxDeliveries)
    .set({
      attempts: sql`${attempts} + 1`,
      nextAttemptAt: sql`now() + make_interval(secs => ${LEASE_SECONDS})`,
    })
    .where(
      sql`${id} in (select due.id from sandbox_deliveries due
        where not due.delivered and due.next_attempt_at <= now()
        order by due.id limit ${AT_ONCE} for update skip locked)`,
    )
    .returning({
      id,
      provider: sandboxDeliveries.provider,
      eventId: sandboxDeliveries.eventId,
      url: sandboxDeliveries.url,
      attempts,
    })

const deliver = async (
  world: World,
  delivery: Claimed,
  options: Options,
  stopping: AbortSignal,
): Promise<void> => {
  const carrier = options.carriers[delivery.provider]
  const letter = carrier === undefined ? null : await carrier.letter(delivery)
  const status = letter === null ? null : await post(letter, stopping)
  const taken = status !== null && status >= 200 && status < 300
  if (!taken)
    options.log.debug({ event: delivery.eventId, status }, 'The application did not take a sandbox event.')
  const again = letter !== null && delivery.attempts < (carrier?.attempts ?? 0)
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
const post = async ({ url, body, headers }: Letter, stopping: AbortSignal): Promise<number | null> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers,
      signal: AbortSignal.any([stopping, AbortSignal.timeout(TIMEOUT)]),
    })
    await response.body?.cancel()
    return response.status
  } catch {
    return null
  }
}

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

import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '../../../db/client'
import { sandboxDeliveries, sandboxObjects } from '../../../db/schema'
import { describeError, type Log } from '../../kit/log'
import { canMeet, type FaultKind, type FaultProvider, takeFault } from './faults'
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
  readonly letter: (
    delivery: { readonly eventId: string; readonly url: string },
    spoil: Spoil | null,
  ) => Promise<Letter | null>
}

/** What can be wrong with a letter itself. */
export type Spoil = 'wrong-secret' | 'old-signature' | 'altered-body'

interface Options {
  readonly carriers: Readonly<Record<FaultProvider, Carrier | undefined>>
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
  const going: Going[] = []
  // One after the other, in the order they were made: those that are turned around count on it.
  for (const delivery of claimed) {
    const type = await typeOf(world, delivery.eventId)
    if (!(await isHeldBack(world, delivery, type))) going.push({ ...delivery, type })
  }
  await Promise.all(going.map((delivery) => deliver(world, delivery, options, stopping)))
  return claimed.length === AT_ONCE ? 0 : untilNext(world.db)
}

interface Claimed {
  readonly id: bigint
  readonly provider: string
  readonly eventId: string
  readonly url: string
  readonly attempts: number
  readonly met: string | null
}

interface Going extends Claimed {
  readonly type: string
}

const { id, attempts, delivered, nextAttemptAt } = sandboxDeliveries

const claim = async (world: World): Promise<Claimed[]> => {
  const claimed = await world.db
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
      met: sandboxDeliveries.met,
    })
  return claimed.sort((a, b) => (a.id < b.id ? -1 : 1))
}

const typeOf = async (world: World, eventId: string): Promise<string> => {
  const [event] = await world.db
    .select({ type: sql<string>`${sandboxObjects.body} ->> 'type'` })
    .from(sandboxObjects)
    .where(eq(sandboxObjects.id, eventId))
  return event?.type ?? ''
}

const ON_THE_WAY: readonly FaultKind[] = ['drop', 'delay', 'reorder', 'duplicate']

/** What a delivery meets before it is sent for the first time. True: it is not sent now. */
const isHeldBack = async (world: World, delivery: Claimed, type: string): Promise<boolean> => {
  const { eventId, provider } = delivery
  if (delivery.attempts > 1 || delivery.met !== null || !isProvider(provider)) return false
  const fault = await takeFault(world, provider, ON_THE_WAY, { kind: type, ref: eventId })
  if (fault === null) return false
  const later = (seconds: number) => ({
    attempts: 0,
    nextAttemptAt: sql`now() + make_interval(secs => ${seconds})`,
  })
  // Of those that are turned around the first waits longest; the count says which this is.
  const turn = 1 + Math.min(60, fault.left ?? 0)
  const change = {
    drop: { met: 'lost', attempts: 0, nextAttemptAt: null },
    delay: { met: `held back for ${fault.seconds} s`, ...later(fault.seconds) },
    reorder: { met: `turned around, after ${turn} s`, ...later(turn) },
    duplicate: { met: 'sent twice' },
  }[fault.fault as 'drop' | 'delay' | 'reorder' | 'duplicate']
  await world.db
    .update(sandboxDeliveries)
    .set(change)
    .where(and(eq(id, delivery.id), eq(attempts, delivery.attempts)))
  if (fault.fault === 'duplicate')
    await world.db.insert(sandboxDeliveries).values({
      provider,
      eventId,
      url: delivery.url,
      met: 'the second of two',
      nextAttemptAt: sql`now()`,
      createdAt: world.now(),
    })
  return fault.fault !== 'duplicate'
}

const SPOILING: readonly Spoil[] = ['wrong-secret', 'old-signature', 'altered-body']

const isProvider = (name: string): name is FaultProvider => name === 'stripe' || name === 'mamopay'

/** What is wrong with this attempt. */
const spoilOf = async (world: World, { eventId, provider, type }: Going): Promise<Spoil | null> => {
  if (!isProvider(provider)) return null
  const possible = SPOILING.filter((spoil) => canMeet(provider, spoil))
  const fault = await takeFault(world, provider, possible, { kind: type, ref: eventId })
  return (fault?.fault ?? null) as Spoil | null
}

const deliver = async (
  world: World,
  delivery: Going,
  options: Options,
  stopping: AbortSignal,
): Promise<void> => {
  const carrier = isProvider(delivery.provider) ? options.carriers[delivery.provider] : undefined
  const spoil = await spoilOf(world, delivery)
  const letter = carrier === undefined ? null : await carrier.letter(delivery, spoil)
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
      ...(spoil === null ? {} : { met: SPOILED[spoil] }),
      nextAttemptAt:
        taken || !again
          ? null
          : sql`now() + make_interval(secs => ${Math.min(60, 2 ** (delivery.attempts - 1))})`,
    })
    .where(and(eq(id, delivery.id), eq(attempts, delivery.attempts), eq(delivered, false)))
}

const SPOILED: Readonly<Record<Spoil, string>> = {
  'wrong-secret': 'another secret',
  'old-signature': 'an old signature',
  'altered-body': 'altered',
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

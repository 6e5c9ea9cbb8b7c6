import { changeObject, ensureObject, findObject } from './store'
import type { World } from './world'

const ID = 'sandbox:clock'

/** How far the clock of subscriptions is ahead of the real one, in milliseconds. */
export const clockOffset = async (world: World, { lock = false } = {}): Promise<number> =>
  Number((await findObject(world, ID, 'sandbox.clock', { lock }))?.offset ?? 0)

/** The world at the time of subscriptions: their objects and events are made by it. Webhooks are signed by the real one. */
export const inBillingTime = async <W extends World>(world: W): Promise<W> => {
  const offset = await clockOffset(world)
  return offset === 0 ? world : atTime(world, () => new Date(world.now().getTime() + offset))
}

/** The same world at another time; events are still told by the real one. */
export const atTime = <W extends World>(world: W, now: () => Date): W => ({
  ...world,
  now,
  real: world.real ?? world.now,
})

/** Keeps others from moving it until this transaction ends. */
export const lockClock = async (world: World): Promise<number> => {
  await ensureObject(world, { id: ID, object: 'sandbox.clock', offset: 0, afterRetries: 'cancel' })
  return clockOffset(world, { lock: true })
}

export const setClockOffset = async (world: World, offset: number): Promise<void> => {
  const clock = await findObject(world, ID, 'sandbox.clock')
  if (clock !== null) await changeObject(world, clock, { offset })
}

/** What becomes of a subscription whose last retry failed: a setting of Stripe's dashboard. */
export const afterRetries = async (world: World): Promise<'cancel' | 'unpaid'> =>
  (await findObject(world, ID, 'sandbox.clock'))?.afterRetries === 'unpaid' ? 'unpaid' : 'cancel'

export const setAfterRetries = async (world: World, what: 'cancel' | 'unpaid'): Promise<void> => {
  await lockClock(world)
  const clock = await findObject(world, ID, 'sandbox.clock')
  if (clock !== null) await changeObject(world, clock, { afterRetries: what })
}

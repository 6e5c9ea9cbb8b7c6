import { addObject, changeObject, findObject } from './store'
import type { World } from './world'

/** What the next transfer can be made to meet. */
export type FaultKind = keyof typeof FAULTS

/**
 * `times`: how many requests meet it. An answer is kept back as often as the package asks for it, else its own
 * repetition would get the answer and nobody would see anything lost.
 */
export const FAULTS = {
  balance: { label: 'The balance does not cover it', times: 1 },
  'error-after': { label: 'Done, but answered 500', times: 1 },
  'no-answer': { label: 'Done, but never answered', times: 3 },
} as const

export const isFaultKind = (kind: string): kind is FaultKind => Object.hasOwn(FAULTS, kind)

const idOf = (kind: FaultKind): string => `sandbox:fault:${kind}`

/** Lets the next transfer meet it. */
export const setFault = async (world: World, kind: FaultKind): Promise<void> => {
  const found = await findObject(world, idOf(kind), 'sandbox.fault', { lock: true })
  const left = FAULTS[kind].times
  if (found === null) await addObject(world, { id: idOf(kind), object: 'sandbox.fault', left })
  else await changeObject(world, found, { left })
}

/** Whether this request meets it. */
export const takeFault = async (world: World, kind: FaultKind): Promise<boolean> => {
  const found = await findObject(world, idOf(kind), 'sandbox.fault', { lock: true })
  if (found === null || Number(found.left) < 1) return false
  await changeObject(world, found, { left: Number(found.left) - 1 })
  return true
}

/** What waits for the next transfer. */
export const waitingFaults = async (world: World): Promise<FaultKind[]> => {
  const kinds = Object.keys(FAULTS).filter(isFaultKind)
  const found = await Promise.all(kinds.map((kind) => findObject(world, idOf(kind), 'sandbox.fault')))
  return kinds.filter((_, index) => Number(found[index]?.left ?? 0) > 0)
}

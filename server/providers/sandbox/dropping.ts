import { addObject, changeObject, findObject } from './store'
import type { World } from './world'

const ID = 'sandbox:dropping'
const TYPE = 'sandbox.switch'

/** While it is on, webhooks of both providers are made and not sent: what is not told has to be asked for. */
export const setDropping = async (world: World, on: boolean): Promise<void> => {
  const found = await findObject(world, ID, TYPE, { lock: true })
  if (found === null) await addObject(world, { id: ID, object: TYPE, on })
  else await changeObject(world, found, { on })
}

export const isDropping = async (world: World): Promise<boolean> =>
  (await findObject(world, ID, TYPE))?.on === true

import { and, eq, sql } from 'drizzle-orm'
import { sandboxObjects } from '../../../../db/schema'
import type { World } from '../world'
import type { MamoObject } from './world'

const PROVIDER = 'mamopay'

export type MamoType =
  | 'link'
  | 'charge'
  | 'subscription'
  | 'subscriber'
  | 'disbursement'
  | 'webhook'
  | 'event'

export const addMamo = async (world: World, type: MamoType, object: MamoObject): Promise<MamoObject> => {
  await world.db.insert(sandboxObjects).values({
    id: object.id,
    provider: PROVIDER,
    type,
    body: { ...object },
    createdAt: world.now(),
    updatedAt: world.now(),
  })
  return object
}

/** Writes some members of an object anew and gives the whole of it. */
export const changeMamo = async (
  world: World,
  object: MamoObject,
  changes: Record<string, unknown>,
): Promise<MamoObject> => {
  const changed = { ...object, ...changes }
  await world.db
    .update(sandboxObjects)
    .set({ body: changed, updatedAt: world.now() })
    .where(and(eq(sandboxObjects.provider, PROVIDER), eq(sandboxObjects.id, object.id)))
  return changed
}

export const removeMamo = async (world: World, id: string): Promise<void> => {
  await world.db
    .delete(sandboxObjects)
    .where(and(eq(sandboxObjects.provider, PROVIDER), eq(sandboxObjects.id, id)))
}

/** @param lock keeps others from changing it until this transaction ends */
export const findMamo = async (
  world: World,
  type: MamoType,
  id: string,
  { lock = false } = {},
): Promise<MamoObject | null> => {
  const query = world.db
    .select({ body: sandboxObjects.body })
    .from(sandboxObjects)
    .where(
      and(eq(sandboxObjects.provider, PROVIDER), eq(sandboxObjects.type, type), eq(sandboxObjects.id, id)),
    )
  const [row] = lock ? await query.for('update') : await query
  return row ? (row.body as MamoObject) : null
}

/** Objects, newest first. @param where members that must have these texts */
export const listMamo = async (
  world: World,
  type: MamoType,
  where: Readonly<Record<string, string>> = {},
  { limit = 100, offset = 0 } = {},
): Promise<MamoObject[]> => {
  const rows = await world.db
    .select({ body: sandboxObjects.body })
    .from(sandboxObjects)
    .where(matching(type, where))
    .orderBy(sql`${sandboxObjects.seq} desc`)
    .limit(limit)
    .offset(offset)
  return rows.map(({ body }) => body as MamoObject)
}

export const countMamo = (world: World, type: MamoType): Promise<number> =>
  world.db.$count(sandboxObjects, matching(type, {}))

const matching = (type: MamoType, where: Readonly<Record<string, string>>) =>
  and(
    eq(sandboxObjects.provider, PROVIDER),
    eq(sandboxObjects.type, type),
    ...Object.entries(where).map(([member, value]) => sql`${sandboxObjects.body} ->> ${member} = ${value}`),
  )

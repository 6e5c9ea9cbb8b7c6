import { and, eq, inArray, sql } from 'drizzle-orm'
import { sandboxObjects } from '../../../db/schema'
import type { StripeObject, World } from './world'

const PROVIDER = 'stripe'

export const addObject = async <T extends StripeObject>(world: World, object: T): Promise<T> => {
  await world.db.insert(sandboxObjects).values({
    id: object.id,
    provider: PROVIDER,
    type: object.object,
    body: { ...object },
    createdAt: world.now(),
    updatedAt: world.now(),
  })
  return object
}

/** Adds an object unless there is one of that id already. */
export const ensureObject = async (world: World, object: StripeObject): Promise<void> => {
  await world.db
    .insert(sandboxObjects)
    .values({
      id: object.id,
      provider: PROVIDER,
      type: object.object,
      body: { ...object },
      createdAt: world.now(),
      updatedAt: world.now(),
    })
    .onConflictDoNothing()
}

/** Writes some members of an object anew and gives the whole of it. */
export const changeObject = async (
  world: World,
  object: StripeObject,
  changes: Record<string, unknown>,
): Promise<StripeObject> => {
  const changed: StripeObject = { ...object, ...changes }
  await world.db
    .update(sandboxObjects)
    .set({ body: { ...changed }, updatedAt: world.now() })
    .where(eq(sandboxObjects.id, object.id))
  return changed
}

/**
 * The object of that id and type (any type by default).
 * @param lock keeps others from changing it until this transaction ends
 */
export const findObject = async (
  world: World,
  id: string,
  type?: string,
  { lock = false } = {},
): Promise<StripeObject | null> => {
  const query = world.db
    .select({ body: sandboxObjects.body })
    .from(sandboxObjects)
    .where(
      and(
        eq(sandboxObjects.provider, PROVIDER),
        eq(sandboxObjects.id, id),
        type === undefined ? undefined : eq(sandboxObjects.type, type),
      ),
    )
  const [row] = lock ? await query.for('update') : await query
  return row ? (row.body as StripeObject) : null
}

export interface Listing {
  readonly types: readonly string[]
  /** Members that must have these texts. */
  readonly where?: Readonly<Record<string, string | undefined>>
  /** Bounds of `created`, in Unix seconds. */
  readonly created?: { readonly [bound in 'gt' | 'gte' | 'lt' | 'lte']?: number | undefined } | undefined
  readonly startingAfter?: string | undefined
  readonly limit?: number
}

/** Objects, newest first; one more than `limit` when there are more. */
export const listObjects = async (world: World, listing: Listing): Promise<StripeObject[]> => {
  const conditions = Object.entries(listing.where ?? {}).flatMap(([member, value]) =>
    value === undefined ? [] : [sql`${sandboxObjects.body} ->> ${member} = ${value}`],
  )
  conditions.push(...madeWithin(listing.created))
  if (listing.startingAfter !== undefined)
    conditions.push(
      sql`${sandboxObjects.seq} < (select after.seq from sandbox_objects after where after.id = ${listing.startingAfter})`,
    )
  const rows = await world.db
    .select({ body: sandboxObjects.body })
    .from(sandboxObjects)
    .where(
      and(
        eq(sandboxObjects.provider, PROVIDER),
        inArray(sandboxObjects.type, [...listing.types]),
        ...conditions,
      ),
    )
    .orderBy(sql`${sandboxObjects.seq} desc`)
    .limit((listing.limit ?? 100) + 1)
  return rows.map(({ body }) => body as StripeObject)
}

export const madeWithin = ({ gt, gte, lt, lte }: NonNullable<Listing['created']> = {}) => {
  const created = sql`(${sandboxObjects.body} ->> 'created')::bigint`
  return [
    ...(gt === undefined ? [] : [sql`${created} > ${gt}`]),
    ...(gte === undefined ? [] : [sql`${created} >= ${gte}`]),
    ...(lt === undefined ? [] : [sql`${created} < ${lt}`]),
    ...(lte === undefined ? [] : [sql`${created} <= ${lte}`]),
  ]
}

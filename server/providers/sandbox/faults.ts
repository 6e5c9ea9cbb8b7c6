import { desc, eq, sql } from 'drizzle-orm'
import { sandboxObjects } from '../../../db/schema'
import { newRef, type World } from './world'

/** What can go wrong: with a webhook on its way, or with the answer to a call of the interface. */
export const FAULTS = {
  duplicate: { of: 'webhook', label: 'Webhook is sent twice' },
  reorder: { of: 'webhook', label: 'Webhooks come in reverse order' },
  delay: { of: 'webhook', label: 'Webhook comes late' },
  drop: { of: 'webhook', label: 'Webhook is lost' },
  'wrong-secret': { of: 'webhook', label: 'Webhook has another secret' },
  'old-signature': { of: 'webhook', label: 'Webhook was signed ten minutes ago' },
  'altered-body': { of: 'webhook', label: 'Webhook is altered on its way' },
  'error-after': { of: 'call', label: 'Call is done, but answered 500' },
  'no-answer': { of: 'call', label: 'Call is done, but never answered' },
  late: { of: 'call', label: 'Call is done, but answered late' },
  balance: { of: 'call', label: 'Transfer is not covered by the balance' },
} as const

export type FaultKind = keyof typeof FAULTS
export type FaultProvider = 'stripe' | 'mamopay'

/** One that was armed, and what has come of it. */
export interface Fault {
  readonly id: string
  readonly provider: FaultProvider
  readonly fault: FaultKind
  /** Which events or calls: a name as it is, or with a `*` at its end all that begin like it. */
  readonly kind: string
  /** How many are yet to meet it; null: all, until it is disarmed. */
  readonly left: number | null
  /** Of those that are held back. */
  readonly seconds: number
  /** How many have met it, and the latest of them. */
  readonly met: number
  readonly did: readonly string[]
}

const TYPE = 'sandbox.fault'

export const isFaultKind = (kind: string): kind is FaultKind => Object.hasOwn(FAULTS, kind)

export const canMeet = (provider: FaultProvider, fault: FaultKind): boolean =>
  provider === 'stripe' || (fault !== 'balance' && fault !== 'old-signature')

/** Lets the next of its kind meet it. */
export const armFault = async (
  world: World,
  given: Pick<Fault, 'provider' | 'fault' | 'kind' | 'left' | 'seconds'>,
): Promise<void> => {
  const id = newRef(world, 'fault')
  await world.db.insert(sandboxObjects).values({
    id,
    provider: given.provider,
    type: TYPE,
    body: { ...given, id, object: TYPE, met: 0, did: [] },
    createdAt: world.now(),
    updatedAt: world.now(),
  })
}

/** From now on nothing meets it, or any of them; what has met it stays shown. */
export const disarmFaults = async (world: World, id?: string): Promise<boolean> => {
  const rows = await world.db
    .update(sandboxObjects)
    .set({ body: sql`${sandboxObjects.body} || '{"left": 0}'`, updatedAt: world.now() })
    .where(
      sql`${sandboxObjects.type} = ${TYPE} and ${id === undefined ? sql`true` : eq(sandboxObjects.id, id)}`,
    )
    .returning({ id: sandboxObjects.id })
  return rows.length > 0
}

/**
 * The fault that this event or call meets, counted down in one statement: of several at once each meets its own.
 * @param kind type of the event, or path of the call
 * @param ref what is noted as having met it
 */
export const takeFault = async (
  world: World,
  provider: FaultProvider,
  wanted: readonly FaultKind[],
  { kind, ref }: { readonly kind: string; readonly ref: string },
): Promise<Fault | null> => {
  const names = sql.join(
    wanted.map((name) => sql`${name}`),
    sql`, `,
  )
  const [row] = await world.db.execute<{ body: Fault }>(sql`
    update sandbox_objects set updated_at = ${world.now().toISOString()}, body = body || jsonb_build_object(
      'left', (body ->> 'left')::int - 1,
      'met', (body ->> 'met')::int + 1,
      'did', jsonb_path_query_array(jsonb_build_array(${`${kind} ${ref}`.trim()}::text) || (body -> 'did'), '$[0 to 4]'))
    where id = (
      select id from sandbox_objects
      where provider = ${provider} and type = ${TYPE} and body ->> 'fault' in (${names})
        and coalesce((body ->> 'left')::int, 1) > 0
        and (body ->> 'kind' = ${kind}
          or (right(body ->> 'kind', 1) = '*' and starts_with(${kind}, left(body ->> 'kind', -1))))
      order by seq limit 1 for update)
    returning body`)
  return row?.body ?? null
}

/** Newest first: all that are armed, and some that are over. */
export const listFaults = async (world: World): Promise<Fault[]> => {
  const rows = await world.db
    .select({ body: sandboxObjects.body })
    .from(sandboxObjects)
    .where(eq(sandboxObjects.type, TYPE))
    .orderBy(desc(sandboxObjects.seq))
    .limit(100)
  const all = rows.map(({ body }) => body as unknown as Fault)
  const over = all.filter((fault) => !isArmed(fault)).slice(0, 5)
  return all.filter((fault) => isArmed(fault) || over.includes(fault))
}

export const isArmed = ({ left }: Fault): boolean => left === null || left > 0

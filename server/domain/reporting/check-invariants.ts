import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { STORIES } from './invariants'
import type { Invariant, Scope } from './invariants/invariant'
import type { Finding } from './schemas'

/** More of one kind are not told one by one. */
const MOST = 100

export interface InvariantsChecked {
  /** How many were asked. */
  readonly invariants: number
  readonly findings: Finding[]
}

/**
 * Asks every invariant, or those of some kind, in one statement and so of one moment.
 * @returns what does not hold, at most 100 findings of each.
 */
export const checkInvariants = async (
  ctx: Context,
  scope: Partial<Scope> = {},
  which: (invariant: Invariant) => boolean = () => true,
): Promise<InvariantsChecked> => {
  const whole: Scope = { now: ctx.now(), since: null, afterTransfer: null, ...scope }
  const asked = STORIES.flatMap(({ story, todo, invariants }) =>
    invariants.filter(which).map((invariant) => ({ ...invariant, story, todo: invariant.todo ?? todo })),
  )
  const parts = asked.map(
    ({ id, query }): SQL =>
      sql`(select ${id}::text id, subject::text, problem::text from (${query(whole)}) found limit ${MOST})`,
  )
  const rows = await ctx.db.execute<{ id: string; subject: string; problem: string }>(
    sql.join(parts, sql` union all `),
  )
  const findings = rows.flatMap(({ id, subject, problem }) => {
    const invariant = asked.find((one) => one.id === id)
    if (invariant === undefined) return []
    const { name, story, todo } = invariant
    return [{ id, name, story, subject, problem, todo }]
  })
  return { invariants: asked.length, findings }
}

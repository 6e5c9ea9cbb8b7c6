import { type SQL, sql } from 'drizzle-orm'

/** How much is looked at: everything, or what was written since the last good proof. */
export interface Scope {
  /** The moment it is about: what has a time within which it must happen is late after that. */
  readonly now: Date
  /** Null: everything. Rows that never change are looked at from this moment on. */
  readonly since: Date | null
  /** Null: everything. Transfers up to this one were proven and are sealed. */
  readonly afterTransfer: bigint | null
}

/**
 * One sentence about the rows that must be true, and the query that finds where it is not. `always`: after every commit.
 * `quiet`: once nothing is under way. `within n`: n seconds after what it is about.
 */
export interface Invariant {
  /** As in the list of invariants (I01 …); a letter of its story for those the product adds. */
  readonly id: string
  /** What must be true, in a sentence. */
  readonly name: string
  readonly when: 'always' | 'quiet' | `within ${number}`
  /** Rows `subject`, `problem` (text): what it does not hold for, and how. */
  readonly query: (scope: Scope) => SQL
  /** What the admin can do about it, where it is not what the story says. */
  readonly todo?: string
}

/** What belongs together, so that a reader finds it. */
export interface Story {
  readonly story: string
  /** What to do about a finding. */
  readonly todo: string
  readonly invariants: readonly Invariant[]
}

/** Rows of a table that were written since. */
export const writtenSince = (column: SQL, { since }: Scope): SQL =>
  since === null ? sql`true` : sql`${column} >= ${since.toISOString()}::timestamptz`

/** Transfers, or entries by their transfer, that were not proven before. */
export const notProvenYet = (column: SQL, { afterTransfer }: Scope): SQL =>
  afterTransfer === null ? sql`true` : sql`${column} > ${afterTransfer.toString()}::bigint`

/** The moment so many seconds before. */
export const secondsAgo = (seconds: number, { now }: Scope): SQL =>
  sql`(${now.toISOString()}::timestamptz - make_interval(secs => ${seconds}))`

/** round_half_up(of × part / whole), and nothing of nothing: `reversedShare` of kit/money in SQL. */
export const shareOf = (of: SQL, part: SQL, whole: SQL): SQL =>
  sql`coalesce(div(2 * (${of})::numeric * (${part}) + (${whole}), nullif(2 * (${whole})::numeric, 0)), 0)`

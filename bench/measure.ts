/** What a goal asks of a ratio, from design figures that leave room for noise. */
export interface Goal {
  readonly id: string
  readonly what: string
  readonly measured: number
  readonly atLeast?: number
  readonly atMost?: number
  /** Times, counts and other figures behind the ratio: for orientation only. */
  readonly behind?: string
}

const reached = ({ measured, atLeast, atMost }: Goal): boolean =>
  (atLeast === undefined || measured >= atLeast) && (atMost === undefined || measured <= atMost)

/** One line for each goal: what was asked, what was measured, and whether that does. */
export const printGoal = (goal: Goal): void => {
  const asked = goal.atLeast === undefined ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`
  console.log(
    `${goal.id.padEnd(5)} ${reached(goal) ? 'reached' : 'MISSED '}  ${goal.measured.toFixed(2).padStart(8)}  ` +
      `goal ${asked.padEnd(7)}  ${goal.what}${goal.behind === undefined ? '' : ` (${goal.behind})`}`,
  )
}

export const median = (values: readonly number[]): number => {
  const value = [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

/** Of unsorted values; `share` from 0 to 1. */
export const quantile = (values: readonly number[], share: number): number => {
  const value = [...values].sort((a, b) => a - b)[
    Math.min(values.length - 1, Math.floor(values.length * share))
  ]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

/** Milliseconds that some work takes. */
export const timed = async (work: () => PromiseLike<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/**
 * Measures several things in turns (A B C A B C …), so that a busy machine slows all of them alike; the first turn
 * warms up and does not count.
 * @returns the median of each
 */
export const inTurns = async <Name extends string>(
  rounds: number,
  variants: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number>> => {
  const names = Object.keys(variants) as Name[]
  const values = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round <= rounds; round += 1)
    for (const name of names) {
      const value = await variants[name]()
      if (round > 0) values.get(name)?.push(value)
    }
  return Object.fromEntries(names.map((name) => [name, median(values.get(name) ?? [])])) as Record<
    Name,
    number
  >
}

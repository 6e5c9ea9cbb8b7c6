import type { Issue } from '../../kit/errors'

export type Path = readonly (string | number)[]
export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** How many faults are told at once. */
const MAX_ISSUES = 100

/** A list of faults that stops growing when it says enough. */
export class Faults {
  readonly issues: Issue[] = []

  add(path: Path, message: string): void {
    if (!this.full) this.issues.push({ path: [...path], message })
  }

  get full(): boolean {
    return this.issues.length >= MAX_ISSUES
  }
}

/** The way to a value, kept as a chain so that a deep walk makes no arrays. */
interface Step {
  readonly parent: Step | null
  readonly key: string | number
}

/**
 * Finds what PostgreSQL or a later recursion could not take: nesting deeper than `maxDepth` (an object or array is
 * one level), NUL and lone surrogates, `__proto__`, numbers that are not finite, values that are not JSON.
 * Walks without recursion, so no depth can overflow the stack.
 */
export const checkJson = (root: unknown, maxDepth: number, faults: Faults, at: Path = []): void => {
  const open: { value: object; depth: number; step: Step | null }[] = []
  const fault = (step: Step | null, message: string) => faults.add([...at, ...pathOf(step)], message)
  const visit = (value: unknown, depth: number, step: Step | null) => {
    if (typeof value === 'string') {
      if (!isStorable(value)) fault(step, 'Must not contain NUL or lone surrogates.')
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) fault(step, 'Must be a finite number.')
    } else if (typeof value === 'object' && value !== null) {
      if (depth > maxDepth) fault(step, 'Is nested too deep.')
      else open.push({ value, depth, step })
    } else if (typeof value !== 'boolean' && value !== null) fault(step, 'Is not JSON.')
  }
  visit(root, 1, null)
  for (let next = open.pop(); next !== undefined && !faults.full; next = open.pop()) {
    const { value, depth, step } = next
    if (Array.isArray(value))
      for (let i = 0; i < value.length; i += 1) visit(value[i], depth + 1, { parent: step, key: i })
    else
      for (const [key, member] of Object.entries(value)) {
        const here = { parent: step, key }
        if (key === '__proto__') fault(here, 'This name is not allowed.')
        else if (!isStorable(key)) fault(step, 'A name must not contain NUL or lone surrogates.')
        else visit(member, depth + 1, here)
      }
  }
}

/** PostgreSQL's text holds neither NUL nor half of a surrogate pair. */
const isStorable = (text: string): boolean => !text.includes('\0') && !/\p{Cs}/u.test(text)

const pathOf = (step: Step | null): (string | number)[] => {
  const path: (string | number)[] = []
  for (let s = step; s !== null; s = s.parent) path.push(s.key)
  return path.reverse()
}

/**
 * JSON with members sorted by code unit and no white space: the same text for the same value, whatever the order it
 * came in. Recursive: the value must have passed `checkJson`.
 * @param text what to write in place of each string value; itself by default.
 */
export const canonicalJson = (value: unknown, text: (value: string) => string = (same) => same): string => {
  if (typeof value === 'string') return JSON.stringify(text(value))
  if (Array.isArray(value)) return `[${value.map((element) => canonicalJson(element, text)).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value).sort()
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key], text)}`).join(',')}}`
}

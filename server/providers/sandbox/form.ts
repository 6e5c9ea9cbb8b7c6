import { badParameter } from './api-error'

export type FormValue = string | FormValue[] | { [key: string]: FormValue }

/**
 * Reads a form or query string whose names have brackets: a[b][c]=1, a[]=1, a[0]=1.
 * @throws ApiError 400 for a name or a value that makes no sense.
 */
export const parseForm = (encoded: string): { [key: string]: FormValue } => {
  const root: Branch = new Map()
  for (const [name, value] of new URLSearchParams(encoded)) {
    if (value.includes('\0')) throw badParameter(name, 'Invalid string: it has a NUL.')
    place(root, pathOf(name), value, name)
  }
  return toObject(root)
}

type Branch = Map<string, string | Branch>

const pathOf = (name: string): string[] => {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name)
  const keys = match
    ? [match[1] ?? '', ...[...(match[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map((m) => m[1] ?? '')]
    : []
  if (keys.length === 0 || keys.length > 8 || keys.includes('__proto__'))
    throw badParameter(name.slice(0, 100), 'Invalid name of a parameter.')
  return keys
}

const place = (branch: Branch, [first = '', ...rest]: string[], value: string, name: string): void => {
  const key = first === '' ? String(branch.size) : first
  const there = branch.get(key)
  if (rest.length === 0) {
    if (there !== undefined) throw badParameter(name, 'This parameter is given twice.')
    branch.set(key, value)
    return
  }
  if (typeof there === 'string') throw badParameter(name, 'This parameter is both a value and an object.')
  const next: Branch = there ?? new Map()
  branch.set(key, next)
  place(next, rest, value, name)
}

const toObject = (branch: Branch): { [key: string]: FormValue } =>
  Object.fromEntries([...branch].map(([key, value]) => [key, toValue(value)]))

const toValue = (value: string | Branch): FormValue => {
  if (typeof value === 'string') return value
  const numbered = [...value.keys()].every((key, index) => key === String(index))
  return numbered ? [...value.values()].map(toValue) : toObject(value)
}

/** What can be written in one way only: numbers are whole and below 2^53. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [member: string]: CanonicalValue }

/**
 * The one spelling of a value: the JSON Canonicalization Scheme (RFC 8785), members sorted by UTF-16 code units, no white
 * space, of numbers whole ones only, so that no program can spell them otherwise.
 * @throws RangeError for a number that is not a safe integer, or a text that is not Unicode.
 */
export const canonicalJson = (value: CanonicalValue): string => {
  if (typeof value === 'number') return wholeNumber(value)
  if (typeof value === 'string') return text(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (isList(value)) return `[${value.map(canonicalJson).join()}]`
  const members = Object.keys(value)
    .sort()
    .map((name) => `${text(name)}:${canonicalJson(value[name] ?? null)}`)
  return `{${members.join()}}`
}

const isList = (value: CanonicalValue): value is readonly CanonicalValue[] => Array.isArray(value)

const wholeNumber = (value: number): string => {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} has no canonical form here`)
  return String(value === 0 ? 0 : value)
}

const text = (value: string): string => {
  if (/\p{Surrogate}/u.test(value)) throw new RangeError('half a character has no canonical form')
  return JSON.stringify(value)
}

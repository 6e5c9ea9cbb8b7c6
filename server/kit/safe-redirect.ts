/** Stands for our own origin: only the path of what is resolved against it is ever used. */
const OWN = 'http://own.invalid'

/**
 * Where to send somebody who came with a wish: an own path, or the fallback.
 *
 * Browsers read a backslash as a slash and drop tabs and newlines, and a proxy may decode or collapse a path once
 * more, so a path that could ever begin with two slashes is refused rather than repaired.
 */
export const safeRedirect = (wish: unknown, fallback: string): string => {
  if (typeof wish !== 'string' || wish.length > 2_000 || !wish.startsWith('/')) return fallback
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u0020\u007f-\u00a0\u2028\u2029\ufeff\\]/.test(wish)) return fallback
  const path = wish.split(/[?#]/, 1)[0] ?? ''
  if (looksForeign(path) || looksForeign(decoded(path))) return fallback
  const url = parsed(wish)
  if (url === null || url.origin !== OWN || looksForeign(url.pathname)) return fallback
  return `${url.pathname}${url.search}${url.hash}`
}

/** Two slashes in a row, a backslash, or steps upwards, which may leave two slashes behind. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const looksForeign = (path: string): boolean => /\/\/|\\|(^|\/)\.\.(\/|$)|[\u0000-\u001f\u007f]/.test(path)

/** Decoded until nothing changes; what cannot be decoded counts as foreign. */
const decoded = (path: string): string => {
  let text = path
  for (let round = 0; round < 5; round += 1) {
    try {
      const next = decodeURIComponent(text)
      if (next === text) return text
      text = next
    } catch {
      return '//'
    }
  }
  return '//'
}

const parsed = (text: string): URL | null => {
  try {
    return new URL(text, OWN)
  } catch {
    return null
  }
}

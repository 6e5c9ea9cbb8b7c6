/** The plans, from the least. */
export type Plan = 'FREE' | 'BUSINESS' | 'AGENCY'

/** What may be made under a plan; null: any number. Bought copies do not count as workspaces. */
export interface PlanLimits {
  readonly workspaces: number | null
  readonly funnels: number | null
  readonly pagesPerFunnel: number | null
}

export const PLAN_LIMITS: Readonly<Record<Plan, PlanLimits>> = {
  FREE: { workspaces: 1, funnels: 3, pagesPerFunnel: 35 },
  BUSINESS: { workspaces: 5, funnels: 20, pagesPerFunnel: 100 },
  AGENCY: { workspaces: null, funnels: null, pagesPerFunnel: null },
}

const LIMIT_WORDS: Readonly<Record<keyof PlanLimits, string>> = {
  workspaces: 'workspaces',
  funnels: 'funnels in a workspace',
  pagesPerFunnel: 'pages in a funnel',
}

/**
 * Why there can be no more under this plan, and what would raise it; null when there can.
 * @param wanted how many there would be
 * @param used how many there are, when that is not what is asked for
 */
export const overLimit = (
  plan: Plan,
  what: keyof PlanLimits,
  wanted: number,
  used: number | null = null,
): string | null => {
  const limit = PLAN_LIMITS[plan][what]
  if (limit === null || wanted <= limit) return null
  const higher = (['BUSINESS', 'AGENCY'] as const)
    .map((other) => ({ other, limit: PLAN_LIMITS[other][what] }))
    .filter((offer) => offer.limit === null || offer.limit > limit)
    .map((offer) => `${offer.other} has ${offer.limit ?? 'no such limit'}`)
  const asked =
    used === null ? `and this would be ${wanted}` : `and ${used} of yours ${used === 1 ? 'counts' : 'count'}`
  const words = limit === 1 ? LIMIT_WORDS[what].replace('workspaces', 'workspace') : LIMIT_WORDS[what]
  return `The plan ${plan} has up to ${limit} ${words}, ${asked}. ${higher.join(', ')}.`
}

/** 16 characters a-z0-9, each as likely as the next: 82 bits. */
export const makePublicId = (random: (bytes: number) => Buffer): string => {
  let id = ''
  while (id.length < 16)
    for (const byte of random(24)) if (byte < 252 && id.length < 16) id += (byte % 36).toString(36)
  return id
}

export const isPublicId = (text: string): boolean => /^[a-z0-9]{16}$/.test(text)

/** A page's key: what links in content name it by, the same in every copy. */
export const pageKey = (pageNo: number): string => `p${pageNo}`

/** The number of a page's key, or null when it is no such key. */
export const pageNoOf = (key: string): number | null =>
  /^p[1-9]\d{0,8}$/.test(key) ? Number(key.slice(1)) : null

/** What names a page from outside, unique in the whole system. */
export const linkingId = (publicId: string, pageNo: number): string => `${publicId}-${pageNo.toString(16)}`

/** What a linking id names, or null when it is none. */
export const parseLinkingId = (text: string): { publicId: string; pageNo: number } | null => {
  const [, publicId = '', hex = ''] = /^([a-z0-9]{16})-([1-9a-f][0-9a-f]{0,7})$/.exec(text) ?? []
  const pageNo = pageNoOf(pageKey(Number.parseInt(hex, 16)))
  return pageNo === null ? null : { publicId, pageNo }
}

/** The number of a funnel's id in the API, or null when it is no such id. */
export const funnelNoOf = (id: string): number | null => (/^[1-9]\d{0,8}$/.test(id) ? Number(id) : null)

/** The slug a workspace of this name would have were it free: letters and digits of any script joined by `-`. */
export const slugBase = (name: string): string => {
  const words = name
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFC')
    .match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu)
  const slug = [...(words ?? []).join('-')].slice(0, 80).join('').replace(/-+$/, '')
  return slug === '' ? 'workspace' : slug
}

/** Shows nothing, or nothing but space: white space, format characters, marks without a letter, the blank letters. */
const VISIBLE = /[^\s\p{C}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u
/** Line and paragraph separators break lines like control characters do. */
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/u

/** What is wrong with a name (already trimmed), or null. */
export const nameFault = (name: string): string | null => {
  if (CONTROL.test(name)) return 'Must not contain control characters or line breaks.'
  if (!VISIBLE.test(name)) return 'Must not be empty.'
  return [...name].length > 200 ? 'Must have at most 200 characters.' : null
}

/** What is wrong with a funnel's or page's slug, or null. */
export const slugFault = (slug: string): string | null => {
  if ([...slug].length > 100) return 'Must have at most 100 characters.'
  if (!/^[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:[-_]+[\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*$/u.test(slug))
    return 'Must be letters and digits joined by - or _.'
  return slug === slug.toLowerCase() && slug === slug.normalize('NFC')
    ? null
    : 'Must be lower case (and NFC).'
}

/** What is wrong with a longer text, or null. Line breaks and tabs are welcome. */
export const textFault = (text: string, max: number): string | null => {
  if (/[\p{Cs}]/u.test(text) || text.includes('\0')) return 'Must be text without NUL and lone surrogates.'
  return text.length > max ? `Must have at most ${max} characters.` : null
}

/** What is wrong with the address of a picture, or null. */
export const imageFault = (address: string): string | null => {
  if (CONTROL.test(address)) return 'Must not contain control characters.'
  if (address.length > 2_000) return 'Must have at most 2000 characters.'
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase()
  return scheme === undefined || scheme === 'https' || scheme === 'http' ? null : 'Must be a web address.'
}

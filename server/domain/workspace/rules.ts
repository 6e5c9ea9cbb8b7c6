import { ADDONS, type Addon, type Limit, type Plan, type PlanLimits } from '../../kit/plans'

/** What an organization may make: by its plan and the add-ons it pays for, and what there is besides. */
export interface LimitTerms {
  readonly plan: Plan
  /** With the add-ons. */
  readonly limits: PlanLimits
  readonly addons: Readonly<Partial<Record<Addon, number>>>
  readonly ofPlans: Readonly<Record<Plan, PlanLimits>>
  /** One of each, a month, in cents (USD). */
  readonly prices: Readonly<Record<Addon, number>>
}

const LIMIT_WORDS: Readonly<Record<Limit, { readonly one: string; readonly many: string }>> = {
  workspaces: { one: 'workspace', many: 'workspaces' },
  members: { one: 'member', many: 'members' },
  funnels: { one: 'funnel in a workspace', many: 'funnels in a workspace' },
  pagesPerFunnel: { one: 'page in a funnel', many: 'pages in a funnel' },
  domains: { one: 'custom domain', many: 'custom domains' },
}

/** A limit in words: ‘2 workspaces’. */
const limitWords = (what: Limit, limit: number): string =>
  `${limit} ${limit === 1 ? LIMIT_WORDS[what].one : LIMIT_WORDS[what].many}`

/** The plan's limits, raised by the add-ons. */
export const raisedLimits = (ofPlan: PlanLimits, addons: LimitTerms['addons']): PlanLimits => {
  const raised: Record<Limit, number | null> = { ...ofPlan }
  for (const [addon, { raises, by }] of Object.entries(ADDONS)) {
    const limit = raised[raises]
    if (limit !== null) raised[raises] = limit + by * (addons[addon as Addon] ?? 0)
  }
  return raised
}

/** The higher plans that have more of it; null: any number. */
export const plansWithMore = (
  { plan, limits, ofPlans }: LimitTerms,
  what: Limit,
): { planType: Plan; limit: number | null }[] => {
  const limit = limits[what]
  if (limit === null) return []
  return (['BUSINESS', 'AGENCY'] as const)
    .filter((other) => RANK[other] > RANK[plan])
    .map((planType) => ({ planType, limit: ofPlans[planType][what] }))
    .filter((other) => other.limit === null || other.limit > limit)
}

const RANK: Readonly<Record<Plan, number>> = { FREE: 0, BUSINESS: 1, AGENCY: 2 }

export const addonOf = (what: Limit): Addon =>
  (Object.keys(ADDONS) as Addon[]).find((addon) => ADDONS[addon].raises === what) as Addon

/**
 * Why there can be no more, and what would raise the limit; null when there can.
 * @param wanted how many there would be
 * @param used how many there are, when that is not what is asked for
 */
export const overLimit = (
  terms: LimitTerms,
  what: Limit,
  wanted: number,
  used: number | null = null,
): string | null => {
  const limit = terms.limits[what]
  if (limit === null || wanted <= limit) return null
  const asked =
    used === null ? `and this would be ${wanted}` : `and ${used} of yours ${used === 1 ? 'counts' : 'count'}`
  return `${limitSentence(terms, what, limit)}, ${asked}. ${raiseWords(terms, what)}`
}

/** Why something is only to be read: there are more than the limit. */
export const readOnlyWords = (terms: LimitTerms, what: Limit, thing: string): string => {
  const limit = limitSentence(terms, what, terms.limits[what] ?? 0)
  return `This ${thing} is over a limit: ${lowerFirst(limit)}, and the newest are only to be read. Nothing is lost: it can be read, exported and published as it was. ${raiseWords(terms, what)}`
}

const limitSentence = ({ plan, limits, ofPlans }: LimitTerms, what: Limit, limit: number): string =>
  `The plan ${plan}${limits[what] === ofPlans[plan][what] ? '' : ', with your add-ons,'} has up to ${limitWords(what, limit)}`

const raiseWords = (terms: LimitTerms, what: Limit): string => {
  const plans = plansWithMore(terms, what).map(
    ({ planType, limit }) => `${planType} has ${limit ?? 'no such limit'}`,
  )
  const addon = addonOf(what)
  const price = (terms.prices[addon] / 100).toFixed(2)
  const more = `The add-on ${addon} raises it by ${ADDONS[addon].by}, for ${price} USD a month.`
  return plans.length === 0 ? more : `${plans.join(', ')}. ${more}`
}

const lowerFirst = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`

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

import { isObject, type Path } from './json'

export type TraceKind = 'TRACKING' | 'KEY' | 'MAIL' | 'WEBHOOK' | 'OWN_SITE'

export interface Trace {
  readonly kind: TraceKind
  readonly path: Path
  /** What was found, cut short; of a key only its beginning. */
  readonly excerpt: string
}

const PATTERNS: readonly (readonly [TraceKind, RegExp])[] = [
  ['TRACKING', /\b(?:G-(?=[0-9A-Z]*\d)[0-9A-Z]{6,14}|GTM-[0-9A-Z]{4,10}|UA-\d{4,10}-\d{1,4}|AW-\d{6,12})\b/g],
  ['TRACKING', /\bfbq\s*\(\s*['"]init['"]\s*,\s*['"]?\d+/g],
  [
    'TRACKING',
    /\b(?:googletagmanager\.com|google-analytics\.com|connect\.facebook\.net|static\.hotjar\.com|clarity\.ms\/tag|analytics\.tiktok\.com|snap\.licdn\.com|cdn\.segment\.com|plausible\.io\/js)[^\s"'<>]*/gi,
  ],
  [
    'KEY',
    /\b(?:(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{6,}|whsec_[0-9A-Za-z]{6,}|AKIA[0-9A-Z]{12,}|AIza[0-9A-Za-z_-]{20,}|xox[abprs]-[0-9A-Za-z-]{8,}|gh[pousr]_[0-9A-Za-z]{20,}|sk-[0-9A-Za-z_-]{20,}|SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}|eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,})/g,
  ],
  [
    'KEY',
    /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bBearer\s+[0-9A-Za-z._~+/-]{8,}|:\/\/[^/?#@\s:]+:[^/?#@\s]+@/g,
  ],
  [
    'WEBHOOK',
    /\bhttps?:\/\/(?:hooks\.(?:slack|zapier)\.com|(?:www\.)?discord(?:app)?\.com\/api\/webhooks|hook\.[a-z0-9.-]*make\.com|maker\.ifttt\.com|[^\s"'<>/]+\/[^\s"'<>]*(?:webhook|\/hooks?\/))[^\s"'<>]*/gi,
  ],
  [
    'MAIL',
    /[\p{L}\p{N}][\p{L}\p{N}._%+-]{0,63}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+(?!(?:png|jpe?g|gif|svg|webp|avif|js|css)\b)\p{L}{2,24}/gu,
  ],
]

/** Members that hold what is somebody's own, whatever it looks like. Compared without case, blanks, `-`, `_`, `.`. */
const SECRET_NAMES =
  /apikey|accesskey|privatekey|signingkey|writekey|credential|clientsecret|secretkey|^secret$|passw(or)?d$|passphrase|accesstoken|authtoken|bottoken/
const TRACKING_NAMES =
  /pixelid|trackingid|analyticsid|measurementid|^gtm(id)?$|trackingscripts?|trackingcodes?/
const WEBHOOK_NAMES = /webhook/

const MAX_TEXT = 200_000
/** Found in one text; a list of addresses is one thing to look at, not a thousand. */
const MAX_IN_TEXT = 10

/**
 * Finds in a value, at any depth, what should not go to buyers: ids that count visitors, keys, mail addresses, webhooks,
 * and absolute links to the seller's own site.
 * @param ownHosts hosts of the seller, without `www.`
 */
export const findTraces = (
  value: unknown,
  ownHosts: ReadonlySet<string>,
  found: (trace: Trace) => void,
  path: Path = [],
): void => {
  if (typeof value === 'string') {
    findInText(value, ownHosts, (kind, excerpt) => found({ kind, path, excerpt }))
  } else if (Array.isArray(value)) {
    for (const [i, element] of value.entries()) findTraces(element, ownHosts, found, [...path, i])
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const here = [...path, name]
      const kind = typeof member === 'string' && member.trim() !== '' ? kindOfName(name) : null
      if (kind === null) findTraces(member, ownHosts, found, here)
      else found({ kind, path: here, excerpt: excerptOf(kind, String(member)) })
    }
  }
}

const kindOfName = (name: string): TraceKind | null => {
  const plain = name.toLowerCase().replaceAll(/[-_. :/]/g, '')
  if (/(label|placeholder|title|heading|colou?r|icon)$/.test(plain)) return null
  if (SECRET_NAMES.test(plain)) return 'KEY'
  if (WEBHOOK_NAMES.test(plain)) return 'WEBHOOK'
  return TRACKING_NAMES.test(plain) ? 'TRACKING' : null
}

const findInText = (
  whole: string,
  ownHosts: ReadonlySet<string>,
  found: (kind: TraceKind, excerpt: string) => void,
): void => {
  const text = whole.slice(0, MAX_TEXT)
  const seen = new Set<string>()
  const tell = (kind: TraceKind, match: string) => {
    if (seen.has(match) || seen.size >= MAX_IN_TEXT) return
    seen.add(match)
    found(kind, excerptOf(kind, match))
  }
  for (const [kind, pattern] of PATTERNS)
    for (const [match] of text.matchAll(pattern)) {
      // Made for examples (RFC 2606): what stands in an empty field.
      if (kind !== 'MAIL' || !/@example\.(?:com|net|org)$/i.test(match)) tell(kind, match)
    }
  for (const [match, host = ''] of text.matchAll(/\bhttps?:\/\/([^\s/"'<>?#:@]+)[^\s"'<>]*/gi)) {
    const plain = host.toLowerCase().replace(/^www\./, '')
    if ([...ownHosts].some((own) => plain === own || plain.endsWith(`.${own}`))) tell('OWN_SITE', match)
  }
}

const excerptOf = (kind: TraceKind, match: string): string => {
  const shown = match.trim()
  if (kind === 'KEY') return `${shown.slice(0, 10)}…`
  return shown.length > 100 ? `${shown.slice(0, 100)}…` : shown
}

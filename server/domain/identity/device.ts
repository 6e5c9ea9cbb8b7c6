/**
 * A browser's User-Agent in words such as “Firefox on Linux”: enough to know one's own device again, too little to know
 * anybody by. Null for what is no browser.
 */
export const deviceOf = (userAgent: string | null | undefined): string | null => {
  const text = userAgent ?? ''
  const browser = BROWSERS.find(([, mark]) => mark.test(text))?.[0]
  if (browser === undefined) return null
  const system = SYSTEMS.find(([, mark]) => mark.test(text))?.[0]
  return system === undefined ? browser : `${browser} on ${system}`
}

/** The more particular first: most say that they are Chrome and Safari too. */
const BROWSERS = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|Chromium|CriOS|HeadlessChrome)\//],
  ['Safari', /\bVersion\/\S+ (?:Mobile\/\S+ )?Safari\//],
] as const

const SYSTEMS = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
] as const

/** Tells where a page of the workspace is, by its key; null when there is none. */
export type HrefOf = (key: string) => string | null

/**
 * The address a link of a page may lead to, or null: http(s) without a user's name, mailto, tel, paths of this site,
 * and `page:KEY`. Everything else (javascript:, data:, //host) is shown as text.
 */
export const checkedHref = (href: string, hrefOf: HrefOf): string | null => {
  // Browsers skip control characters and read a backslash as a slash: no scheme can be told with them in it.
  if (UNSAFE.test(href)) return null
  const address = href.trim()
  if (address.startsWith('page:')) return hrefOf(address.slice(5))
  if (address.startsWith('/')) return address.startsWith('//') ? null : address
  if (/^mailto:[^\s@]+@[^\s@]+$/i.test(address) || /^tel:\+?[\d().\s-]+$/i.test(address)) return address
  return webAddress(address)
}

/** The picture's address, or null. Generated pictures (`art:NAME`) are not asked for here. */
export const checkedSource = (src: string): string | null => {
  const address = src.trim()
  if (UNSAFE.test(address)) return null
  if (address.startsWith('/')) return address.startsWith('//') ? null : address
  return /^https:/i.test(address) ? webAddress(address) : null
}

export const isForeign = (href: string): boolean => /^https?:/i.test(href)

const UNSAFE = /[\p{Cc}\\]/u

const webAddress = (address: string): string | null => {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null
  const url = new URL(address)
  return url.username === '' && url.password === '' ? url.href : null
}

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

/** A video that may be played on a page: a file, or one of YouTube or Vimeo by its player that keeps no cookies. */
export const videoOf = (href: string): { readonly kind: 'file' | 'player'; readonly src: string } | null => {
  const address = checkedHref(href, () => null)
  if (address === null || !/^(https:|\/)/i.test(address)) return null
  if (/^[^?#]+\.(mp4|webm)([?#]|$)/i.test(address)) return { kind: 'file', src: address }
  const youtube =
    /^https:\/\/(?:www\.|m\.)?(?:youtube(?:-nocookie)?\.com\/(?:watch\?(?:[^#]*&)?v=|embed\/|shorts\/)|youtu\.be\/)([\w-]{11})(?![\w-])/i.exec(
      address,
    )?.[1]
  if (youtube !== undefined)
    return { kind: 'player', src: `https://www.youtube-nocookie.com/embed/${youtube}` }
  const vimeo = /^https:\/\/(?:www\.|player\.)?vimeo\.com\/(?:video\/)?(\d{6,12})(?!\d)/i.exec(address)?.[1]
  return vimeo === undefined ? null : { kind: 'player', src: `https://player.vimeo.com/video/${vimeo}?dnt=1` }
}

export const isForeign = (href: string): boolean => /^https?:/i.test(href)

const UNSAFE = /[\p{Cc}\\]/u

const webAddress = (address: string): string | null => {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null
  const url = new URL(address)
  return url.username === '' && url.password === '' ? url.href : null
}

/** SEO as it is stored, in pairs to show: known names in words, what is no text as JSON. */
export const seoItems = (
  seo: Readonly<Record<string, unknown>>,
): readonly { readonly term: string; readonly value: string }[] =>
  Object.entries(seo)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => ({
      term: words(name),
      value: typeof value === 'string' ? value : JSON.stringify(value),
    }))

/** 'ogImage' → 'Og image' */
const words = (name: string): string => {
  const text = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

import type { MetaDescriptor } from '@remix-run/node'

/** A page's title, the same way everywhere. */
export const pageTitle = (title: string, description?: string): MetaDescriptor[] => [
  { title: `${title} · Offshoot` },
  ...(description === undefined ? [] : [{ name: 'description', content: description }]),
]

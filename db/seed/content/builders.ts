/** Blocks and pages of the demo, as a builder would have saved them. */
export interface DemoBlock {
  readonly type: string
  readonly props: Readonly<Record<string, unknown>>
}

export interface DemoPage {
  readonly key: string
  readonly name: string
  readonly slug: string
  readonly type?: 'PAGE' | 'RESULT'
  readonly seo: Readonly<Record<string, unknown>>
  readonly content: { readonly root: object; readonly content: readonly DemoBlock[] }
}

export interface DemoFunnel {
  readonly name: string
  readonly slug: string
  readonly status: 'DRAFT' | 'LIVE' | 'ARCHIVED'
  readonly theme: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly tracking?: Readonly<Record<string, string>>
  readonly passwordProtected?: boolean
  readonly pages: readonly DemoPage[]
}

export interface DemoWorkspace {
  readonly name: string
  readonly description: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly themes: readonly { key: string; name: string; tokens: Readonly<Record<string, unknown>> }[]
  readonly roleTemplates: readonly { name: string; permissions: Readonly<Record<string, boolean>> }[]
  readonly funnels: readonly DemoFunnel[]
}

/** What every page of one business has around its content. */
export interface Business {
  readonly name: string
  readonly claim: string
  readonly home: string
  readonly links: readonly Link[]
  readonly cta: Link
  readonly legal: string
  readonly footerLinks: readonly Link[]
}

export type Link = { readonly label: string; readonly href: string }
/** Title and text, in this order. */
export type Item = readonly [title: string, text: string]

export const link = (label: string, href: string): Link => ({ label, href })
export const block = (type: string, props: Readonly<Record<string, unknown>> = {}): DemoBlock => ({
  type,
  props,
})
const items = (pairs: readonly Item[]) => pairs.map(([title, text]) => ({ title, text }))
export const features = (title: string, pairs: readonly Item[], text?: string): DemoBlock =>
  block('Features', { title, ...(text === undefined ? {} : { text }), items: items(pairs) })
export const steps = (title: string, pairs: readonly Item[]): DemoBlock =>
  block('Steps', { title, items: items(pairs) })
export const faq = (pairs: readonly Item[], title = 'Questions people ask first'): DemoBlock =>
  block('FAQ', { title, items: pairs.map(([question, answer]) => ({ question, answer })) })
/** Value and label of each figure. */
export const stats = (pairs: readonly Item[]): DemoBlock =>
  block('Stats', { items: pairs.map(([value, label]) => ({ value, label })) })
/** Quote, name and role of each voice. */
export const voices = (title: string, quotes: readonly (readonly [string, string, string])[]): DemoBlock =>
  block('Testimonials', { title, items: quotes.map(([quote, name, role]) => ({ quote, name, role })) })

export interface PageCopy {
  readonly key: string
  readonly name: string
  readonly title: string
  readonly seo: string
  readonly slug?: string
  readonly type?: 'PAGE' | 'RESULT'
  /** Not to be found by search engines: thank-you pages, checkouts. */
  readonly hidden?: boolean
  /** Steps of a purchase have no navigation to wander off by. */
  readonly focused?: boolean
}

/** A page of a business: its frame around these blocks, each with an id that stays. */
export const page = (business: Business, copy: PageCopy, blocks: readonly DemoBlock[]): DemoPage => {
  const { name: brand, links, cta, claim: text, legal, footerLinks } = business
  const framed = [
    block('Navigation', copy.focused === true ? { brand, links: [] } : { brand, links, cta }),
    ...blocks,
    block('Footer', { brand, text, links: footerLinks, legal }),
  ]
  return {
    key: copy.key,
    name: copy.name,
    slug: copy.slug ?? copy.key.slice(copy.key.indexOf('-') + 1),
    ...(copy.type === undefined ? {} : { type: copy.type }),
    seo: {
      title: `${copy.title} | ${brand}`,
      description: copy.seo,
      ...(copy.hidden === true ? { noIndex: true } : {}),
    },
    content: {
      root: { props: { title: copy.title } },
      content: framed.map(({ type, props }, i) => ({
        type,
        props: { id: `${type}-${copy.key}-${i + 1}`, ...props },
      })),
    },
  }
}

export const ROLE_TEMPLATES = [
  {
    name: 'Admin',
    permissions: {
      'workspace.manage': true,
      'members.manage': true,
      'funnels.edit': true,
      'pages.edit': true,
      'analytics.view': true,
    },
  },
  {
    name: 'Editor',
    permissions: {
      'workspace.manage': false,
      'members.manage': false,
      'funnels.edit': true,
      'pages.edit': true,
      'analytics.view': true,
    },
  },
  {
    name: 'Viewer',
    permissions: {
      'workspace.manage': false,
      'members.manage': false,
      'funnels.edit': false,
      'pages.edit': false,
      'analytics.view': true,
    },
  },
] as const

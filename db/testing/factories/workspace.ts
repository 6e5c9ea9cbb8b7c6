import { importWorkspace } from '../../../server/domain/workspace'
import type { Workspace } from '../../../server/domain/workspace/schemas'
import type { TestContext } from '../context'
import { type MadeUser, makeUser } from './identity'

export interface SampleSize {
  readonly name?: string
  readonly funnels?: number
  readonly pagesPerFunnel?: number
  /** About how many bytes each page has. */
  readonly pageBytes?: number
}

/** A workspace document in which every page links to the next, with all that a clone treats in its own way. */
export const sampleDocument = (size: SampleSize = {}) => {
  const { name = 'Premium Templates', funnels = 2, pagesPerFunnel = 3, pageBytes = 0 } = size
  const total = funnels * pagesPerFunnel
  const page = (no: number, i: number) => ({
    key: `p${no}`,
    name: `Page ${no}`,
    slug: `page-${i + 1}`,
    type: i % 3 === 2 ? 'RESULT' : 'PAGE',
    seo: { title: `Page ${no}` },
    content: {
      root: { props: { title: `Page ${no}` } },
      content: [
        { type: 'Button', props: { id: `b${no}`, href: `page:p${(no % total) + 1}` } },
        { type: 'Text', props: { id: `t${no}`, text: words(no, pageBytes) } },
      ],
    },
  })
  return {
    format: 'offshoot.workspace/1',
    name,
    description: 'Everything you need',
    image: 'https://images.example/cover.png',
    settings: {
      locale: 'en',
      apiKey: 'key-of-the-seller',
      nested: { 'webhook-url': 'https://seller.example', keep: 1 },
    },
    themes: [{ key: 'night', name: 'Night', tokens: { color: { ink: '#fff' } } }],
    roleTemplates: [
      { name: 'Editor', permissions: { 'pages.edit': true, 'funnels.delete': false } },
      { name: 'Viewer', permissions: {} },
    ],
    funnels: Array.from({ length: funnels }, (_, f) => ({
      name: `Funnel ${f + 1}`,
      slug: `funnel-${f + 1}`,
      status: f === 0 ? 'LIVE' : 'DRAFT',
      theme: f === 0 ? 'night' : null,
      settings: { language: 'en', trackingIds: ['G-1'], favicon: null },
      tracking: { googleAnalyticsId: 'G-123', metaPixelId: '987' },
      passwordProtected: f === 0,
      pages: Array.from({ length: pagesPerFunnel }, (_, i) => page(f * pagesPerFunnel + i + 1, i)),
    })),
  }
}

/** Text that differs from page to page and compresses neither too well nor not at all. */
const words = (seed: number, bytes: number): string => {
  const parts: string[] = []
  for (let length = 0, x = seed * 2_654_435_761; length < bytes; ) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    const word = (x % 50_000).toString(36)
    parts.push(word)
    length += word.length + 1
  }
  return parts.join(' ')
}

/** A seller on the plan AGENCY with one workspace. */
export const makeSellerWithWorkspace = async (
  ctx: TestContext,
  size: SampleSize = {},
): Promise<{ seller: MadeUser; workspace: Workspace; as: TestContext }> => {
  const seller = await makeUser(ctx, { plan: 'AGENCY' })
  const as = ctx.as(seller.actor)
  return { seller, workspace: await importWorkspace(as, sampleDocument(size)), as }
}

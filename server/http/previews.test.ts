import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { beforeAll, describe, expect, it } from 'vitest'
import { pageRenderer } from '../../app/features/page/published/render.server'
import { funnels, pages, workspaces } from '../../db/schema'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeOffer } from '../../db/testing/factories/payment'
import { describePreview, revokeLink } from '../domain/affiliate'
import { updatePage } from '../domain/workspace'
import type { HttpEnv } from './env'
import { servePreviews } from './previews'
import { createRenderedPages } from './rendered-pages'

const database = useDatabase()
let ctx: TestContext
let app: Hono<HttpEnv>
beforeAll(() => {
  ctx = testContext(database.db)
  app = new Hono<HttpEnv>()
  servePreviews(app, {
    base: ctx,
    render: pageRenderer,
    rendered: createRenderedPages(),
    addressOf: () => '192.0.2.1',
  })
})
const look = (...parts: string[]) => app.request(`/preview/${parts.map(encodeURIComponent).join('/')}`)

const scene = async () => {
  const offer = await makeOffer(ctx)
  const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, offer.workspaceId))
  return { ...offer, as: ctx.as(offer.seller.actor), rowId: row?.id ?? 0n }
}
const write = (as: TestContext, workspaceId: string, blocks: readonly object[]) =>
  updatePage(as, { workspaceId, pageId: 'p1', content: { root: {}, content: [...blocks] } })

describe('a preview', () => {
  it('shows every page of what is offered, drafts too, and is for no search engine', async () => {
    const { token, as, workspaceId } = await scene()
    await write(as, workspaceId, [{ type: 'Text', props: { id: 't', text: 'Seen before it is paid for' } }])
    const tree = await describePreview(ctx, { offer: token })
    expect(tree.length).toBeGreaterThan(0)
    for (const funnel of tree)
      for (const page of funnel.pages) expect((await look(token, funnel.slug, page.slug)).status).toBe(200)
    const answer = await look(token)
    expect(answer.headers.get('x-robots-tag')).toBe('noindex, nofollow')
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    const html = await answer.text()
    expect(html).toContain('Seen before it is paid for')
    expect(html).toContain('fp-watermark')
  })

  it('leads to its own pages alone, takes no answers, and measures nothing', async () => {
    const { token, as, workspaceId, rowId } = await scene()
    await database.db
      .update(funnels)
      .set({ tracking: { googleAnalyticsId: 'G-ABC123' }, settings: { customScript: 'window.mine = 1' } })
      .where(eq(funnels.workspaceId, rowId))
    await write(as, workspaceId, [
      { type: 'Button', props: { id: 'a', label: 'On', href: 'page:p1' } },
      { type: 'Button', props: { id: 'b', label: 'Out', href: 'https://elsewhere.example' } },
      { type: 'Embed', props: { id: 'c', title: 'Map', href: 'https://map.example' } },
      { type: 'Form', props: { id: 'd', fields: [{ label: 'Mail', type: 'email' }], submit: 'Send' } },
    ])
    const answer = await look(token)
    const html = await answer.text()
    expect(html).toMatch(/href="\/preview\/[^"]+\/page-1"/)
    expect(html).not.toMatch(
      /elsewhere\.example|map\.example|<iframe|method="post"|googletagmanager|window\.mine/,
    )
    const policy = answer.headers.get('content-security-policy') ?? ''
    for (const part of [
      "form-action 'none'",
      "frame-ancestors 'self'",
      'sandbox allow-scripts',
      "frame-src 'none'",
    ])
      expect(policy).toContain(part)
    expect(policy).not.toContain('allow-same-origin')
    const before = await database.db
      .select({ visits: pages.visits })
      .from(pages)
      .where(eq(pages.workspaceId, rowId))
    expect(before.every(({ visits }) => visits === 0n)).toBe(true)
  })

  it('is over with its offer', async () => {
    const { token, as, link } = await scene()
    await revokeLink(as, { id: link.id })
    expect((await look(token)).status).toBe(404)
    await expect(describePreview(ctx, { offer: token })).rejects.toMatchObject({ code: 'LINK_NOT_AVAILABLE' })
  })

  it.each([['no-such-listing'], ['not.a.token'], ['x', 'y', 'z']])('is not there at %s', async (...parts) => {
    expect((await look(...parts)).status).toBe(404)
  })

  it('has no page that the offer has not', async () => {
    const { token } = await scene()
    expect((await look(token, 'funnel-1', 'no-such-page')).status).toBe(404)
  })
})

import type { Hono } from 'hono'
import { readPreview } from '../domain/affiliate'
import { readPublishedContent } from '../domain/workspace'
import { DomainError } from '../kit/errors'
import type { ShownPage } from '../kit/ports'
import type { HttpCall, HttpEnv } from './env'
import { type PublishedOptions, part } from './published'
import { pageHeaders } from './published-headers'

/**
 * Pages of what is offered, for a frame on the page that offers it: watermarked, in a sandbox, for no search engine; links
 * lead to other previews alone, forms take nothing, and nothing measures.
 */
export const servePreviews = (
  app: Hono<HttpEnv>,
  { base, render, rendered, addressOf }: Omit<PublishedOptions, 'visits'>,
): void => {
  const answer = (call: HttpCall, shown: ShownPage, status: 200 | 404) =>
    call.body(shown.html, status, {
      ...pageHeaders(shown, { ownOrigin: false, framed: true }),
      'Cache-Control': 'private, no-store',
      'X-Robots-Tag': 'noindex, nofollow',
    })
  app.get('/preview/:offer/:funnel?/:page?', async (call) => {
    const offer = part(call, 'offer')
    const slug = (name: string) => (call.req.param(name) === undefined ? null : part(call, name))
    const page = await readPreview(base, { offer, funnel: slug('funnel'), page: slug('page') }).catch(
      (error: unknown) => {
        if (error instanceof DomainError) return null
        throw error
      },
    )
    if (page === null)
      return answer(
        call,
        render.message({
          title: 'There is nothing to preview',
          text: 'This offer, or this page of it, is not there.',
        }),
        404,
      )
    const wayTo = (...parts: readonly string[]) =>
      `/preview/${[offer, ...parts].map(encodeURIComponent).join('/')}`
    const make = async () => {
      const { content, targets } = await readPublishedContent(base, page, true)
      return render.page({
        content,
        name: page.page.name,
        seo: page.page.seo,
        settings: page.funnel.settings,
        theme: page.theme,
        address: '',
        origin: '',
        hrefOf: (key) => {
          const target = targets.get(key)
          return target === undefined ? null : wayTo(target.funnel, target.page)
        },
        sendTo: () => null,
        mode: 'preview',
        players: false,
        tracking: {},
        consent: 'no',
        consentTo: '',
      })
    }
    return answer(call, await rendered.get(`preview ${offer} ${page.version}`, addressOf(call), make), 200)
  })
}

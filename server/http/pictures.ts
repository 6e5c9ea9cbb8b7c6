import type { Hono } from 'hono'
import { isPictureName } from '../domain/picture'
import type { Context } from '../kit/context'
import type { HttpEnv } from './env'
import { failureResponse } from './failure'

/** Pictures by their content's name: an address never shows anything else, so it is kept for good. */
export const servePictures = (app: Hono<HttpEnv>, { outside }: Context): void => {
  app.get('/pictures/:name', async (call) => {
    const name = call.req.param('name')
    const tag = `"${name}"`
    if (!isPictureName(name)) return call.notFound()
    if (call.req.header('if-none-match') === tag)
      return new Response(null, { status: 304, headers: kept(tag) })
    try {
      const bytes = await outside.pictures.read(name)
      if (bytes === null) return call.notFound()
      return new Response(new Uint8Array(bytes), {
        headers: { ...kept(tag), 'Content-Type': 'image/webp', 'Content-Length': String(bytes.length) },
      })
    } catch (error) {
      return failureResponse(call, error)
    }
  })
}

const kept = (tag: string) => ({
  ETag: tag,
  'Cache-Control': 'public, max-age=31536000, immutable',
  // Opened by itself it is a document: one that may do nothing.
  'Content-Security-Policy': "default-src 'none'; sandbox",
  // Published pages have an origin of their own, and copies of a page may stand anywhere.
  'Cross-Origin-Resource-Policy': 'cross-origin',
})

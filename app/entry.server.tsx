import { Writable } from 'node:stream'
import type { AppLoadContext, EntryContext, HandleErrorFunction } from '@remix-run/node'
import { isRouteErrorResponse, RemixServer } from '@remix-run/react'
import { renderToPipeableStream } from 'react-dom/server'
import { createLog, describeError, type Log, logPath } from '../server/kit/log'
import { NonceContext } from './lib/nonce'

/** Milliseconds after which a document that still waits is given up. */
const GIVE_UP_AFTER = 10_000

/** Renders the whole document before the first byte is sent: one write, and a late error still sets the status. */
const handleRequest = async (
  request: Request,
  status: number,
  headers: Headers,
  remix: EntryContext,
  context: AppLoadContext,
): Promise<Response> => {
  const { html, failed } = await render(
    <NonceContext.Provider value={context.nonce}>
      <RemixServer context={remix} url={request.url} nonce={context.nonce} abortDelay={GIVE_UP_AFTER} />
    </NonceContext.Provider>,
    context.nonce,
    (error) => handleError(error, { request, context, params: {} }),
  )
  headers.set('Content-Type', 'text/html; charset=utf-8')
  return new Response(html, { headers, status: failed && status < 500 ? 500 : status })
}

export default handleRequest

let log: Log | undefined

/** What loaders, actions and components throw unexpectedly. A refusal is a Response and does not come here. */
export const handleError: HandleErrorFunction = (error, { request, context }) => {
  // An address that leads nowhere is nothing that failed.
  if (request.signal.aborted || (isRouteErrorResponse(error) && error.status < 500)) return
  const { api, requestId } = context as AppLoadContext
  log ??= createLog(api.config.logLevel)
  const path = logPath(new URL(request.url).pathname)
  log.error({ request: requestId, method: request.method, path, error: describeError(error) }, 'page failed')
}

interface Rendered {
  readonly html: Buffer<ArrayBuffer>
  readonly failed: boolean
}

const render = (page: JSX.Element, nonce: string, report: (error: unknown) => void): Promise<Rendered> =>
  new Promise((resolve, reject) => {
    let failed = false
    const chunks: Buffer[] = []
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(Buffer.from(chunk))
        done()
      },
      final: (done) => {
        resolve({ html: Buffer.concat(chunks), failed })
        done()
      },
    })
    const { pipe, abort } = renderToPipeableStream(page, {
      nonce,
      onAllReady: () => {
        clearTimeout(timer)
        pipe(sink)
      },
      onShellError: (error) => {
        clearTimeout(timer)
        reject(error)
      },
      onError: (error) => {
        failed = true
        report(error)
      },
    })
    const timer = setTimeout(abort, GIVE_UP_AFTER)
  })

import { toFailure } from '../trpc'
import type { HttpCall } from './env'

/** `{ code, message, issues }`, of a 409 also what is `current`, with the status it deserves; what is our fault is kept for the log. */
export const failureResponse = (call: HttpCall, error: unknown): Response => {
  const { status, code, message, issues, retryAfter, current } = toFailure(error)
  if (status >= 500) call.set('failure', error)
  if (retryAfter !== undefined) call.header('Retry-After', String(retryAfter))
  return call.json({ code, message, issues, ...(current === undefined ? {} : { current }) }, status)
}

/** The same for somebody who reads it in a browser. */
export const failurePage = (call: HttpCall, error: unknown): Response => {
  if (!(call.req.header('accept') ?? '').includes('text/html')) return failureResponse(call, error)
  const answer = failureResponse(call, error)
  const headers = new Headers(answer.headers)
  headers.set('Content-Type', 'text/html; charset=utf-8')
  const { message } = toFailure(error)
  return new Response(plainPage(message), { status: answer.status, headers })
}

export const methodNotAllowed = (call: HttpCall, allowed: readonly string[]): Response =>
  call.json(
    {
      code: 'METHOD_NOT_ALLOWED',
      message: `This address answers ${allowed.join(', ')} only.`,
      issues: [],
    },
    405,
    { Allow: allowed.join(', ') },
  )

// The words are our own: nothing of the request gets in.
const plainPage = (message: string): string =>
  `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Offshoot</title></head><body><main><h1>${escaped(message)}</h1><p><a href="/">To the start</a></p></main></body></html>`

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

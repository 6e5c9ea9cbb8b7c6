import { receiveWebhook } from '../domain/webhook'
import { DomainError } from '../kit/errors'
import { type ApiContext, toFailure } from '../trpc'
import { MIB, readBody } from './read-json'

/**
 * The whole answer to a provider's webhook: read, prove, store, 200. Nothing is done with it here.
 * 400 for what is not proven, 413 over 1 MiB, 503 when it could not be stored, so that the provider comes again.
 */
export const answerWebhook = async (
  api: ApiContext,
  request: Request,
  provider: string,
): Promise<Response> => {
  try {
    if (request.method !== 'POST')
      return answer(405, { code: 'METHOD_NOT_ALLOWED', message: 'Webhooks are posted.' }, { Allow: 'POST' })
    if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
      throw new DomainError(400, 'WEBHOOK_INVALID', 'A webhook is JSON, as application/json.')
    const body = await readBody(request, MIB)
    const received = await receiveWebhook(api, { provider, body, headers: request.headers })
    return answer(200, { received })
  } catch (error) {
    const failure = toFailure(error)
    // What is wrong on our side is worth another delivery; a compressed body is as invalid as a forged one.
    const status = failure.status === 500 ? 503 : failure.status === 415 ? 400 : failure.status
    return answer(
      status,
      { code: failure.code, message: failure.message },
      status === 503 ? { 'Retry-After': '5' } : {},
    )
  }
}

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store', ...headers },
  })

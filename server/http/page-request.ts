import { DomainError } from '../kit/errors'
import { MIB, readBytes } from './read-json'

const FORM = 'application/x-www-form-urlencoded'

/** Take a whole workspace document, or pictures: they limit their body themselves, once they know who sends it. */
const READS_ITS_OWN = /^\/workspaces\/(import|[^/]+\/pictures)$/

/** A form may have 2 MiB; the one that takes a document of 5 MiB, that and what is around it. */
const limitOf = ({ url }: Request): number =>
  (new URL(url).pathname === '/balance/payout-method' ? 6 : 2) * MIB

/**
 * A request as a page may read it: without a body, or with a form of at most 2 MiB (6 MiB with a document) that can be read. No body at all
 * is an empty form.
 * @throws DomainError 400, 413 or 415.
 */
export const pageRequest = async (request: Request): Promise<Request> => {
  if (request.method === 'GET' || request.method === 'HEAD') return request
  if (READS_ITS_OWN.test(new URL(request.url).pathname)) return request
  const body = await readBytes(request, limitOf(request))
  const headers = new Headers(request.headers)
  if (body.length === 0 && !headers.has('content-type')) headers.set('content-type', FORM)
  if (
    !/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(headers.get('content-type') ?? '')
  )
    throw new DomainError(415, 'UNSUPPORTED_TYPE', 'Send a form.')
  const read = new Request(request.url, { method: request.method, headers, body, signal: request.signal })
  await read
    .clone()
    .formData()
    .catch(() => {
      throw new DomainError(400, 'INVALID_BODY', 'The form cannot be read.')
    })
  return read
}

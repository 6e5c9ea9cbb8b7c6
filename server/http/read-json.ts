import { DomainError } from '../kit/errors'

export const KIB = 1024
export const MIB = 1024 * 1024

/**
 * A body as text, read no further than it may be long.
 * @param limit bytes
 * @throws DomainError 413 when it is longer, 415 when it is compressed, 400 when it is not UTF-8.
 */
export const readBody = async (request: Request, limit: number): Promise<string> => {
  const bytes = await readBytes(request, limit)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new DomainError(400, 'INVALID_BODY', 'The body is not UTF-8.')
  }
}

/** The same as bytes. */
export const readBytes = async (request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> => {
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity')
    throw new DomainError(415, 'UNSUPPORTED_ENCODING', 'Send the body uncompressed.')
  const tooLarge = () => new DomainError(413, 'BODY_TOO_LARGE', `The body may have ${limit} bytes at most.`)
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge()
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength
    if (length > limit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * A JSON body whose nesting is checked before it is parsed.
 * @throws DomainError 400 INVALID_JSON, 413, 415.
 */
export const readJson = async (
  request: Request,
  limits: { bytes: number; depth: number },
): Promise<unknown> => {
  const text = await readBody(request, limits.bytes)
  if (text === '') return {}
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
    throw new DomainError(415, 'UNSUPPORTED_TYPE', 'Send JSON, as application/json.')
  if (nesting(text) > limits.depth)
    throw new DomainError(400, 'INVALID_JSON', `The body is nested deeper than ${limits.depth}.`)
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new DomainError(400, 'INVALID_JSON', 'The body is not valid JSON.')
  }
}

/** How deep the brackets of a JSON text go, without parsing it. */
export const nesting = (text: string): number => {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === BACKSLASH) i += 1
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) inString = true
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1
      if (depth > deepest) deepest = depth
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1
  }
  return deepest
}

const QUOTE = 34
const BACKSLASH = 92
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

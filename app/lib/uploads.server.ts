import { unstable_parseMultipartFormData } from '@remix-run/node'
import { DomainError } from '../../server/kit/errors'

/** A file as it came in a form. */
export interface UploadedFile {
  /** As its sender calls it. */
  readonly name: string
  readonly bytes: Buffer
}

export interface UploadedForm {
  /** The fields that are no files; of several of a name, the last. */
  readonly fields: Readonly<Record<string, string>>
  /** Those that were chosen, in order. */
  readonly files: readonly UploadedFile[]
}

/**
 * A form with files, read no further than `limit` bytes in all. Ask first who sends it.
 * @throws DomainError 413 BODY_TOO_LARGE, 400 INVALID_BODY
 */
export const readForm = async (request: Request, limit: number): Promise<UploadedForm> => {
  if (Number(request.headers.get('content-length') ?? 0) > limit) {
    await discard(request, 4 * limit)
    throw tooLarge(limit)
  }
  const fields: Record<string, string> = {}
  const files: UploadedFile[] = []
  let bytes = 0
  await unstable_parseMultipartFormData(request, async ({ name, filename, data }) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of data) {
      bytes += chunk.byteLength
      if (bytes > limit) throw tooLarge(limit)
      chunks.push(chunk)
    }
    const content = Buffer.concat(chunks)
    if (filename === undefined) fields[name] = content.toString('utf8')
    else if (content.length > 0) files.push({ name: filename, bytes: content })
    return ''
  }).catch((error: unknown) => {
    throw error instanceof DomainError ? error : badForm()
  })
  return { fields, files }
}

/** Lets what is sent run into nothing: a browser reads no answer before it has sent everything. */
export const discard = async (request: Request, limit: number): Promise<void> => {
  let bytes = 0
  if (request.body === null) return
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > limit) return
  }
}

const tooLarge = (limit: number) =>
  new DomainError(413, 'BODY_TOO_LARGE', `That is more than ${Math.floor(limit / 2 ** 20)} MiB at once.`)
const badForm = () => new DomainError(400, 'INVALID_BODY', 'The form did not arrive whole. Send it again.')

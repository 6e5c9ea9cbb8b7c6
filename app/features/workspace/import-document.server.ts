import { type ActionFunctionArgs, json, unstable_parseMultipartFormData } from '@remix-run/node'
import { apiOf, formFailure } from '~/lib/api.server'
import { discard } from '~/lib/uploads.server'
import { MIB, nesting } from '../../../server/http/read-json'
import { DomainError, refused } from '../../../server/kit/errors'
import { toFailure } from '../../../server/trpc'
import { firstFaults, type ImportFailure, jsonFault } from './import-fault'

/** A document may have 100 MiB; a bit more is read, so that it is the document's check that says so. */
const MAX_BYTES = 101 * MIB
const MAX_NESTING = 10_000
/** What was pasted is shown again up to this many characters. */
const MAX_ECHO = MIB

/** Imports what was uploaded, or else pasted. Answers the new workspace's id, or what is wrong. */
export const importUpload = async ({ request, context }: Pick<ActionFunctionArgs, 'request' | 'context'>) => {
  let pasted = ''
  try {
    const api = apiOf(context)
    const { refusal } = await api.workspace.usage()
    if (refusal !== null) {
      await discard(request, 4 * MAX_BYTES)
      throw refused('PLAN_LIMIT_REACHED', refusal)
    }
    const { file, text } = await readUpload(request, MAX_BYTES)
    pasted = text
    const { id } = await api.workspace.import(parseText(file.trim() === '' ? text : file))
    return { id }
  } catch (error) {
    return { id: null, failure: importFailure(error, request, pasted) }
  }
}

const importFailure = (error: unknown, request: Request, pasted: string) => {
  // Answers what has to do with signing in or with ourselves.
  formFailure(error, request)
  const { status, message, issues } = toFailure(error)
  const text = pasted.length > MAX_ECHO ? '' : pasted
  return json<ImportFailure>({ title: message, ...firstFaults(issues), text }, { status })
}

/**
 * The fields `file` and `text` of a form, read no further than `limit` bytes in all.
 * @throws DomainError 413 BODY_TOO_LARGE, 400 INVALID_BODY
 */
export const readUpload = async (
  request: Request,
  limit: number,
): Promise<{ readonly file: string; readonly text: string }> => {
  if (Number(request.headers.get('content-length') ?? 0) > limit) {
    await discard(request, 4 * limit)
    throw tooLarge()
  }
  let bytes = 0
  const form = await unstable_parseMultipartFormData(request, async ({ data }) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of data) {
      bytes += chunk.byteLength
      if (bytes > limit) throw tooLarge()
      chunks.push(chunk)
    }
    return utf8(Buffer.concat(chunks))
  }).catch((error: unknown) => {
    throw error instanceof DomainError ? error : badForm()
  })
  return { file: textOf(form.get('file')), text: textOf(form.get('text')) }
}

const textOf = (value: FormDataEntryValue | null): string => (typeof value === 'string' ? value : '')

const tooLarge = () => new DomainError(413, 'BODY_TOO_LARGE', 'The file is larger than 100 MiB.')
const badForm = () => new DomainError(400, 'INVALID_BODY', 'The form did not arrive whole. Send it again.')

const utf8 = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new DomainError(
      400,
      'INVALID_BODY',
      'The file is not text in UTF-8: it is not a workspace document.',
    )
  }
}

/** @throws DomainError 400 INVALID_JSON in words that lead to the place. */
export const parseText = (text: string): unknown => {
  if (text.trim() === '')
    throw new DomainError(400, 'INVALID_JSON', 'Choose a file, or paste a document: both were empty.')
  if (nesting(text) > MAX_NESTING)
    throw new DomainError(400, 'INVALID_JSON', `The document is nested deeper than ${MAX_NESTING}.`)
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const where = jsonFault(text, error instanceof Error ? error.message : '')
    throw new DomainError(400, 'INVALID_JSON', `This is not JSON. ${where}`.trim())
  }
}

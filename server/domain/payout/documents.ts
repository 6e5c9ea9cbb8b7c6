import { and, count, eq, isNull } from 'drizzle-orm'
import { payoutDocuments, payoutMethods } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { DomainError, notFound, refused } from '../../kit/errors'
import { open, seal } from '../../kit/sealed'
import { recordActivity } from '../audit'
import { lockSelf } from '../identity'
import type { AddDocumentInput, DocumentFile, DocumentIdInput, DocumentView } from './schemas'
import { isUuid } from './users'

const MAX_DOCUMENT_BYTES = 5 * 1024 * 1024
const MOST = 10

/**
 * Attaches a document (PDF, PNG or JPEG by its contents, at most 5 MiB) to the signed-in user's payout details, sealed.
 * @throws DomainError 413 DOCUMENT_TOO_LARGE; 415 DOCUMENT_TYPE; 422 NO_PAYOUT_METHOD, TOO_MANY_DOCUMENTS.
 */
export const addPayoutDocument = (ctx: Context, { name, content }: AddDocumentInput): Promise<DocumentView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const bytes = Buffer.from(content, 'base64')
    if (bytes.length > MAX_DOCUMENT_BYTES)
      throw new DomainError(413, 'DOCUMENT_TOO_LARGE', 'A document has at most 5 MiB.')
    const mediaType = typeOf(bytes)
    if (mediaType === null)
      throw new DomainError(415, 'DOCUMENT_TYPE', 'Attach a PDF, PNG or JPEG.', {
        issues: [{ path: ['content'], message: 'This is no PDF, PNG or JPEG.' }],
      })
    await lockSelf(tx, userId, 'no key update')
    const methodId = await currentMethodId(tx, userId)
    await refuseTooMany(tx, methodId)
    const id = newId(tx)
    const row = { id, methodId, name, mediaType, bytes: bytes.length, createdAt: tx.now() }
    await tx.db.insert(payoutDocuments).values({ ...row, sealed: seal(tx, 'payout-document', id, bytes) })
    await recordActivity(tx, {
      action: 'payout_document_added',
      description: 'A document was attached to payout details',
      subject: { type: 'payout_document', id },
      after: { methodId, name, mediaType, bytes: bytes.length },
    })
    return { id, name, mediaType, bytes: bytes.length, createdAt: row.createdAt.toISOString() }
  })

/** A document with its contents; for admins, and noted in the log. @throws DomainError 404 DOCUMENT_NOT_FOUND. */
export const readPayoutDocument = (ctx: Context, { id }: DocumentIdInput): Promise<DocumentFile> =>
  inTransaction(ctx, async (tx) => {
    const [row] = isUuid(id)
      ? await tx.db.select().from(payoutDocuments).where(eq(payoutDocuments.id, id))
      : []
    // Erased when its owner closed their account.
    if (row === undefined || row.sealed.length === 0)
      throw notFound('DOCUMENT_NOT_FOUND', 'There is no such document.')
    await recordActivity(tx, {
      action: 'payout_document_read',
      description: 'A document of payout details was downloaded',
      subject: { type: 'payout_document', id },
    })
    return {
      // Of our own making: what somebody called their file is not repeated in a header.
      fileName: `payout-document-${row.id}.${EXTENSIONS[row.mediaType] ?? 'bin'}`,
      mediaType: row.mediaType,
      content: open(tx, 'payout-document', row.id, row.sealed).toString('base64'),
    }
  })

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'image/png': 'png',
  'image/jpeg': 'jpg',
}

/** By the first bytes; what the sender calls it counts for nothing. */
const typeOf = (bytes: Buffer): string | null => {
  if (bytes.subarray(0, 5).toString('latin1') === '%PDF-') return 'application/pdf'
  if (bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'image/png'
  if (bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) return 'image/jpeg'
  return null
}

const currentMethodId = async (ctx: Context, userId: string): Promise<string> => {
  const [method] = await ctx.db
    .select({ id: payoutMethods.id })
    .from(payoutMethods)
    .where(and(eq(payoutMethods.userId, userId), isNull(payoutMethods.replacedAt)))
  if (method === undefined) throw refused('NO_PAYOUT_METHOD', 'Say first where you want to be paid.')
  return method.id
}

const refuseTooMany = async (ctx: Context, methodId: string): Promise<void> => {
  const [known] = await ctx.db
    .select({ count: count() })
    .from(payoutDocuments)
    .where(eq(payoutDocuments.methodId, methodId))
  if ((known?.count ?? 0) >= MOST)
    throw refused('TOO_MANY_DOCUMENTS', `At most ${MOST} documents belong to one account.`)
}

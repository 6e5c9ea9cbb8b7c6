import { createHmac } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { pictureFiles, pictureLeftovers } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { derivedKey } from '../../kit/crypto'
import { DomainError } from '../../kit/errors'
import { pictureAddress, pictureName } from './names'
import { MAX_PICTURE_BYTES } from './schemas'

export interface StoredPicture {
  /** The key of its row in `picture_files`: point at it by a foreign key, with an index, and it stays. */
  readonly hash: Buffer
  readonly width: number
  readonly height: number
  /** Its address at full size, on any host of ours. */
  readonly address: string
}

/**
 * Keeps a picture: decoded, re-encoded without metadata, in the sizes of the web, once per distinct content. Point at it
 * within a day, or it is removed. Not to be called within a transaction: what is under way must be known beside it.
 * It takes the same steps whether or not somebody uploaded the same picture before, so that nobody can tell.
 * @throws DomainError 413 PICTURE_BYTES, 415 PICTURE_TYPE, 422 PICTURE_TOO_LARGE, 503
 */
export const storePicture = async (ctx: Context, bytes: Buffer): Promise<StoredPicture> => {
  if (bytes.length > MAX_PICTURE_BYTES)
    throw new DomainError(413, 'PICTURE_BYTES', 'A picture may have 10 MiB at most.')
  const { pictures } = ctx.outside
  const { width, height, files } = await pictures.encode(bytes)
  const full = files[0]?.bytes ?? Buffer.alloc(0)
  const hash = createHmac('sha256', derivedKey(ctx.config.appSecret, 'picture')).update(full).digest()
  const named = files.map(({ size, ...file }) => ({ ...file, name: pictureName(hash.toString('hex'), size) }))
  const leftover = { hash, names: named.map(({ name }) => name).join(' '), since: ctx.now() }
  // Known before there is a file: a crash leaves nothing that nobody removes.
  await ctx.db
    .insert(pictureLeftovers)
    .values(leftover)
    .onConflictDoUpdate({
      target: pictureLeftovers.hash,
      set: { names: leftover.names, since: leftover.since },
    })
  for (const file of named) await pictures.put(file.name, file.bytes)
  await inTransaction(ctx, async (tx) => {
    const now = tx.now()
    await tx.db
      .insert(pictureFiles)
      .values({ hash, width, height, bytes: full.length, seenAt: now, createdAt: now })
      .onConflictDoUpdate({ target: pictureFiles.hash, set: { seenAt: now } })
    await tx.db.delete(pictureLeftovers).where(eq(pictureLeftovers.hash, hash))
  })
  return { hash, width, height, address: pictureAddress(hash, width, height) }
}

import { asc, eq, lt } from 'drizzle-orm'
import { pictureFiles, pictureLeftovers } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { sqlState } from '../../kit/errors'
import { pictureName } from './names'
import { PICTURE_WIDTHS } from './schemas'

const HOUR = 3_600_000
/** One that nothing points at may still be on its way to where it will be shown. */
const GRACE = 24 * HOUR
const AT_ONCE = 200

/**
 * Removes pictures that nothing points at any more, and files that a crash left behind. Whatever points at one by a
 * foreign key keeps it: the database refuses.
 * @returns how many pictures are gone from the books, and how many from the store
 */
export const collectPictures = async (ctx: Context): Promise<{ forgotten: number; removed: number }> => {
  const before = new Date(ctx.now().getTime() - GRACE)
  const candidates = await ctx.db
    .select()
    .from(pictureFiles)
    .where(lt(pictureFiles.seenAt, before))
    .orderBy(asc(pictureFiles.seenAt))
    .limit(AT_ONCE)
  let forgotten = 0
  for (const candidate of candidates) if (await forget(ctx, candidate, before)) forgotten += 1
  return { forgotten, removed: await removeLeftovers(ctx) }
}

const FOREIGN_KEY_VIOLATION = '23503'

const forget = async (
  ctx: Context,
  { hash, width, height }: typeof pictureFiles.$inferSelect,
  before: Date,
): Promise<boolean> => {
  try {
    return await inTransaction(ctx, async (tx) => {
      const [gone] = await tx.db
        .delete(pictureFiles)
        .where(eq(pictureFiles.hash, hash))
        .returning({ seenAt: pictureFiles.seenAt })
      if (gone === undefined) return false
      if (gone.seenAt >= before) throw new StillWanted()
      const names = sizesOf(width, height).map((size) => pictureName(hash.toString('hex'), size))
      await tx.db
        .insert(pictureLeftovers)
        .values({ hash, names: names.join(' '), since: tx.now() })
        .onConflictDoNothing()
      return true
    })
  } catch (error) {
    if (error instanceof StillWanted) return false
    if (sqlState(error) !== FOREIGN_KEY_VIOLATION) throw error
    await ctx.db.update(pictureFiles).set({ seenAt: ctx.now() }).where(eq(pictureFiles.hash, hash))
    return false
  }
}

/** Somebody uploaded it again while it was looked at. */
class StillWanted extends Error {}

/** Every size a picture may have been made in; removing one that was not is no error. */
const sizesOf = (width: number, height: number): string[] => [
  `${width}x${height}`,
  ...PICTURE_WIDTHS.filter((one) => one < width).map(String),
]

const removeLeftovers = async (ctx: Context): Promise<number> => {
  let removed = 0
  for (let i = 0; i < AT_ONCE; i += 1) {
    const done = await inTransaction(ctx, removeOne)
    if (done === null) break
    removed += done
  }
  return removed
}

/** Under the leftover's lock, so that who uploads the same picture now waits, and then puts it there again. */
const removeOne = async (ctx: Context): Promise<number | null> => {
  const [leftover] = await ctx.db
    .select()
    .from(pictureLeftovers)
    .where(lt(pictureLeftovers.since, new Date(ctx.now().getTime() - HOUR)))
    .orderBy(asc(pictureLeftovers.since))
    .limit(1)
    .for('update', { skipLocked: true })
  if (leftover === undefined) return null
  const [wanted] = await ctx.db
    .select({ hash: pictureFiles.hash })
    .from(pictureFiles)
    .where(eq(pictureFiles.hash, leftover.hash))
  if (wanted === undefined)
    for (const name of leftover.names.split(' ')) await ctx.outside.pictures.remove(name)
  await ctx.db.delete(pictureLeftovers).where(eq(pictureLeftovers.hash, leftover.hash))
  return wanted === undefined ? 1 : 0
}

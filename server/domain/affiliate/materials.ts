import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import { affiliateMaterials, affiliates } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { invalid, notFound } from '../../kit/errors'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { safeRedirect } from '../../kit/safe-redirect'
import { recordActivity } from '../audit'
import { isUuid } from './affiliate-queries'
import type { MaterialView, PublishMaterialInput } from './schemas'

type Row = typeof affiliateMaterials.$inferSelect

/** Publishes something for affiliates to use, at once. @throws DomainError 400 for a path of another site */
export const publishMaterial = (ctx: Context, input: PublishMaterialInput): Promise<MaterialView> =>
  inTransaction(ctx, async (tx) => {
    for (const field of ['linkPath', 'imagePath'] as const)
      if (input[field] !== undefined && safeRedirect(input[field], '') === '')
        throw invalid([{ path: [field], message: 'A path of this site, such as /marketplace.' }])
    const [row] = await tx.db
      .insert(affiliateMaterials)
      .values({
        id: newId(tx),
        title: input.title,
        body: input.body,
        linkPath: input.linkPath,
        imagePath: input.imagePath ?? null,
        createdBy: signedIn(tx).userId,
        createdAt: tx.now(),
      })
      .returning()
    if (row === undefined) throw new Error('no material came back')
    await recordActivity(tx, {
      action: 'material_published',
      description: `Published the material “${row.title}”`,
      subject: { type: 'affiliate_material', id: row.id },
      after: { ...input },
    })
    return toView(tx, row, null)
  })

/** Shows it to affiliates no more. Again: the same answer. @throws DomainError 404 MATERIAL_NOT_FOUND */
export const withdrawMaterial = (ctx: Context, { id }: { id: string }): Promise<MaterialView> =>
  inTransaction(ctx, async (tx) => {
    const [row] = isUuid(id)
      ? await tx.db
          .select()
          .from(affiliateMaterials)
          .where(eq(affiliateMaterials.id, id))
          .for('no key update')
      : []
    if (row === undefined) throw notFound('MATERIAL_NOT_FOUND', 'There is no such material.')
    if (row.withdrawnAt !== null) return toView(tx, row, null)
    await tx.db.update(affiliateMaterials).set({ withdrawnAt: tx.now() }).where(eq(affiliateMaterials.id, id))
    await recordActivity(tx, {
      action: 'material_withdrawn',
      description: `Withdrew the material “${row.title}”`,
      subject: { type: 'affiliate_material', id },
    })
    return toView(tx, { ...row, withdrawnAt: tx.now() }, null)
  })

/**
 * What there is, newest first: for an affiliate what is published, with their own link in it; for an admin all of it.
 * @throws DomainError 404 AFFILIATE_NOT_FOUND, for who is suspended too; 400 for a cursor of another list
 */
export const listMaterials = async (
  ctx: Context,
  { limit, cursor, own }: { limit: number; cursor?: string | undefined; own: boolean },
): Promise<Page<MaterialView>> => {
  const last = readCursor(cursor)
  if (last !== null && !isUuid(last.id))
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const code = own ? await ownCode(ctx) : null
  const rows = await ctx.db
    .select()
    .from(affiliateMaterials)
    .where(
      and(
        own ? isNull(affiliateMaterials.withdrawnAt) : undefined,
        last === null
          ? undefined
          : sql`(${affiliateMaterials.createdAt}, ${affiliateMaterials.id}) < (${last.at.toISOString()}::timestamptz, ${last.id}::uuid)`,
      ),
    )
    .orderBy(desc(affiliateMaterials.createdAt), desc(affiliateMaterials.id))
    .limit(limit + 1)
  return toPage(
    rows,
    limit,
    ({ createdAt, id }) => ({ at: createdAt, id }),
    (row) => toView(ctx, row, code),
  )
}

const ownCode = async (ctx: Context): Promise<string> => {
  const [row] = await ctx.db
    .select({ code: affiliates.code, status: affiliates.status })
    .from(affiliates)
    .where(eq(affiliates.userId, signedIn(ctx).userId))
  if (row === undefined || row.status === 'SUSPENDED')
    throw notFound('AFFILIATE_NOT_FOUND', 'You have not joined the affiliate programme.')
  return row.code
}

/** @param code whose link is filled in; null: none, as an admin wrote it */
const toView = (ctx: Context, row: Row, code: string | null): MaterialView => {
  const link = new URL(row.linkPath, ctx.config.appUrl)
  if (code !== null) link.searchParams.set('ref', code)
  return {
    id: row.id,
    title: row.title,
    body: code === null ? row.body : row.body.replaceAll('{link}', link.toString()),
    link: link.toString(),
    image: row.imagePath,
    withdrawn: row.withdrawnAt !== null,
    createdAt: row.createdAt.toISOString(),
  }
}

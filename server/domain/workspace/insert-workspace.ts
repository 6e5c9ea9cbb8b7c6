import { sql } from 'drizzle-orm'
import { workspaceMembers, workspaces } from '../../../db/schema'
import type { Context } from '../../kit/context'
import type { JsonObject } from './json'
import type { WorkspaceRow } from './owned-workspace'
import { makePublicId, slugBase } from './rules'

interface NewWorkspace {
  readonly ownerId: string
  readonly name: string
  readonly description: string
  readonly image: string | null
  readonly settings: JsonObject
}

/** Inserts an empty workspace with its owner, under the next free slug of its name. */
export const insertWorkspace = async (ctx: Context, values: NewWorkspace): Promise<WorkspaceRow> => {
  const now = ctx.now()
  const [row] = await ctx.db
    .insert(workspaces)
    .values({
      ...values,
      ...(await takeSlug(ctx, values.name)),
      publicId: makePublicId(ctx.outside.random),
      createdAt: now,
      updatedAt: now,
    })
    .returning()
  if (row === undefined) throw new Error('the insert returned no row')
  await ctx.db
    .insert(workspaceMembers)
    .values({ workspaceId: row.id, userId: values.ownerId, role: 'OWNER', createdAt: now })
  return row
}

export interface TakenSlug {
  readonly slug: string
  readonly slugBase: string
  readonly slugNo: number
}

/** Takes the next free slug of a name until this transaction ends, without waiting for others who do the same. */
export const takeSlug = async (ctx: Context, name: string): Promise<TakenSlug> => {
  const base = slugBase(name)
  const [taken] = await ctx.db.execute<{ slug: string; slug_no: number }>(
    sql`select slug, slug_no from take_workspace_slug(${base})`,
  )
  if (taken === undefined) throw new Error('no slug was taken')
  return { slug: taken.slug, slugBase: base, slugNo: taken.slug_no }
}

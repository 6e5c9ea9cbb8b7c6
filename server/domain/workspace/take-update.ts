import { and, eq, ne, sql } from 'drizzle-orm'
import { workspaceUpdateContents, workspaceUpdates } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict, notFound, refused, sqlState, violatedConstraint } from '../../kit/errors'
import { recordActivity } from '../audit'
import { storeContents } from './contents'
import { editableWorkspace } from './freeze-copy'
import { lockWorkspace, ownedWorkspace, type WorkspaceRow } from './owned-workspace'
import { recordVersions, type VersionKind } from './page-history'
import type { TakeUpdateInput } from './schemas'
import { leftWithout } from './undo-conflicts'
import { lineageOf, mergeUpdate, noUpdate } from './updates'
import { applyChanges, type Change, changesBetween, readState, reversed, touched } from './workspace-state'

/**
 * Takes the latest release into a copy of one's own, as was chosen: all of it or nothing. The source is only read.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND or NO_UPDATE, 403 NOT_PERMITTED, 422 WORKSPACE_FROZEN; 409 UPDATE_CHANGED when
 * the copy or the release is no longer what was looked at (`seen`)
 */
export const takeUpdate = async (ctx: Context, input: TakeUpdateInput): Promise<{ changes: number }> => {
  try {
    return await inTransaction(ctx, (tx) => take(tx, input))
  } catch (error) {
    // A page or funnel was made beside it, under a number or slug that the release brings.
    if (/^(pages|funnels|themes|role_templates)_/.test(violatedConstraint(error) ?? '')) throw changed()
    throw error
  }
}

const changed = () =>
  conflict(
    'UPDATE_CHANGED',
    'Your copy or the release changed since you looked. Nothing was done: look again.',
  )

/** Who bought the copy decides what comes into it: the one who is shown what there is to take. */
const ownEditableWorkspace = async (ctx: Context, publicId: string): Promise<WorkspaceRow> => {
  await ownedWorkspace(ctx, publicId)
  return editableWorkspace(ctx, publicId)
}

const take = async (ctx: Context, input: TakeUpdateInput): Promise<{ changes: number }> => {
  const { userId } = signedIn(ctx)
  const copy = await ownEditableWorkspace(ctx, input.workspaceId)
  await lockWorkspace(ctx, copy.id)
  const lineage = await lineageOf(ctx, copy)
  if (lineage === null || lineage.release === null) throw noUpdate()
  const { base, release } = lineage
  const update = await mergeUpdate(ctx, copy, { base, release }, input.choices ?? {})
  if (update.seen !== input.seen) throw changed()
  const changes = changesBetween(update.mine, update.state)
  const shown = changes.flatMap(({ after }) => (typeof after?.hash === 'string' ? [after.hash] : []))
  await storeContents(
    ctx,
    shown.flatMap((hash) => update.contents.get(hash) ?? []),
  )
  await write(ctx, copy, changes, 'UPDATE')
  await forgetOlder(ctx, copy.id)
  const id = newId(ctx)
  await ctx.db.insert(workspaceUpdates).values({
    id,
    workspaceId: copy.id,
    releaseId: release.id,
    baseReleaseId: base?.id ?? null,
    changes,
    takenById: userId,
    takenAt: ctx.now(),
  })
  await ctx.db.execute(sql`
    insert into workspace_update_contents (update_id, content_hash)
    select distinct ${id}::uuid, decode(h, 'hex') from json_array_elements_text(${JSON.stringify(hashesIn(changes))}::json) h`)
  await recordActivity(ctx, {
    action: 'workspace_updated',
    description: `Took “${release.label}” into the workspace “${copy.name}”.`,
    subject: { type: 'workspace', id: copy.publicId },
    after: { release: release.id, changes: changes.length },
  })
  return { changes: changes.length }
}

/**
 * Makes a copy what it was before the last release it took, to the byte; what was edited since elsewhere stays. The
 * release may be taken again.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND or NOTHING_TO_UNDO, 403 NOT_PERMITTED, 422 WORKSPACE_FROZEN; 422 EDITED_SINCE
 * with the names of what the update changed and was changed again since, or of what would be left without a funnel,
 * theme or page
 */
export const undoUpdate = async (
  ctx: Context,
  input: { readonly workspaceId: string },
): Promise<{ changes: number }> => {
  try {
    return await undo(ctx, input)
  } catch (error) {
    // Unique or foreign key: something made since has the address of what would come back.
    if (/^2350[35]$/.test(sqlState(error) ?? ''))
      throw refused(
        'EDITED_SINCE',
        'This can no longer be undone: something made since has the address of what would come back. Give it another one first.',
      )
    throw error
  }
}

const undo = (
  ctx: Context,
  { workspaceId }: { readonly workspaceId: string },
): Promise<{ changes: number }> =>
  inTransaction(ctx, async (tx) => {
    const copy = await ownEditableWorkspace(tx, workspaceId)
    await lockWorkspace(tx, copy.id)
    const update = (await lineageOf(tx, copy))?.update
    if (!update?.changes) throw notFound('NOTHING_TO_UNDO', 'There is no update that could be undone.')
    const changes = reversed(update.changes as Change[])
    const mine = await readState(tx, copy.id)
    const edited = touched(mine, changes)
    if (edited.length > 0)
      throw refused(
        'EDITED_SINCE',
        `This can no longer be undone: ${named(edited.map(({ name }) => name))} ${edited.length === 1 ? 'was' : 'were'} edited since. The history of each page has what it was before.`,
      )
    const without = await leftWithout(tx, mine, changes)
    if (without.length > 0)
      throw refused(
        'EDITED_SINCE',
        `This cannot be undone as it is: ${named(without)} would be without a funnel, a theme or a page it needs. Delete it, or change its theme or links first.`,
      )
    await write(tx, copy, changes, 'UNDO')
    await tx.db.delete(workspaceUpdateContents).where(eq(workspaceUpdateContents.updateId, update.id))
    await tx.db
      .update(workspaceUpdates)
      .set({ undoneAt: ctx.now(), changes: null })
      .where(eq(workspaceUpdates.id, update.id))
    await recordActivity(tx, {
      action: 'workspace_updated',
      description: `Undid the last update of the workspace “${copy.name}”.`,
      subject: { type: 'workspace', id: copy.publicId },
      after: { changes: changes.length },
    })
    return { changes: changes.length }
  })

const named = (names: readonly string[]): string =>
  names
    .slice(0, 5)
    .map((name) => `“${name}”`)
    .join(', ')

const write = async (
  ctx: Context,
  copy: WorkspaceRow,
  changes: readonly Change[],
  kind: VersionKind,
): Promise<void> => {
  const saved = changes.flatMap(({ kind, no, before, after }) =>
    kind === 'pages' && before !== null && typeof after?.hash === 'string'
      ? [{ pageNo: no, hash: after.hash }]
      : [],
  )
  await recordVersions(ctx, copy.id, saved, { kind, authorId: signedIn(ctx).userId })
  await applyChanges(ctx, copy.id, await readState(ctx, copy.id), changes)
}

/** Only the last update can be undone. */
const forgetOlder = async (ctx: Context, workspaceId: bigint): Promise<void> => {
  await ctx.db.execute(sql`
    delete from workspace_update_contents c using workspace_updates u
    where u.id = c.update_id and u.workspace_id = ${workspaceId.toString()}::bigint`)
  await ctx.db
    .update(workspaceUpdates)
    .set({ changes: null })
    .where(
      and(eq(workspaceUpdates.workspaceId, workspaceId), ne(workspaceUpdates.changes, sql`'null'::jsonb`)),
    )
}

const hashesIn = (changes: readonly Change[]): string[] =>
  changes.flatMap(({ kind, before, after }) =>
    kind !== 'pages' ? [] : [before?.hash, after?.hash].filter((hash) => typeof hash === 'string'),
  )

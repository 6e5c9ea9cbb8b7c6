import { and, desc, eq, isNotNull, lt, sql } from 'drizzle-orm'
import { funnels, pages, workspaceReleases, workspaces } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { invalid, refused } from '../../kit/errors'
import { readCursor, toPage } from '../../kit/pages'
import { enqueueJob } from '../../kit/queue'
import { recordActivity } from '../audit'
import { editableWorkspace } from './freeze-copy'
import { freezeState } from './frozen-state'
import { lockWorkspace, workspaceFor } from './owned-workspace'
import type { ListReleasesInput, MakeReleaseInput, Release, ReleaseList } from './schemas'

/** Of one workspace within 24 hours: each is told to everybody who has a copy. */
const RELEASES_A_DAY = 10

/**
 * Names the state of a workspace, as it is saved at one moment, a release: what buyers get from now on, and what the
 * owners of copies are told of. It never changes.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND, 422 WORKSPACE_FROZEN, NOTHING_NEW or TOO_MANY_RELEASES
 */
export const makeRelease = async (ctx: Context, input: MakeReleaseInput): Promise<Release> => {
  const { userId } = signedIn(ctx)
  return inTransaction(ctx, async (tx) => {
    const workspace = await editableWorkspace(tx, input.workspaceId, undefined, 'sell')
    await lockWorkspace(tx, workspace.id)
    const latest = await latestRelease(tx, workspace.id)
    if (latest !== null && !(await hasChanged(tx, workspace.id, latest.fingerprint)))
      throw refused('NOTHING_NEW', `Nothing has changed since ${latest.label}.`)
    await refuseTooMany(tx, workspace.id)
    const number = (latest?.number ?? 0) + 1
    const label = input.label ?? `Version ${number}`
    const { releaseId } = await freezeState(tx, workspace.id, {
      number,
      label,
      notes: input.notes ?? '',
      createdById: userId,
    })
    await enqueueJob(tx, {
      kind: 'workspace.tellOwners',
      key: `release:${releaseId}`,
      payload: { releaseId },
    })
    await recordActivity(tx, {
      action: 'workspace_released',
      description: `Released “${label}” of the workspace “${workspace.name}”.`,
      subject: { type: 'workspace', id: workspace.publicId },
      after: { number, label },
    })
    const [made] = await readReleases(tx, eq(workspaceReleases.id, releaseId), 1)
    if (made === undefined) throw new Error('the release is missing')
    return made.release
  })
}

/**
 * The releases of a workspace of one's own, newest first, and whether something has changed since the latest.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND, 400 for a cursor that is none
 */
export const listReleases = async (
  ctx: Context,
  { workspaceId, limit, cursor }: ListReleasesInput,
): Promise<ReleaseList> => {
  const workspace = await workspaceFor(ctx, workspaceId, 'view')
  const after = readCursor(cursor)
  if (after !== null && !/^\d{1,9}$/.test(after.id))
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const rows = await readReleases(
    ctx,
    and(
      eq(workspaceReleases.workspaceId, workspace.id),
      isNotNull(workspaceReleases.number),
      after === null ? undefined : lt(workspaceReleases.number, Number(after.id)),
    ),
    limit + 1,
  )
  const latest = await latestRelease(ctx, workspace.id)
  return {
    ...toPage(
      rows,
      limit,
      ({ at, release }) => ({ at, id: String(release.number) }),
      ({ release }) => release,
    ),
    hasChanged: latest === null || (await hasChanged(ctx, workspace.id, latest.fingerprint)),
  }
}

export type ReleaseRow = typeof workspaceReleases.$inferSelect

/** The release that is sold now, by the row id of its workspace; null when there is none. */
export const latestRelease = async (ctx: Context, workspaceId: bigint): Promise<ReleaseRow | null> => {
  const [row] = await ctx.db
    .select()
    .from(workspaceReleases)
    .where(and(eq(workspaceReleases.workspaceId, workspaceId), isNotNull(workspaceReleases.number)))
    .orderBy(desc(workspaceReleases.number))
    .limit(1)
  return row ?? null
}

const hasChanged = async (ctx: Context, workspaceId: bigint, fingerprint: Buffer): Promise<boolean> => {
  const [row] = await ctx.db.execute<{ now: string }>(
    sql`select encode(workspace_fingerprint(${workspaceId.toString()}::bigint), 'hex') as now`,
  )
  return row?.now !== fingerprint.toString('hex')
}

const refuseTooMany = async (ctx: Context, workspaceId: bigint): Promise<void> => {
  const since = new Date(ctx.now().getTime() - 24 * 3_600_000)
  const recent = await ctx.db.$count(
    workspaceReleases,
    sql`${workspaceReleases.workspaceId} = ${workspaceId.toString()}::bigint and ${workspaceReleases.number} is not null
      and ${workspaceReleases.createdAt} > ${since.toISOString()}::timestamptz`,
  )
  if (recent >= RELEASES_A_DAY)
    throw refused(
      'TOO_MANY_RELEASES',
      `There were ${RELEASES_A_DAY} releases within 24 hours; everybody with a copy is told of each. Make the next one tomorrow.`,
    )
}

const readReleases = async (ctx: Context, which: ReturnType<typeof and>, limit: number) => {
  const count = (table: typeof funnels | typeof pages) =>
    sql<number>`(select count(*)::int from ${table} where ${table.workspaceId} = ${workspaceReleases.frozenId})`
  const rows = await ctx.db
    .select({
      row: workspaceReleases,
      name: workspaces.name,
      funnels: count(funnels),
      pages: count(pages),
      sold: sql<number>`(select count(*)::int from workspace_clones c where c.release_id = ${workspaceReleases.id})`,
      taken: sql<number>`(select count(*)::int from workspace_updates u
        where u.release_id = ${workspaceReleases.id} and u.undone_at is null)`,
    })
    .from(workspaceReleases)
    .innerJoin(workspaces, eq(workspaces.id, workspaceReleases.frozenId))
    .where(which)
    .orderBy(desc(workspaceReleases.number))
    .limit(limit)
  return rows.map(({ row, ...more }) => ({
    at: row.createdAt,
    release: {
      id: row.id,
      number: row.number ?? 0,
      label: row.label,
      notes: row.notes,
      createdAt: row.createdAt.toISOString(),
      ...more,
    } satisfies Release,
  }))
}

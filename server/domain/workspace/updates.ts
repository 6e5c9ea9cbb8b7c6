import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import { pageContents, workspaceClones, workspaceReleases, workspaceUpdates } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { notFound } from '../../kit/errors'
import { EMPTY_CONTENT } from './contents'
import { canonicalJson, type JsonObject } from './json'
import type { Choices } from './merge/items'
import { localise, needsRenaming } from './merge/localise'
import type { State } from './merge/state'
import { type Merged, mergeStates } from './merge/workspace'
import type { WorkspaceRow } from './owned-workspace'
import { latestRelease, type ReleaseRow } from './releases'
import { readState } from './workspace-state'

export const noUpdate = () => notFound('NO_UPDATE', 'There is no newer release to take.')

/** What a copy was bought as or last took, and what there is to take. */
export interface Lineage {
  /** Null: a copy older than releases. */
  readonly base: ReleaseRow | null
  /** The latest release of what it was copied from; null: there is none, or it is what the copy is of. */
  readonly release: ReleaseRow | null
  readonly sellerId: string
  /** The last release taken that is not undone. */
  readonly update: typeof workspaceUpdates.$inferSelect | null
}

/** Where a copy comes from: its direct seller's workspace. Null for a workspace that is no copy. */
export const lineageOf = async (ctx: Context, copy: WorkspaceRow): Promise<Lineage | null> => {
  const [clone] = await ctx.db
    .select()
    .from(workspaceClones)
    .where(eq(workspaceClones.copyWorkspaceId, copy.id))
  if (clone === undefined) return null
  const [update] = await ctx.db
    .select()
    .from(workspaceUpdates)
    .where(and(eq(workspaceUpdates.workspaceId, copy.id), isNull(workspaceUpdates.undoneAt)))
    .orderBy(desc(workspaceUpdates.id))
    .limit(1)
  const baseId = update?.releaseId ?? clone.releaseId
  const [base] =
    baseId === null
      ? []
      : await ctx.db.select().from(workspaceReleases).where(eq(workspaceReleases.id, baseId))
  const latest = await latestRelease(ctx, clone.sourceWorkspaceId)
  return {
    base: base ?? null,
    release: latest !== null && latest.id === base?.id ? null : latest,
    sellerId: clone.sellerId,
    update: update ?? null,
  }
}

export interface Update extends Merged {
  readonly base: State
  readonly theirs: State
  readonly mine: State
  readonly bodyOf: (hash: string) => JsonObject
  /** Names the states that were merged: what was looked at is what is taken. */
  readonly seen: string
}

/** Merges a release into a copy, as was chosen; writes nothing. */
export const mergeUpdate = async (
  ctx: Context,
  copy: WorkspaceRow,
  { base, release }: { readonly base: ReleaseRow | null; readonly release: ReleaseRow },
  choices: Choices,
): Promise<Update> => {
  const mine = await readState(ctx, copy.id)
  const sent = await readState(ctx, release.frozenId)
  const before = base === null ? olderBase(sent, mine) : await readState(ctx, base.frozenId)
  const stored = await readBodies(ctx, wanted(before, sent, mine, choices))
  const read = (hash: string) => stored.get(hash) ?? EMPTY_CONTENT
  const local = localise(before, sent, mine, read)
  const bodyOf = (hash: string) => local.contents.get(hash)?.body ?? read(hash)
  const states = { base: local.base, theirs: local.theirs, mine }
  const merged = mergeStates({ ...states, choices, bodyOf })
  return {
    ...states,
    ...merged,
    contents: new Map([...local.contents, ...merged.contents]),
    bodyOf: (hash) => merged.contents.get(hash)?.body ?? bodyOf(hash),
    seen: sha256(canonicalJson([base?.id ?? null, release.id, withoutVisits(mine)])).toString('hex'),
  }
}

const withoutVisits = (state: State): unknown => ({
  ...state,
  funnels: state.funnels.map(({ besides, ...funnel }) => funnel),
  pages: state.pages.map(({ besides, ...page }) => page),
})

/**
 * Of a copy older than releases only the contents are known that its pages had. Whatever else it has otherwise than
 * the release is taken for its owner's.
 */
const olderBase = (sent: State, mine: State): State => ({
  ...sent,
  pages: mine.pages.flatMap((page) => {
    if (page.origin === null || page.originHash === null) return []
    const there = sent.pages.find(({ no }) => no === page.origin)
    return [{ ...(there ?? page), no: page.origin, hash: page.originHash }]
  }),
})

/** The contents a merge may look into: of the pages that differ; of all where links are to be followed or renamed. */
const wanted = (base: State, sent: State, mine: State, choices: Choices): Set<string> => {
  const [b, m] = [
    new Map(base.pages.map(({ no, hash }) => [no, hash])),
    new Map(mine.pages.map(({ no, origin, hash }) => [origin ?? -no, hash])),
  ]
  const removes = Object.values(choices).includes('remove')
  const all = removes || needsRenaming(base, sent, mine)
  const hashes = all ? [...base.pages, ...mine.pages].map(({ hash }) => hash) : []
  for (const { no, hash } of sent.pages)
    if (all || hash !== b.get(no) || !m.has(no))
      hashes.push(hash, ...[b.get(no), m.get(no)].filter((one) => one !== undefined))
  return new Set(hashes)
}

const AT_ONCE = 200

/** Contents by their hash. */
export const readBodies = async (
  ctx: Context,
  hashes: ReadonlySet<string>,
): Promise<Map<string, JsonObject>> => {
  const bodies = new Map<string, JsonObject>()
  const list = [...hashes]
  for (let from = 0; from < list.length; from += AT_ONCE) {
    const rows = await ctx.db
      .select({ hash: sql<string>`encode(${pageContents.hash}, 'hex')`, body: pageContents.body })
      .from(pageContents)
      .where(
        inArray(
          pageContents.hash,
          list.slice(from, from + AT_ONCE).map((hash) => Buffer.from(hash, 'hex')),
        ),
      )
    for (const { hash, body } of rows) bodies.set(hash, body)
  }
  return bodies
}

import { eq, inArray, sql } from 'drizzle-orm'
import { pageContents, users, workspaces } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { ownedWorkspace } from './owned-workspace'
import { pageKey } from './rules'
import type { FoundTrace, TraceReport } from './schemas'
import { findTraces, type Trace } from './traces'
import { readState } from './workspace-state'

/** How many places are told at once. */
const MAX_FOUND = 200
/** Contents that are read at once. */
const AT_ONCE = 100

/** Mailboxes of everybody: a link to them is no link to the seller's site. */
const COMMON_HOSTS =
  /^(gmail|googlemail|outlook|hotmail|live|icloud|me|yahoo|aol|gmx|web|proton|protonmail|mail|zoho|fastmail)\./

/**
 * What of a workspace of one's own would reach buyers and probably should not, with its place.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND
 */
export const ownTraces = async (ctx: Context, publicId: string): Promise<TraceReport> =>
  scanForTraces(ctx, (await ownedWorkspace(ctx, publicId)).id)

/**
 * The same of any workspace or release, by its row id, for who moderates what is offered. Looked at is what a copy
 * would get: settings and tracking ids that no copy gets are not told.
 */
const scanForTraces = async (ctx: Context, workspaceRowId: bigint): Promise<TraceReport> => {
  const found: FoundTrace[] = []
  let more = false
  const hosts = await ownHosts(ctx, workspaceRowId)
  const scan = (value: unknown, at: Omit<FoundTrace, keyof Trace>, root: string) =>
    findTraces(
      value,
      hosts,
      ({ kind, path, excerpt }) => {
        if (found.length < MAX_FOUND) found.push({ ...at, kind, path: path.join('.'), excerpt })
        else more = true
      },
      [root],
    )
  const state = await readState(ctx, workspaceRowId)
  const copied = await copiedSettings(ctx, workspaceRowId)
  scan(state.workspace.description, { where: 'Description', funnelId: null, pageId: null }, 'description')
  scan(copied.workspace, { where: 'Settings of the workspace', funnelId: null, pageId: null }, 'settings')
  for (const { name, tokens } of state.themes)
    scan(tokens, { where: `Theme “${name}”`, funnelId: null, pageId: null }, 'tokens')
  for (const { no, name } of state.funnels)
    scan(
      copied.funnels.get(no),
      { where: `Settings of the funnel “${name}”`, funnelId: String(no), pageId: null },
      'settings',
    )
  for (let from = 0; from < state.pages.length && !more; from += AT_ONCE) {
    const pages = state.pages.slice(from, from + AT_ONCE)
    const bodies = await bodiesOf(ctx, [...new Set(pages.map(({ hash }) => hash))])
    for (const { no, name, funnelNo, hash, seo } of pages) {
      const at = { where: `Page “${name}”`, funnelId: String(funnelNo), pageId: pageKey(no) }
      scan(seo, at, 'seo')
      scan(bodies.get(hash), at, 'content')
    }
  }
  return { found, more }
}

/** The settings as a copy gets them. */
const copiedSettings = async (ctx: Context, id: bigint) => {
  const rows = await ctx.db.execute<{ no: number | null; settings: unknown }>(sql`
    select null::int as no, strip_secrets(settings) as settings from workspaces where id = ${id.toString()}::bigint
    union all
    select funnel_no, strip_secrets(settings) from funnels where workspace_id = ${id.toString()}::bigint`)
  return {
    workspace: rows.find(({ no }) => no === null)?.settings,
    funnels: new Map(rows.flatMap(({ no, settings }) => (no === null ? [] : [[no, settings] as const]))),
  }
}

/** The host of the owner's mailbox, unless it is everybody's, our own, and the domains in the workspace's settings. */
const ownHosts = async (ctx: Context, id: bigint): Promise<Set<string>> => {
  const [owner] = await ctx.db
    .select({ email: users.email, settings: workspaces.settings })
    .from(workspaces)
    .innerJoin(users, eq(users.id, workspaces.ownerId))
    .where(eq(workspaces.id, id))
  const hosts = new Set([new URL(ctx.config.appUrl).hostname])
  const mailbox = owner?.email.split('@').at(-1)?.toLowerCase() ?? ''
  if (mailbox.includes('.') && !COMMON_HOSTS.test(mailbox)) hosts.add(mailbox)
  for (const [name, value] of Object.entries(owner?.settings ?? {}))
    if (/domain|website|homepage|site/i.test(name))
      for (const one of Array.isArray(value) ? value : [value])
        if (typeof one === 'string') {
          const host = one
            .toLowerCase()
            .replace(/^https?:\/\//, '')
            .replace(/^www\./, '')
            .replace(/[/:].*$/, '')
          if (/^[^\s@]+\.[^\s@]+$/.test(host)) hosts.add(host)
        }
  return hosts
}

const bodiesOf = async (ctx: Context, hashes: readonly string[]) => {
  const rows = await ctx.db
    .select({ hash: sql<string>`encode(${pageContents.hash}, 'hex')`, body: pageContents.body })
    .from(pageContents)
    .where(
      inArray(
        pageContents.hash,
        hashes.map((hash) => Buffer.from(hash, 'hex')),
      ),
    )
  return new Map(rows.map(({ hash, body }) => [hash, body]))
}

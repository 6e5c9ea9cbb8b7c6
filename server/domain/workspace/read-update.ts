import { and, asc, eq, gt, isNotNull } from 'drizzle-orm'
import { users, workspaceReleases } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { type BlockDiff, diffContents, diffFields } from './merge/diff'
import type { Item, ItemClash } from './merge/items'
import { ownedWorkspace } from './owned-workspace'
import type { ReleaseRow } from './releases'
import { pageNoOf } from './rules'
import type { UpdatedPage, UpdateInput, UpdateView } from './schemas'
import { type Lineage, lineageOf, mergeUpdate, noUpdate, type Update } from './updates'
import { type Change, changesBetween } from './workspace-state'

/**
 * What there is to take into a copy of one's own: what the seller changed, block by block, what is to be decided, and
 * what the copy would become. Nothing is written.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND, 403 NOT_PERMITTED
 */
export const readUpdate = async (ctx: Context, input: UpdateInput): Promise<UpdateView> => {
  const copy = await ownedWorkspace(ctx, input.workspaceId)
  const lineage = await lineageOf(ctx, copy)
  const about = { workspace: { id: copy.publicId, name: copy.name, frozen: copy.status === 'FROZEN' } }
  if (lineage === null)
    return {
      ...about,
      isCopy: false,
      seller: null,
      taken: null,
      release: null,
      since: [],
      undo: null,
      update: null,
    }
  const { base, release } = lineage
  const update =
    release === null ? null : await mergeUpdate(ctx, copy, { base, release }, input.choices ?? {})
  return {
    ...about,
    isCopy: true,
    seller: await nameOf(ctx, lineage.sellerId),
    taken: base === null || base.number === null ? null : toLine(base),
    release: release === null ? null : toLine(release),
    since: release === null ? [] : await releasesSince(ctx, lineage, release),
    undo:
      lineage.update?.changes && base !== null
        ? { label: base.label, takenAt: lineage.update.takenAt.toISOString() }
        : null,
    update:
      update === null
        ? null
        : {
            seen: update.seen,
            items: update.items.map((item) => toItem(update, item)),
            outcome: outcomeOf(changesBetween(update.mine, update.state)),
          },
  }
}

/**
 * One page as it is, as the release has it, and as it would become by these choices.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND, NO_UPDATE, PAGE_NOT_FOUND
 */
export const readUpdatedPage = async (
  ctx: Context,
  { pageId, ...input }: UpdateInput & { readonly pageId: string },
): Promise<UpdatedPage> => {
  const copy = await ownedWorkspace(ctx, input.workspaceId)
  const lineage = await lineageOf(ctx, copy)
  if (lineage === null || lineage.release === null) throw noUpdate()
  const { base, release } = lineage
  const update = await mergeUpdate(ctx, copy, { base, release }, input.choices ?? {})
  const no = pageNoOf(pageId)
  const find = (pages: Update['state']['pages']) => pages.find((page) => page.no === no)
  const [mine, theirs, after] = [find(update.mine.pages), find(update.theirs.pages), find(update.state.pages)]
  const page = after ?? mine ?? theirs
  if (page === undefined) throw notFound('PAGE_NOT_FOUND', 'There is no such page.')
  const body = (one: typeof page | undefined) => (one === undefined ? null : update.bodyOf(one.hash))
  return {
    name: page.name,
    // Only what the merge looked into is at hand; a page that stays as it is has nothing to compare.
    isTouched: mine?.hash !== after?.hash,
    after: mine?.hash === after?.hash ? null : body(after),
    changes:
      mine && after && mine.hash !== after.hash
        ? diffContents(body(mine) ?? {}, body(after) ?? {}).map(toDiff)
        : [],
  }
}

const nameOf = async (ctx: Context, userId: string): Promise<string> => {
  const [user] = await ctx.db
    .select({ firstName: users.firstName, lastName: users.lastName })
    .from(users)
    .where(eq(users.id, userId))
  return user === undefined ? '' : `${user.firstName} ${user.lastName}`.trim()
}

const toLine = ({ id, label, notes, createdAt }: ReleaseRow) => ({
  id,
  label,
  notes,
  createdAt: createdAt.toISOString(),
})

/** Every release that the latest brings along, the oldest first, at most fifty. */
const releasesSince = async (ctx: Context, { base }: Lineage, release: ReleaseRow) => {
  const rows = await ctx.db
    .select()
    .from(workspaceReleases)
    .where(
      and(
        eq(workspaceReleases.workspaceId, release.workspaceId),
        isNotNull(workspaceReleases.number),
        // A state without a number was sold before the first release.
        gt(workspaceReleases.number, base?.number ?? 0),
      ),
    )
    .orderBy(asc(workspaceReleases.number))
    .limit(50)
  return rows.map(toLine)
}

const toItem = (update: Update, item: Item) => ({
  key: item.key,
  kind: item.kind,
  name: item.name,
  within: item.within,
  change: item.change,
  options: [...item.options],
  choice: item.choice,
  note: item.note,
  clashes: item.clashes.map(toClash),
  fields: fieldsOf(update, item),
  blocks: blocksOf(update, item),
})

const toClash = ({ base, theirs, mine, kind, ...clash }: ItemClash) => {
  const inner = (value: unknown) =>
    kind === 'block' && typeof value === 'object' && value !== null && 'props' in value ? value.props : value
  const text = (value: unknown) =>
    diffFields({}, typeof value === 'object' && value !== null ? inner(value) : { value }).map(
      ({ name, after }) => ({ name, text: after ?? '' }),
    )
  const gone = (value: unknown) => value === null || value === undefined
  // Side by side stands what they have otherwise; all of it where one side has nothing.
  const beside = (value: unknown, other: unknown) => {
    if (gone(value)) return null
    const others = gone(other) ? [] : text(other)
    return text(value).filter((one) => !others.some((two) => two.name === one.name && two.text === one.text))
  }
  return {
    ...clash,
    kind,
    type: typeName(theirs ?? mine),
    theirs: beside(theirs, mine),
    mine: beside(mine, theirs),
  }
}

const typeName = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : ''

const ROWS = { theme: 'themes', role: 'roles', funnel: 'funnels', page: 'pages' } as const
const HIDDEN = new Set(['no', 'origin', 'originHash', 'position', 'hash', 'besides', 'funnelNo', 'status'])

/** What the seller changed of it, but for a page's content. */
const fieldsOf = ({ base, theirs }: Update, { kind, no }: Item) => {
  if (kind === 'workspace') return diffFields(base.workspace, theirs.workspace)
  const find = (rows: readonly { readonly no: number }[]) => {
    const row = rows.find((one) => one.no === no)
    return Object.fromEntries(Object.entries(row ?? {}).filter(([name]) => !HIDDEN.has(name)))
  }
  return diffFields(find(base[ROWS[kind]]), find(theirs[ROWS[kind]]))
}

const blocksOf = ({ base, theirs, bodyOf }: Update, { kind, no, change }: Item) => {
  if (kind !== 'page' || change === 'REMOVED') return []
  const [before, after] = [base, theirs].map(({ pages }) => pages.find((page) => page.no === no))
  if (after === undefined || before?.hash === after.hash) return []
  return diffContents(before === undefined ? {} : bodyOf(before.hash), bodyOf(after.hash)).map(toDiff)
}

const toDiff = ({ fields, ...diff }: BlockDiff) => ({ ...diff, fields: [...fields] })

const outcomeOf = (changes: readonly Change[]): NonNullable<UpdateView['update']>['outcome'] =>
  changes.flatMap(({ kind, name, before, after }) => {
    const what =
      before === null ? ('added' as const) : after === null ? ('removed' as const) : ('changed' as const)
    const fields = Object.keys(after ?? {}).filter((field) => !['origin', 'originHash'].includes(field))
    if (what === 'changed' && fields.length === 0) return []
    const moved = what === 'changed' && fields.every((field) => field === 'position')
    const word =
      kind === 'workspace'
        ? 'workspace'
        : (
            { themes: 'theme', roles: 'role', funnels: 'funnel', pages: 'page', pictures: 'picture' } as const
          )[kind]
    return [{ kind: word, name, what: moved ? ('moved' as const) : what }]
  })

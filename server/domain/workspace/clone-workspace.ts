import { eq, sql } from 'drizzle-orm'
import { workspaces } from '../../../db/schema'
import { type Context, inTransaction, newId } from '../../kit/context'
import { conflict, refused, violatedConstraint } from '../../kit/errors'
import { type TakenSlug, takeSlug } from './insert-workspace'
import { makePublicId } from './rules'
import type { CloneResult } from './schemas'

export interface CloneInput {
  /** The row's own id. One that is deleted still clones: the buyer has paid. */
  readonly sourceId: bigint
  readonly buyerId: string
  readonly sellerId: string
  /** The payment that bought it, or … */
  readonly paymentId?: string | undefined
  /** … why an admin made it. */
  readonly reason?: string | undefined
  readonly clonedById?: string | undefined
}

/**
 * Makes the buyer's own copy of a workspace, inside the caller's transaction if there is one. A fixed number of
 * statements, whatever its size: one takes a slug, one copies everything, seeing one state of the source though it is
 * edited meanwhile. The source is only read. Limits of plans do not apply.
 * @throws DomainError 422 SOURCE_GONE, 409 ALREADY_CLONED when this payment has its copy
 */
export const cloneWorkspace = async (ctx: Context, input: CloneInput): Promise<CloneResult> => {
  try {
    return await inTransaction(ctx, (tx) => clone(tx, input))
  } catch (error) {
    if (violatedConstraint(error) === 'workspace_clones_payment_id_unique') throw alreadyCloned()
    throw error
  }
}

export const alreadyCloned = () => conflict('ALREADY_CLONED', 'This payment already has its copy.')

const clone = async (ctx: Context, input: CloneInput): Promise<CloneResult> => {
  const [source] = await ctx.db
    .select({ name: workspaces.name })
    .from(workspaces)
    .where(eq(workspaces.id, input.sourceId))
  if (source === undefined) throw gone()
  const made = { cloneId: newId(ctx), publicId: makePublicId(ctx.outside.random) }
  const slug = await takeSlug(ctx, source.name)
  const row = await copyRows(ctx, input, { ...made, ...slug })
  return {
    cloneId: made.cloneId,
    clonedWorkspaceId: made.publicId,
    clonedWorkspaceName: row.name,
    clonedWorkspaceSlug: slug.slug,
    funnelsCloned: row.funnels,
    pagesCloned: row.pages,
    message: `“${row.name}” was copied with ${counted(row.funnels, 'funnel')} and ${counted(row.pages, 'page')}.`,
    needsInput: [
      row.had_tracking && 'Tracking: enter your own analytics and pixel ids.',
      row.had_password && 'Password: protect your funnels with one of your own; they are open now.',
      row.had_secrets && 'Settings: enter your own domains, API keys, webhooks and tracking ids.',
    ].filter((line) => line !== false),
  }
}

const gone = () => refused('SOURCE_GONE', 'The workspace this should be a copy of is no longer there.')

const counted = (n: number, word: string) => `${n.toLocaleString('en-US')} ${word}${n === 1 ? '' : 's'}`

interface CopyRow extends Record<string, unknown> {
  readonly name: string
  readonly funnels: number
  readonly pages: number
  readonly had_tracking: boolean
  readonly had_password: boolean
  readonly had_secrets: boolean
}

type Made = TakenSlug & { readonly cloneId: string; readonly publicId: string }

/**
 * One statement, so one snapshot. Which table is copied, and which not, is decided in clone-manifest.ts.
 * Page numbers stay, so links between pages need no rewriting; contents are pointed at, not copied.
 */
const copyRows = async (ctx: Context, input: CloneInput, made: Made): Promise<CopyRow> => {
  const source = sql`${input.sourceId.toString()}::bigint`
  const now = sql`${ctx.now().toISOString()}::timestamptz`
  const [row] = await ctx.db.execute<CopyRow>(sql`
    with w as (
      insert into workspaces (public_id, owner_id, name, slug, slug_base, slug_no, image, description, settings,
        status, not_for_resale, source_id, created_at, updated_at)
      select ${made.publicId}, ${input.buyerId}::uuid, s.name, ${made.slug}, ${made.slugBase}, ${made.slugNo}::int,
        s.image, s.description, strip_secrets(s.settings), 'ACTIVE', s.not_for_resale, s.id, ${now}, ${now}
      from workspaces s where s.id = ${source}
      returning id, name
    ), m as (
      insert into workspace_members (workspace_id, user_id, role, created_at)
      select w.id, ${input.buyerId}::uuid, 'OWNER', ${now} from w
    ), r as (
      insert into role_templates (workspace_id, role_no, name, permissions)
      select w.id, s.role_no, s.name, s.permissions from role_templates s, w where s.workspace_id = ${source}
    ), t as (
      insert into themes (workspace_id, theme_no, key, name, tokens)
      select w.id, s.theme_no, s.key, s.name, s.tokens from themes s, w where s.workspace_id = ${source}
    ), f as (
      insert into funnels (workspace_id, funnel_no, position, name, slug, status, theme_no, global_theme_key, settings,
        tracking, password_protected, password_hash)
      select w.id, s.funnel_no, s.position, s.name, s.slug, s.status, s.theme_no, s.global_theme_key,
        strip_secrets(s.settings), '{}', false, null
      from funnels s, w where s.workspace_id = ${source}
      returning 1
    ), p as (
      insert into pages (workspace_id, page_no, funnel_no, position, name, slug, type, seo, content_hash, origin_hash,
        visits, created_at, updated_at)
      select w.id, s.page_no, s.funnel_no, s.position, s.name, s.slug, s.type, s.seo, s.content_hash, s.content_hash,
        0, ${now}, ${now}
      from pages s, w where s.workspace_id = ${source} order by s.page_no
      returning 1
    ), c as (
      insert into workspace_clones (id, source_workspace_id, copy_workspace_id, seller_id, buyer_id, payment_id, reason,
        cloned_by_id, funnels_cloned, pages_cloned, created_at)
      select ${made.cloneId}::uuid, ${source}, w.id, ${input.sellerId}::uuid, ${input.buyerId}::uuid,
        ${input.paymentId ?? null}::uuid, ${input.reason ?? null}, ${input.clonedById ?? null}::uuid,
        (select count(*) from f), (select count(*) from p), ${now}
      from w
      returning funnels_cloned, pages_cloned
    )
    select w.name, c.funnels_cloned as funnels, c.pages_cloned as pages,
      exists (select from funnels s where s.workspace_id = ${source} and s.tracking <> '{}') as had_tracking,
      exists (select from funnels s where s.workspace_id = ${source} and s.password_protected) as had_password,
      exists (select from workspaces s where s.id = ${source} and s.settings <> strip_secrets(s.settings))
        or exists (select from funnels s where s.workspace_id = ${source} and s.settings <> strip_secrets(s.settings))
        as had_secrets
    from w, c`)
  if (row === undefined) throw gone()
  return row
}

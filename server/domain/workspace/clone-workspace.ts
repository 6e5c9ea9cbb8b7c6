import { sql } from 'drizzle-orm'
import { type Context, inTransaction, newId } from '../../kit/context'
import { conflict, refused, violatedConstraint } from '../../kit/errors'
import { rowsOfCopy, type SoldState, stateToSell } from './frozen-state'
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
  /** The listing it was bought through. */
  readonly listingId?: string | undefined
  /** … why an admin made it. */
  readonly reason?: string | undefined
  readonly clonedById?: string | undefined
}

/**
 * Makes the buyer's own copy of a workspace, inside the caller's transaction if there is one: of its latest release,
 * or of its state now if there is none. A fixed number of statements, whatever its size: one takes a slug, one copies
 * everything. The source is only read. Limits of plans do not apply.
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
  const sold = await stateToSell(ctx, input.sourceId)
  if (sold === null) throw gone()
  const made = { cloneId: newId(ctx), publicId: makePublicId(ctx.outside.random) }
  const slug = await takeSlug(ctx, sold.name)
  const row = await copyRows(ctx, input, sold, { ...made, ...slug })
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
 * What the seller set for themselves (tracking, passwords, secrets) is in no release: it is asked of the workspace.
 */
const copyRows = async (ctx: Context, input: CloneInput, sold: SoldState, made: Made): Promise<CopyRow> => {
  const live = sql`${input.sourceId.toString()}::bigint`
  const source = sql`${sold.frozenId}::bigint`
  const now = sql`${ctx.now().toISOString()}::timestamptz`
  const [row] = await ctx.db.execute<CopyRow>(sql`
    with w as (
      insert into workspaces (public_id, owner_id, name, slug, slug_base, slug_no, image, description, settings,
        status, not_for_resale, source_id, created_at, updated_at)
      select ${made.publicId}, ${input.buyerId}::uuid, s.name, ${made.slug}, ${made.slugBase}, ${made.slugNo}::int,
        s.image, s.description, s.settings, 'ACTIVE', l.not_for_resale, l.id, ${now}, ${now}
      from workspaces s, workspaces l where s.id = ${source} and l.id = ${live}
      returning id, name
    ), m as (
      insert into workspace_members (workspace_id, user_id, role, created_at)
      select w.id, ${input.buyerId}::uuid, 'OWNER', ${now} from w
    ), ${rowsOfCopy(source, now)}, c as (
      insert into workspace_clones (id, source_workspace_id, copy_workspace_id, seller_id, buyer_id, payment_id,
        listing_id, reason, cloned_by_id, funnels_cloned, pages_cloned, release_id, created_at)
      select ${made.cloneId}::uuid, ${live}, w.id, ${input.sellerId}::uuid, ${input.buyerId}::uuid,
        ${input.paymentId ?? null}::uuid, ${input.listingId ?? null}::uuid, ${input.reason ?? null},
        ${input.clonedById ?? null}::uuid, (select count(*) from f),
        (select count(*) from p), ${sold.releaseId}::uuid, ${now}
      from w
      returning funnels_cloned, pages_cloned
    )
    select w.name, c.funnels_cloned as funnels, c.pages_cloned as pages,
      exists (select from funnels s where s.workspace_id = ${live} and s.tracking <> '{}') as had_tracking,
      exists (select from funnels s where s.workspace_id = ${live} and s.password_protected) as had_password,
      exists (select from workspaces s where s.id = ${live} and s.settings <> strip_secrets(s.settings))
        or exists (select from funnels s where s.workspace_id = ${live} and s.settings <> strip_secrets(s.settings))
        as had_secrets
    from w, c`)
  if (row === undefined) throw gone()
  return row
}

import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { conflict, refused, sqlState, violatedConstraint } from '../../kit/errors'
import type { LineType } from './schemas'

/** Whose money, or which of the platform's own accounts. */
export type Account =
  | { readonly kind: 'available' | 'pending' | 'withdrawing'; readonly userId: string }
  | { readonly kind: 'provider'; readonly name: string }
  | { readonly kind: 'revenue' | 'fees' | 'tax' | 'paid_out' | 'adjustments' }

export interface Entry {
  readonly account: Account
  /** Minor units; positive: to this account. */
  readonly amount: bigint
  /** How the statement shows it: on an available account always, elsewhere never. */
  readonly lineType?: LineType
}

export interface Posting {
  /** Says what happened once, such as `commission:ID:credit`. */
  readonly key: string
  readonly kind: string
  readonly currency: string
  readonly referenceType: string
  readonly referenceId: string
  readonly notes?: string
  readonly entries: readonly Entry[]
}

export interface Posted {
  readonly transferId: bigint
  /** The key was posted before; nothing changed. */
  readonly replayed: boolean
}

/**
 * Posts one transfer in one statement. Entries of nothing are left out. Posting a key again returns the first transfer.
 * @throws DomainError 409 IDEMPOTENCY_KEY_REUSED when the key was used for something else; 422 INSUFFICIENT_BALANCE when
 * a withdrawal is not covered; 422 NOTHING_TO_POST. In a transaction, the first two end it.
 */
export const postTransfer = async (ctx: Context, posting: Posting): Promise<Posted> => {
  const [posted] = await postTransfers(ctx, [posting])
  if (posted === undefined) throw new Error('a posting returned nothing')
  return posted
}

/**
 * Posts several transfers, in their order, in one statement: all or none. Order them by user, so that no two workers
 * lock the same accounts the other way round. Errors as `postTransfer`.
 */
export const postTransfers = async (ctx: Context, postings: readonly Posting[]): Promise<Posted[]> => {
  if (postings.length === 0) return []
  const asked = JSON.stringify(postings.map(toJson))
  try {
    // One row, or none: the driver miscounts the rows of a connection's next answer when a statement outside a
    // transaction fails after it has sent some.
    const [row] = await ctx.db.execute<{ posted: { transferId: string; replayed: boolean }[] }>(sql`
      select jsonb_agg(jsonb_build_object('transferId', done.transfer_id::text, 'replayed', done.replayed) order by p.n) posted
      from jsonb_array_elements(${asked}::text::jsonb) with ordinality p(it, n),
        lateral ledger_post(p.it->>'key', p.it->>'kind', p.it->>'currency', p.it->>'referenceType',
          p.it->>'referenceId', p.it->>'notes', ${ctx.now().toISOString()}::timestamptz, p.it->'entries') done`)
    return (row?.posted ?? []).map(({ transferId, replayed }) => ({
      transferId: BigInt(transferId),
      replayed,
    }))
  } catch (error) {
    throw explained(error)
  }
}

const toJson = ({ entries, notes = '', ...posting }: Posting) => {
  const moved = entries.filter((entry) => entry.amount !== 0n)
  if (moved.length === 0) throw refused('NOTHING_TO_POST', 'This would move nothing.')
  return {
    ...posting,
    notes,
    entries: moved.map(({ account, amount, lineType }) => ({
      kind: account.kind,
      user_id: 'userId' in account ? account.userId : null,
      name: 'name' in account ? account.name : '',
      amount: String(amount),
      line_type: lineType ?? null,
    })),
  }
}

const explained = (error: unknown): unknown => {
  if (sqlState(error) === 'OF409')
    return conflict('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used for something else.')
  if (violatedConstraint(error) === 'ledger_entries_withdrawal_covered')
    return refused('INSUFFICIENT_BALANCE', 'The available balance does not cover this.')
  return error
}

import { and, eq, isNull, sql } from 'drizzle-orm'
import { payoutMethods } from '../../../db/schema'
import { CLOSED_NAME } from '../../kit/closed-accounts'
import type { Context } from '../../kit/context'
import { sealDetails } from './details'
import type { PayoutDetails } from './schemas'

/**
 * Closes the account and erases where its owner was paid, their documents, and their name in what is written once: the
 * activity log and the providers' events. Call it before anything else forgets who they were. The rows stay, for
 * withdrawals name them. Tax details of the years in which somebody was paid stay sealed: the tax office asks for them;
 * the others go too.
 */
export const eraseDetails = async (ctx: Context, userId: string, closedEmail: string): Promise<void> => {
  const rows = await ctx.db
    .select({ id: payoutMethods.id, kind: payoutMethods.kind })
    .from(payoutMethods)
    .where(eq(payoutMethods.userId, userId))
  await ctx.db
    .update(payoutMethods)
    .set({ replacedAt: ctx.now() })
    .where(and(eq(payoutMethods.userId, userId), isNull(payoutMethods.replacedAt)))
  const methods = rows.map(({ id, kind }) => ({
    id,
    sealed: sealDetails(ctx, id, nowhere(kind, closedEmail)).toString('base64'),
  }))
  await ctx.db.execute(sql`select erase_person(${userId}, ${ctx.now().toISOString()}::timestamptz, ${closedEmail}, ${NOBODY},
    ${JSON.stringify(methods)}::text::jsonb)`)
}

export const NOBODY = `${CLOSED_NAME.firstName} ${CLOSED_NAME.lastName}`

/** Details of the same form that lead to nobody, so that what reads them goes on reading. */
const nowhere = (kind: PayoutDetails['kind'], email: string): PayoutDetails => {
  switch (kind) {
    case 'STRIPE':
      return { kind, details: { account: '' } }
    case 'PAYPAL':
      return { kind, details: { email } }
    case 'BANK':
      return { kind, details: { name: NOBODY } }
    case 'MAMOPAY':
      return { kind, details: { name: NOBODY, iban: '' } }
    case 'MANUAL':
      return { kind, details: { note: '' } }
  }
}

import { and, eq, isNull, sql } from 'drizzle-orm'
import { payoutMethods } from '../../../db/schema'
import { CLOSED_NAME } from '../../kit/closed-accounts'
import type { Context } from '../../kit/context'
import type { ClosedUser } from '../identity'
import { sealDetails } from './details'
import type { PayoutDetails } from './schemas'

/**
 * Erases where somebody was paid, their documents, and their name in what is written once: the activity log and the
 * providers' events. The rows stay, for withdrawals name them. Tax details stay sealed where somebody was paid: the tax
 * office asks for them; else they go too.
 * @param refs what providers call their payments
 */
export const eraseDetails = async (
  ctx: Context,
  closed: ClosedUser,
  refs: readonly string[],
): Promise<void> => {
  const rows = await ctx.db
    .select({ id: payoutMethods.id, kind: payoutMethods.kind })
    .from(payoutMethods)
    .where(eq(payoutMethods.userId, closed.userId))
  await ctx.db
    .update(payoutMethods)
    .set({ replacedAt: ctx.now() })
    .where(and(eq(payoutMethods.userId, closed.userId), isNull(payoutMethods.replacedAt)))
  const methods = rows.map(({ id, kind }) => ({
    id,
    sealed: sealDetails(ctx, id, nowhere(kind, closed.closedEmail)).toString('base64'),
  }))
  await ctx.db.execute(sql`select erase_person(${closed.userId}, ${closed.email}, ${list(closed.names)},
    ${list(refs)}, ${closed.closedEmail}, ${NOBODY}, ${JSON.stringify(methods)}::text::jsonb)`)
}

const list = (texts: readonly string[]) =>
  sql`array(select jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb))`

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

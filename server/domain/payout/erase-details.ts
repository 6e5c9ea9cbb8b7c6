import { eq, sql } from 'drizzle-orm'
import { payoutMethods } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { CLOSED_NAME, type ClosedUser } from '../identity'
import { sealDetails } from './details'
import type { PayoutDetails } from './schemas'

/**
 * Erases where somebody was paid, their documents, and their name in what is written once: the activity log and the
 * providers' events. The rows stay, for withdrawals name them. Tax details stay as they are: the law wants them kept.
 */
export const eraseDetails = async (ctx: Context, closed: ClosedUser): Promise<void> => {
  const rows = await ctx.db
    .select({ id: payoutMethods.id, kind: payoutMethods.kind, replacedAt: payoutMethods.replacedAt })
    .from(payoutMethods)
    .where(eq(payoutMethods.userId, closed.userId))
  for (const { id, replacedAt } of rows)
    if (replacedAt === null)
      await ctx.db.update(payoutMethods).set({ replacedAt: ctx.now() }).where(eq(payoutMethods.id, id))
  const methods = rows.map(({ id, kind }) => ({
    id,
    sealed: sealDetails(ctx, id, nowhere(kind, closed.closedEmail)).toString('base64'),
  }))
  const names = sql.join(
    closed.names.map((name) => sql`${name}`),
    sql`, `,
  )
  await ctx.db.execute(sql`select erase_person(${closed.userId}, ${closed.email}, array[${names}]::text[],
    ${closed.closedEmail}, ${NAME}, ${JSON.stringify(methods)}::text::jsonb)`)
}

export const NAME = `${CLOSED_NAME.firstName} ${CLOSED_NAME.lastName}`

/** Details of the same form that lead to nobody, so that what reads them goes on reading. */
const nowhere = (kind: PayoutDetails['kind'], email: string): PayoutDetails => {
  switch (kind) {
    case 'STRIPE':
      return { kind, details: { account: '' } }
    case 'PAYPAL':
      return { kind, details: { email } }
    case 'BANK':
      return { kind, details: { name: NAME } }
    case 'MAMOPAY':
      return { kind, details: { name: NAME, iban: '' } }
    case 'MANUAL':
      return { kind, details: { note: '' } }
  }
}

import { type Context, inTransaction } from '../../kit/context'
import { enqueueMail } from '../../kit/queue'
import { databaseNow } from './database-now'

/** The books could not be proved, however often it was tried: tells an admin, once a day. */
export const reportUnproved = async (ctx: Context, reason: string): Promise<void> => {
  const { admin, appUrl } = ctx.config
  if (admin === null) return
  const day = (await databaseNow(ctx)).toISOString().slice(0, 10)
  await inTransaction(ctx, (tx) =>
    enqueueMail(tx, {
      key: `alert:unproved:${day}`,
      to: admin.email,
      template: 'admin-alert',
      data: {
        title: 'The books could not be proved',
        text: `Proving the books failed for the last time: ${reason} Nobody knows whether they add up until a proof ends. See ${appUrl}/admin/ledger`,
      },
    }),
  )
}

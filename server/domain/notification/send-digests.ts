import { and, eq, inArray, lte, sql } from 'drizzle-orm'
import { mails, users } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { enqueueMail, type MailTemplates } from '../../kit/queue'
import { wordsOf } from './notifications'

const DAY = 86_400_000
/** So many stand in a digest; of the others it says how many. */
const SHOWN = 50
const AT_ONCE = 200

/** One mail to everybody for whom something has waited a day, about all that waits for them. @returns how many mails */
export const sendDigests = async (ctx: Context): Promise<number> => {
  const waited = await ctx.db
    .selectDistinct({ to: mails.to })
    .from(mails)
    .where(and(eq(mails.status, 'DIGEST'), lte(mails.createdAt, new Date(ctx.now().getTime() - DAY))))
    .limit(AT_ONCE)
  let sent = 0
  for (const { to } of waited) sent += await sendDigest(ctx, to)
  return sent
}

const sendDigest = (ctx: Context, to: string): Promise<number> =>
  inTransaction(ctx, async (tx) => {
    // Another worker that is at it has them, and they are none of ours then.
    const rows = await tx.db
      .select()
      .from(mails)
      .where(and(eq(mails.to, to), eq(mails.status, 'DIGEST')))
      .orderBy(mails.createdAt, mails.id)
      .for('update', { skipLocked: true })
    const [oldest] = rows
    if (oldest === undefined) return 0
    await tx.db
      .update(mails)
      .set({ status: 'OFF' })
      .where(
        inArray(
          mails.id,
          rows.map(({ id }) => id),
        ),
      )
    const [user] = await tx.db
      .select({ firstName: users.firstName })
      .from(users)
      .where(and(eq(users.email, to), sql`${users.closedAt} is null`))
    if (user === undefined) return 0
    await enqueueMail(tx, {
      key: `digest:${oldest.id}`,
      to,
      template: 'digest',
      data: {
        firstName: user.firstName,
        items: rows.slice(0, SHOWN).map(({ template, data }) => {
          const { title, text } = wordsOf(template as keyof MailTemplates, data)
          return { title, text }
        }),
        more: Math.max(0, rows.length - SHOWN),
      },
    })
    return 1
  })

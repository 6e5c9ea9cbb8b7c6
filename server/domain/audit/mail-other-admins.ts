import { and, eq, isNull, notInArray } from 'drizzle-orm'
import { users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { enqueueMail } from '../../kit/queue'

/**
 * Tells every admin but these by mail.
 * @param key names what happened: each is told once of it
 * @param except who knows: whoever did it, and whom it was done to
 */
export const mailOtherAdmins = async (
  ctx: Context,
  { key, title, text, except }: { key: string; title: string; text: string; except: readonly string[] },
): Promise<void> => {
  const others = await ctx.db
    .select({ id: users.id, email: users.email })
    .from(users)
    .where(and(eq(users.role, 'ADMIN'), isNull(users.closedAt), notInArray(users.id, [...except])))
  for (const { id, email } of others)
    await enqueueMail(ctx, {
      key: `${key}:${id}`,
      to: email,
      template: 'admin-alert',
      data: { title, text },
    })
}

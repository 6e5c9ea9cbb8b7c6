import { and, desc, eq } from 'drizzle-orm'
import { mailedLinkToken, signUp, verifyEmail } from '../../server/domain/identity'
import type { Context } from '../../server/kit/context'
import { mails, users } from '../schema'
import type { Person } from './people'

const DAY = 86_400_000

/** The same world so many days ago, with this actor asking. */
export const at = (
  ctx: Context,
  daysAgo: number,
  actor: Context['actor'] = { kind: 'visitor' },
): Context => ({
  ...ctx,
  actor,
  now: () => new Date(ctx.now().getTime() - daysAgo * DAY),
})

/** Signs up and opens the link in the mail, as anybody would. Returns the user's id. */
export const signUpAndVerify = async (ctx: Context, person: Person): Promise<string> => {
  const { email, password, firstName, lastName, companyName } = person
  await signUp(ctx, {
    email,
    password,
    firstName,
    lastName,
    ...(companyName === undefined ? {} : { companyName }),
  })
  const [mail] = await ctx.db
    .select({ data: mails.data })
    .from(mails)
    .where(and(eq(mails.to, email), eq(mails.template, 'verify-email')))
    .orderBy(desc(mails.createdAt))
    .limit(1)
  if (mail === undefined) throw new Error(`no mail was written to ${email}`)
  await verifyEmail(ctx, mailedLinkToken(ctx, String(mail.data.tokenId)))
  return (await userOf(ctx, email)).id
}

export const userOf = async (ctx: Context, email: string): Promise<typeof users.$inferSelect> => {
  const [user] = await ctx.db.select().from(users).where(eq(users.email, email))
  if (user === undefined) throw new Error(`there is no account ${email}`)
  return user
}

import { eq, inArray, sql } from 'drizzle-orm'
import type { Context } from '../../server/kit/context'
import { inTransaction } from '../../server/kit/context'
import { jobs, mails, users } from '../schema'
import { BUYERS, PEOPLE, SELLERS } from './people'
import { seedPlatform } from './platform'
import { seedReferrals } from './referrals'
import { seedSales } from './sales'
import { openShop } from './sellers'
import { at, signUpAndVerify } from './world'

export { seedPlatform } from './platform'

/** Who can sign in to the demo, as the start shows it. */
export const DEMO_SIGN_INS: readonly { email: string; password: string; what: string }[] = PEOPLE.map(
  ({ email, password, what }) => ({ email, password, what }),
)

/**
 * Makes the demo: sellers with workspaces and links, an affiliate, buyers and three months of sales. Everything goes
 * through the verbs the product itself uses. Whole or not at all, once, however many processes start at a time.
 */
export const seedDemo = async (ctx: Context): Promise<void> => {
  await seedPlatform(ctx)
  await inTransaction(ctx, async (tx) => {
    await tx.db.execute(sql`select pg_advisory_xact_lock(hashtextextended('offshoot:demo', 0))`)
    if (await isThere(tx)) return
    const people = new Map<string, string>()
    for (const person of PEOPLE) people.set(person.email, await signUpAndVerify(at(tx, person.since), person))
    const links = []
    for (const seller of SELLERS) links.push(...(await openShop(tx, seller)))
    await seedReferrals(tx, people)
    await seedSales(tx, links)
    await forgetMails(tx)
  })
}

const isThere = async (ctx: Context): Promise<boolean> => {
  const [known] = await ctx.db.select({ id: users.id }).from(users).where(eq(users.email, PEOPLE[0].email))
  return known !== undefined
}

/** Nobody is written to about a past that never was: what the verbs put into the outbox goes before it is seen. */
const forgetMails = async (ctx: Context): Promise<void> => {
  const addresses = [...PEOPLE, ...BUYERS].map(({ email }) => email)
  const unsent = await ctx.db.delete(mails).where(inArray(mails.to, addresses)).returning({ id: mails.id })
  if (unsent.length === 0) return
  await ctx.db.delete(jobs).where(
    inArray(
      jobs.key,
      unsent.map(({ id }) => `mail:${id}`),
    ),
  )
}

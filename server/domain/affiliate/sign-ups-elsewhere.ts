import { eq, sql } from 'drizzle-orm'
import { affiliates, attributions, signUpsElsewhere, users } from '../../../db/schema'
import { type Context, inTransaction, newId } from '../../kit/context'
import { DomainError } from '../../kit/errors'
import { recordActivity } from '../audit'
import { attributeCustomer } from './attribute-customer'
import { groupTerms } from './group-terms'
import { payerMark } from './mailbox'
import { activeAffiliate, isRunning, readReferral } from './referral'
import type { RecordSignUpInput } from './schemas'

/**
 * Somebody signed up at a site outside who had come through an affiliate: that fixes who referred them, under the terms of
 * today, once and for good. They are attributed when they open an account here, or at once if they did since their click.
 * Whose account is older than the click is referred by nobody. The answer does not say which it was: it would tell who
 * has an account.
 * @throws DomainError 400 REFERRAL_INVALID: the proof is none of ours, or older than 30 days.
 */
export const recordSignUpElsewhere = (
  ctx: Context,
  { referral: proof, email }: RecordSignUpInput,
): Promise<{ received: true }> =>
  inTransaction(ctx, async (tx) => {
    const referral = readReferral(tx, proof)
    if (referral === null)
      throw new DomainError(400, 'REFERRAL_INVALID', 'This referral is none of ours, or older than 30 days.')
    const affiliate = await activeAffiliate(tx, referral.code)
    if (affiliate === null) return { received: true }
    const mailbox = payerMark(tx.config, email)
    await lockMailbox(tx, mailbox)
    const [referrer] = await tx.db.select().from(users).where(eq(users.id, affiliate.userId))
    if (referrer === undefined || payerMark(tx.config, referrer.email).equals(mailbox))
      return { received: true }
    const [customer] = await tx.db.select({ id: users.id }).from(users).where(eq(users.email, email))
    if (customer !== undefined) {
      await attributeCustomer(tx, { customerId: customer.id, referral })
      return { received: true }
    }
    const terms = await groupTerms(tx, affiliate.groupId)
    if (!isRunning(referral.clickedAt, tx.now(), terms.windowDays)) return { received: true }
    const [made] = await tx.db
      .insert(signUpsElsewhere)
      .values({
        id: newId(tx),
        mailbox,
        affiliateId: affiliate.id,
        ratePercentage: terms.rate,
        holdDays: terms.holdDays,
        code: referral.code,
        clickedAt: referral.clickedAt,
        origin: referral.origin,
        createdAt: tx.now(),
      })
      .onConflictDoNothing()
      .returning({ id: signUpsElsewhere.id })
    if (made !== undefined)
      await recordActivity(tx, {
        action: 'customer_referred',
        description: 'Somebody you referred signed up at another site',
        organizationId: referrer.organizationId,
        userId: referrer.id,
        subject: { type: 'affiliate', id: affiliate.id },
        after: { clickedAt: referral.clickedAt.toISOString(), rate: terms.rate },
      })
    return { received: true }
  })

/**
 * Attributes a new account by the sign-up at a site outside that came before it, if there was one: with the terms and the
 * moment of that one. To be called in the transaction in which the account is made.
 * @returns whether there was one
 */
export const claimSignUpElsewhere = async (
  ctx: Context,
  { customerId, email }: { customerId: string; email: string },
): Promise<boolean> => {
  const mailbox = payerMark(ctx.config, email)
  await lockMailbox(ctx, mailbox)
  const [claimed] = await ctx.db
    .delete(signUpsElsewhere)
    .where(eq(signUpsElsewhere.mailbox, mailbox))
    .returning()
  if (claimed === undefined) return false
  const { affiliateId, ratePercentage, holdDays, code, clickedAt, origin, createdAt } = claimed
  const [same] = await ctx.db
    .select({ id: users.id })
    .from(users)
    .innerJoin(affiliates, eq(affiliates.id, affiliateId))
    .where(
      sql`${users.id} = ${customerId} and (${users.id} = ${affiliates.userId}
        or ${users.organizationId} = (select r.organization_id from users r where r.id = ${affiliates.userId}))`,
    )
  if (same !== undefined) return true
  await ctx.db
    .insert(attributions)
    .values({ customerId, affiliateId, ratePercentage, holdDays, code, clickedAt, origin, createdAt })
    .onConflictDoNothing()
  return true
}

/** Of an account that is opened while the other site tells of it, one waits for the other. */
const lockMailbox = (ctx: Context, mailbox: Buffer): Promise<unknown> =>
  ctx.db.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`sign-up-elsewhere:${mailbox.toString('hex')}`}, 0))`,
  )

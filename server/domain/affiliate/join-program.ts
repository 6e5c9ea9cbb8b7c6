import { eq } from 'drizzle-orm'
import { affiliates, attributions, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict } from '../../kit/errors'
import { recordActivity } from '../audit'
import { lockSelf } from '../identity'
import { groupOfInvite, toAffiliate } from './affiliate-queries'
import { codeCandidates, takeCode } from './codes'
import { groupTerms } from './group-terms'
import { activeAffiliate, type Referral } from './referral'
import type { AffiliateView } from './schemas'

/** The terms that are shown where one joins; another text is another version. */
const PROGRAM_TERMS_VERSION = '2026-11'

/**
 * Takes the signed-in user into the referral programme, waiting for an admin's approval, with a code of their own.
 * @param input where to write about payments; the invite of a group, whose terms then count; the click by which they came, if any: whoever referred them as a customer,
 *   else the click's affiliate, has recruited them
 * @throws DomainError 409 ALREADY_AFFILIATE; 422 INVITE_OVER; 401 SIGN_IN_REQUIRED
 */
export const joinProgram = (
  ctx: Context,
  {
    paymentEmail,
    invite,
    referral = null,
  }: { paymentEmail: string; invite?: string | undefined; referral?: Referral | null },
): Promise<AffiliateView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const id = newId(tx)
    const user = await lockSelf(tx, userId, 'share')
    const groupId = await groupOfInvite(tx, invite)
    const accepted = await groupTerms(tx, groupId)
    const [row] = await tx.db
      .insert(affiliates)
      .values({
        id,
        userId,
        // Taken below: who has an account already takes none.
        code: id,
        paymentEmail,
        groupId,
        recruiterId: await recruiterOf(tx, user, referral),
        termsVersion: PROGRAM_TERMS_VERSION,
        termsAcceptedAt: tx.now(),
        createdAt: tx.now(),
      })
      .onConflictDoNothing({ target: affiliates.userId })
      .returning()
    if (row === undefined) throw conflict('ALREADY_AFFILIATE', 'You have joined the programme already.')
    const code = await takeCode(tx, id, codeCandidates(tx, `${user.firstName} ${user.lastName}`))
    await tx.db.update(affiliates).set({ code }).where(eq(affiliates.id, id))
    await recordActivity(tx, {
      action: 'affiliate_joined',
      description: 'Joined the affiliate programme',
      subject: { type: 'affiliate', id },
      after: { status: row.status, code, termsVersion: PROGRAM_TERMS_VERSION, accepted: { ...accepted } },
    })
    return toAffiliate(tx, { ...row, code })
  })

/** Nobody recruits themselves, nor a colleague. */
const recruiterOf = async (
  ctx: Context,
  user: typeof users.$inferSelect,
  referral: Referral | null,
): Promise<string | null> => {
  const [attributed] = await ctx.db
    .select({ affiliateId: attributions.affiliateId })
    .from(attributions)
    .where(eq(attributions.customerId, user.id))
  if (attributed !== undefined) return attributed.affiliateId
  const affiliate = referral === null ? null : await activeAffiliate(ctx, referral.code)
  if (affiliate === null) return null
  const [recruiter] = await ctx.db
    .select({ organizationId: users.organizationId })
    .from(users)
    .where(eq(users.id, affiliate.userId))
  return recruiter?.organizationId === user.organizationId ? null : affiliate.id
}

import { eq } from 'drizzle-orm'
import { affiliates, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict } from '../../kit/errors'
import { recordActivity } from '../audit'
import { toAffiliate } from './affiliate-queries'
import { codeCandidates, takeCode } from './codes'
import type { AffiliateView } from './schemas'

/** The terms that are shown where one joins; another text is another version. */
const PROGRAM_TERMS_VERSION = '2026-11'

/**
 * Takes the signed-in user into the referral programme, waiting for an admin's approval, with a code of their own.
 * @param input where to write about payments
 * @throws DomainError 409 ALREADY_AFFILIATE
 */
export const joinProgram = (
  ctx: Context,
  { paymentEmail }: { paymentEmail: string },
): Promise<AffiliateView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const id = newId(tx)
    const [user] = await tx.db.select().from(users).where(eq(users.id, userId))
    if (user === undefined) throw new Error(`user ${userId} is gone`)
    const [row] = await tx.db
      .insert(affiliates)
      .values({
        id,
        userId,
        // Taken below: who has an account already takes none.
        code: id,
        paymentEmail,
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
      after: { status: row.status, code, termsVersion: PROGRAM_TERMS_VERSION },
    })
    return toAffiliate(tx, { ...row, code })
  })

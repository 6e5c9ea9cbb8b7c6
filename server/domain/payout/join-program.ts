import { eq } from 'drizzle-orm'
import { users } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { joinProgram as joinReferralProgram, readReferral } from '../affiliate'
import type { AffiliateView } from '../affiliate/schemas'
import { type JoinProgramInput, type PayoutDetails, readPayoutDetails } from './schemas'
import { currentMethod, putPayoutMethod } from './set-payout-method'

/**
 * Takes the signed-in user into the referral programme and puts where they are paid on file, both or neither. Details
 * that are on file already stay: they are changed by password only. Stripe asks for its own on its own pages.
 * @param proof of a click on somebody's link, as the browser sent it: they have recruited the new affiliate
 * @throws DomainError 400 with the path of each fault of the details; 409 ALREADY_AFFILIATE; 422 INVITE_OVER
 */
export const joinProgram = (
  ctx: Context,
  input: JoinProgramInput,
  proof?: string | null,
): Promise<{ affiliate: AffiliateView }> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const { paymentEmail, invite } = input
    const referral = readReferral(tx, proof)
    const affiliate = await joinReferralProgram(tx, { paymentEmail, invite, referral })
    const method = await methodOf(tx, userId, input)
    if (method !== null && (await currentMethod(tx, userId)) === undefined)
      await putPayoutMethod(tx, method, { confirmed: false })
    return { affiliate }
  })

/** Null: nothing to put on file yet. */
const methodOf = async (
  ctx: Context,
  userId: string,
  { paymentMethod: kind, paymentEmail, paymentDetails }: JoinProgramInput,
): Promise<PayoutDetails | null> => {
  if (kind === 'PAYPAL') {
    const named = typeof paymentDetails === 'object' ? paymentDetails.email : undefined
    return read(kind, { email: named ?? paymentEmail })
  }
  if (kind === 'STRIPE' || paymentDetails === undefined) return null
  const [user] = await ctx.db.select().from(users).where(eq(users.id, userId))
  const holder = `${user?.firstName ?? ''} ${user?.lastName ?? ''}`.trim()
  if (typeof paymentDetails === 'string') return read(kind, { name: holder, note: paymentDetails })
  const { name = holder, iban, bic, ...rest } = paymentDetails
  const note = Object.entries(rest)
    .map(([label, value]) => `${label}: ${value}`)
    .join('\n')
  return read(kind, {
    name,
    ...(iban === undefined ? {} : { iban }),
    ...(bic === undefined ? {} : { bic }),
    ...(note === '' ? {} : { note }),
  })
}

const read = (kind: PayoutDetails['kind'], details: Readonly<Record<string, unknown>>): PayoutDetails => {
  const result = readPayoutDetails(kind, details)
  if ('method' in result) return result.method
  throw invalid(result.issues.map(({ path, message }) => ({ path: ['paymentDetails', ...path], message })))
}

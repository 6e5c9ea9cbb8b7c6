import type { Context } from '../../kit/context'
import { signUp } from '../identity'
import type { SignUpInput, SignUpView } from '../identity/schemas'
import { attributeCustomer } from './attribute-customer'
import { readReferral } from './referral'
import { claimSignUpElsewhere } from './sign-ups-elsewhere'

/**
 * Signs somebody up as `identity.signUp`, and fixes who referred them, both or neither. Whoever signed up at a site
 * outside before is whose they were found to be then.
 * @param cookie the value of the referral cookie that came along, if any
 */
export const signUpReferred = (
  ctx: Context,
  input: SignUpInput,
  cookie: string | null | undefined,
): Promise<SignUpView> => {
  const referral = readReferral(ctx, cookie)
  return signUp(ctx, input, async (tx, customerId) => {
    if (await claimSignUpElsewhere(tx, { customerId, email: input.email })) return
    if (referral !== null) await attributeCustomer(tx, { customerId, referral })
  })
}

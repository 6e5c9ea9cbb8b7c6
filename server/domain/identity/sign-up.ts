import { type Context, inTransaction } from '../../kit/context'
import { createAccount, findAccount, lockAddress, type UserRow } from './accounts'
import { normalizeEmail } from './email'
import { mailAddressTaken, mailPasswordLink, mailVerification } from './mails'
import { hashPassword, isRightPassword } from './passwords'
import { TRIAL_LENGTH } from './rules'
import type { SignUpInput, SignUpView } from './schemas'

/**
 * Makes an organization with a trial and its user, and mails a link that verifies the address. For an address that is
 * taken the answer and the work are the same; only its owner learns of it, by mail.
 * @param onMade what else belongs to a new account; it is called with its id, or not at all
 * @throws DomainError 503 BUSY.
 */
export const signUp = async (
  ctx: Context,
  input: SignUpInput,
  onMade: OnMade = async () => {},
): Promise<SignUpView> => {
  const email = normalizeEmail(input.email)
  let done = false
  while (!done) done = await attempt(ctx, email, input, onMade)
  return {
    user: { email, firstName: input.firstName, lastName: input.lastName },
    requiresVerification: true,
  }
}

/** What belongs to a new account, done in the transaction that makes it. */
type OnMade = (ctx: Context, userId: string) => Promise<void>

/** False: the account appeared or changed while the password was being worked on, so look again. */
const attempt = async (ctx: Context, email: string, input: SignUpInput, onMade: OnMade): Promise<boolean> => {
  const known = await findAccount(ctx, email)
  const work = await passwordWork(ctx, known, input.password)
  return inTransaction(ctx, async (ctx) => {
    await lockAddress(ctx, email)
    const account = await findAccount(ctx, email)
    if (account?.id !== known?.id || account?.passwordHash !== known?.passwordHash) return false
    if (account) await tellOwner(ctx, account, work.samePassword)
    else await onMade(ctx, await register(ctx, email, input, work.passwordHash))
    return true
  })
}

/** One argon2 in every case. */
const passwordWork = async (
  ctx: Context,
  known: UserRow | undefined,
  password: string,
): Promise<{ passwordHash: string | null; samePassword: boolean }> =>
  known && isWaiting(known)
    ? { passwordHash: null, samePassword: await isRightPassword(known.passwordHash, password) }
    : { passwordHash: await hashPassword(ctx, password), samePassword: false }

/** Has a password, but nobody has shown yet that the address is theirs. */
const isWaiting = (user: UserRow): boolean => user.passwordHash !== null && user.emailVerifiedAt === null

const register = async (
  ctx: Context,
  email: string,
  input: SignUpInput,
  passwordHash: string | null,
): Promise<string> => {
  const user = await createAccount(ctx, {
    email,
    firstName: input.firstName,
    lastName: input.lastName,
    companyName: input.companyName,
    passwordHash,
    trialEndsAt: new Date(ctx.now().getTime() + TRIAL_LENGTH),
    origin: { by: 'sign-up' },
  })
  await mailVerification(ctx, user)
  return user.id
}

/**
 * The mail that helps the address's owner on. An unverified account with another password may have been made by a
 * stranger: verifying it would let that password in, so the owner is sent a link that sets one instead.
 */
const tellOwner = (ctx: Context, user: UserRow, samePassword: boolean): Promise<void> => {
  if (isWaiting(user)) return samePassword ? mailVerification(ctx, user) : mailPasswordLink(ctx, user)
  return user.passwordHash === null ? mailPasswordLink(ctx, user) : mailAddressTaken(ctx, user)
}

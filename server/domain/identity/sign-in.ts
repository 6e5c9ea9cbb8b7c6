import { eq } from 'drizzle-orm'
import { knownDevices, organizations, secondFactors, users } from '../../../db/schema'
import { type Context, inTransaction, newId } from '../../kit/context'
import { DomainError } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'
import { findAccount, toUserView, type UserRow } from './accounts'
import { checkCode } from './check-code'
import { normalizeEmail } from './email'
import { isRightPassword } from './passwords'
import type { FinishSignInInput, SignInInput, UserView } from './schemas'
import { isStillGood, readSecondStep, secondStepToken } from './second-step'
import { endSession, type StartedSession, startSession } from './sessions'

export interface SignedIn {
  readonly user: UserView
  readonly session: StartedSession
}

/**
 * Opens a session with a new id; not yet where a second factor is on.
 * @param device what it is signed in from, in words
 * @throws DomainError 401 INVALID_CREDENTIALS, alike for an unknown address, a wrong password and an account without
 * one; 403 EMAIL_NOT_VERIFIED, told only to who knows the password; 503 BUSY. @throws SecondFactorRequired.
 */
export const signIn = async (
  ctx: Context,
  input: SignInInput,
  device: string | null = null,
): Promise<SignedIn> => {
  const user = await findAccount(ctx, normalizeEmail(input.email))
  const right = await isRightPassword(user?.passwordHash ?? null, input.password)
  if (!user || !right) throw invalidCredentials()
  if (user.emailVerifiedAt === null)
    throw new DomainError(
      403,
      'EMAIL_NOT_VERIFIED',
      'Open the link we mailed you first: it shows that the address is yours.',
    )
  const [factor] = await ctx.db
    .select({ id: secondFactors.id })
    .from(secondFactors)
    .where(eq(secondFactors.userId, user.id))
  if (factor !== undefined) throw new SecondFactorRequired(secondStepToken(ctx, user))
  return openSession(ctx, user, device)
}

/** The password was right, and there is no session yet. */
export class SecondFactorRequired extends DomainError {
  /** @param secondStep says whose code is asked for next: for `finishSignIn` */
  constructor(readonly secondStep: string) {
    super(
      403,
      'SECOND_FACTOR_REQUIRED',
      'The password is right. Now a code of your authenticator app is needed, within five minutes.',
    )
  }
}

const invalidCredentials = () =>
  new DomainError(401, 'INVALID_CREDENTIALS', 'E-mail address and password do not match an account.')

/**
 * The second step: a code opens the session of whoever gave the password before.
 * @param token of `signIn`
 * @throws DomainError 401 SIGN_IN_AGAIN when there was no first step, or it was more than five minutes ago; 403
 * WRONG_CODE; 429 TOO_MANY_CODES.
 */
export const finishSignIn = async (
  ctx: Context,
  token: string | null,
  { code }: FinishSignInInput,
  device: string | null = null,
): Promise<SignedIn> => {
  const step = readSecondStep(ctx, token)
  const [user] = step === null ? [] : await ctx.db.select().from(users).where(eq(users.id, step.user))
  if (step === null || user === undefined || !isStillGood(step, user))
    throw new DomainError(401, 'SIGN_IN_AGAIN', 'That took too long. Sign in with your password again.')
  await checkCode(ctx, user.id, code)
  return openSession(ctx, user, device)
}

const openSession = (ctx: Context, { id, passwordHash }: UserRow, device: string | null): Promise<SignedIn> =>
  inTransaction(ctx, async (tx) => {
    const [row] = await tx.db
      .select({ user: users, organization: organizations })
      .from(users)
      .innerJoin(organizations, eq(organizations.id, users.organizationId))
      .where(eq(users.id, id))
      .for('share', { of: users })
    if (row === undefined) throw new Error(`user ${id} without an organization`)
    const { user, organization } = row
    // Set anew while this one was being checked: whoever had the old one stays out.
    if (user.passwordHash !== passwordHash) throw invalidCredentials()
    const session = await startSession(tx, user, device)
    if (device !== null) await noteDevice(tx, user, device)
    return { user: toUserView(user, organization, tx.now()), session }
  })

/** A kind of device the account was not signed in from before is told to its owner; the very first is not. */
const noteDevice = async (tx: Context, user: UserRow, device: string): Promise<void> => {
  const known = await tx.db.$count(knownDevices, eq(knownDevices.userId, user.id))
  const added = await tx.db
    .insert(knownDevices)
    .values({ userId: user.id, device, createdAt: tx.now() })
    .onConflictDoNothing()
    .returning({ device: knownDevices.device })
  if (known === 0 || added.length === 0) return
  await enqueueMail(tx, {
    key: `new-device:${newId(tx)}`,
    to: user.email,
    template: 'new-device',
    data: { firstName: user.firstName, device, at: tx.now().toISOString() },
  })
}

/** Ends the session of this id; one that is over already, or was none, is no error. */
export const signOut = (ctx: Context, sessionId: string | null): Promise<void> => endSession(ctx, sessionId)

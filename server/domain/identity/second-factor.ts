import { eq } from 'drizzle-orm'
import { recoveryCodes, secondFactors, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict, DomainError, refused } from '../../kit/errors'
import { open, seal } from '../../kit/sealed'
import { recordActivity } from '../audit'
import { lockSelf, type UserRow } from './accounts'
import { checkCode, lockFactor, wrongCode } from './check-code'
import { confirmPassword } from './confirm-password'
import { mailSecondFactor, type SecondFactorNews } from './mails'
import { countRecoveryCodes, replaceRecoveryCodes } from './recovery-codes'
import type {
  BeginSecondFactorInput,
  ConfirmSecondFactorInput,
  EnrolmentView,
  GuardedInput,
  SecondFactorView,
} from './schemas'
import { endOtherSessions } from './sessions'
import { keyUri, SECRET_BYTES, secretText, stepOf } from './totp'

/** How long the secret that is shown can be confirmed, in milliseconds. */
const ENROLMENT_LIFE = 15 * 60_000

/** Whether the signed-in user has a second factor, and whether they must. */
export const secondFactorView = async (ctx: Context): Promise<SecondFactorView> => {
  const { userId } = signedIn(ctx)
  const [row] = await ctx.db
    .select({ role: users.role, since: secondFactors.createdAt })
    .from(users)
    .leftJoin(secondFactors, eq(secondFactors.userId, users.id))
    .where(eq(users.id, userId))
  return {
    since: row?.since?.toISOString() ?? null,
    recoveryCodesLeft: await countRecoveryCodes(ctx, userId),
    required: row?.role === 'ADMIN' && ctx.config.requireAdmin2fa,
  }
}

/** What stands in the sealed enrolment that goes to the browser and back: nothing is kept until a code proves it. */
interface Enrolment {
  readonly secret: string
  /** The factor it takes the place of; null: the first. */
  readonly over: string | null
  readonly until: number
}

/**
 * Makes a secret for an authenticator app; nothing counts until `confirmSecondFactor`. Under the password, and, to take
 * the place of another, under a code of that.
 * @throws DomainError 403 WRONG_PASSWORD, WRONG_CODE; 400 CODE_REQUIRED; 429 TOO_MANY_CODES; 503 BUSY.
 */
export const beginSecondFactor = async (
  ctx: Context,
  { password, code }: BeginSecondFactorInput,
): Promise<EnrolmentView> => {
  const { userId, email } = signedIn(ctx)
  await confirmPassword(ctx, password)
  const [current] = await ctx.db.select().from(secondFactors).where(eq(secondFactors.userId, userId))
  if (current !== undefined) await checkCode(ctx, userId, requiredCode(code))
  const secret = ctx.outside.random(SECRET_BYTES)
  const enrolment: Enrolment = {
    secret: secret.toString('base64'),
    over: current?.id ?? null,
    until: ctx.now().getTime() + ENROLMENT_LIFE,
  }
  const sealed = seal(ctx, 'second-factor-enrolment', userId, Buffer.from(JSON.stringify(enrolment)))
  return { enrolment: sealed.toString('base64url'), secret: secretText(secret), uri: keyUri(secret, email) }
}

/** What the user was shown when they began, to show it again. @throws DomainError 400 ENROLMENT_OVER */
export const readEnrolment = (ctx: Context, enrolment: string): EnrolmentView => {
  const secret = Buffer.from(openEnrolment(ctx, enrolment).secret, 'base64')
  return { enrolment, secret: secretText(secret), uri: keyUri(secret, signedIn(ctx).email) }
}

export const requiredCode = (code: string | undefined): string => {
  if (code !== undefined && code !== '') return code
  const message = 'Enter a code of your authenticator app, or a recovery code.'
  throw new DomainError(400, 'CODE_REQUIRED', message, { issues: [{ path: ['code'], message }] })
}

/**
 * Switches the second factor on, once a code proves that the app has the secret. Other sessions end, and recovery codes
 * are shown this once.
 * @param sessionId the session that stays
 * @throws DomainError 403 WRONG_CODE; 400 ENROLMENT_OVER; 409 SECOND_FACTOR_CHANGED
 */
export const confirmSecondFactor = (
  ctx: Context,
  { enrolment, code }: ConfirmSecondFactorInput,
  sessionId: string | null,
): Promise<{ recoveryCodes: string[] }> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const { secret, over } = openEnrolment(tx, enrolment)
    const bytes = Buffer.from(secret, 'base64')
    const step = stepOf(bytes, code.replaceAll(/\s/g, ''), tx.now())
    if (step === null) throw wrongCode()
    const user = await lockSelf(tx, userId, 'no key update')
    const current = await lockFactor(tx, userId)
    if ((current?.id ?? null) !== over)
      throw conflict('SECOND_FACTOR_CHANGED', 'Your second factor was changed meanwhile. Begin again.')
    await tx.db.delete(secondFactors).where(eq(secondFactors.userId, userId))
    const id = newId(tx)
    await tx.db.insert(secondFactors).values({
      id,
      userId,
      sealed: seal(tx, 'second-factor', id, bytes),
      lastStep: step,
      createdAt: tx.now(),
    })
    await endOtherSessions(tx, userId, sessionId)
    const codes = await replaceRecoveryCodes(tx, userId)
    await tell(tx, user, over === null ? 'ON' : 'REPLACED')
    return { recoveryCodes: codes }
  })

const openEnrolment = (ctx: Context, text: string): Enrolment => {
  const over = new DomainError(
    400,
    'ENROLMENT_OVER',
    'That took more than 15 minutes, or did not begin here. Begin again.',
  )
  const enrolment = ((): Enrolment => {
    try {
      const sealed = Buffer.from(text, 'base64url')
      return JSON.parse(
        open(ctx, 'second-factor-enrolment', signedIn(ctx).userId, sealed).toString(),
      ) as Enrolment
    } catch {
      // Altered, cut off, or somebody else's.
      throw over
    }
  })()
  if (enrolment.until <= ctx.now().getTime()) throw over
  return enrolment
}

/**
 * Switches the second factor off, under password and code.
 * @throws DomainError 403 WRONG_PASSWORD, WRONG_CODE; 422 SECOND_FACTOR_NEEDED for an admin who must have one,
 * NO_SECOND_FACTOR; 429 TOO_MANY_CODES; 503 BUSY.
 */
export const removeSecondFactor = async (ctx: Context, { password, code }: GuardedInput): Promise<void> => {
  const { userId } = signedIn(ctx)
  await confirmPassword(ctx, password)
  if ((await secondFactorView(ctx)).required)
    throw refused('SECOND_FACTOR_NEEDED', 'Admins need a second factor here. Replace it instead.')
  await checkCode(ctx, userId, code)
  await inTransaction(ctx, async (tx) => {
    const user = await lockSelf(tx, userId, 'no key update')
    await tx.db.delete(secondFactors).where(eq(secondFactors.userId, userId))
    await tx.db.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId))
    await tell(tx, user, 'OFF')
  })
}

/**
 * New recovery codes in the place of all others, under password and code.
 * @throws DomainError 403 WRONG_PASSWORD, WRONG_CODE; 422 NO_SECOND_FACTOR; 429 TOO_MANY_CODES; 503 BUSY.
 */
export const renewRecoveryCodes = async (
  ctx: Context,
  { password, code }: GuardedInput,
): Promise<{ recoveryCodes: string[] }> => {
  const { userId } = signedIn(ctx)
  await confirmPassword(ctx, password)
  await checkCode(ctx, userId, code)
  return inTransaction(ctx, async (tx) => {
    const user = await lockSelf(tx, userId, 'no key update')
    // Switched off at this very moment: codes to nothing are none.
    if ((await lockFactor(tx, userId)) === undefined)
      throw refused('NO_SECOND_FACTOR', 'You have no second factor yet. Set one up first.')
    const codes = await replaceRecoveryCodes(tx, userId)
    await tell(tx, user, 'CODES')
    return { recoveryCodes: codes }
  })
}

const tell = async (tx: Context, user: UserRow, what: Exclude<SecondFactorNews, 'CODE_USED'>) => {
  await mailSecondFactor(tx, user, { what })
  await recordActivity(tx, {
    action: 'second_factor_changed',
    description: WORDS[what],
    subject: { type: 'user', id: user.id },
    after: { what },
  })
}

const WORDS = {
  ON: 'The second factor was switched on',
  REPLACED: 'The second factor was replaced by another',
  OFF: 'The second factor was switched off',
  CODES: 'New recovery codes were made',
} as const

import { eq } from 'drizzle-orm'
import { secondFactors } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { DomainError } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'
import { open } from '../../kit/sealed'
import { recordActivity } from '../audit'
import { lockUser } from './accounts'
import { mailSecondFactor } from './mails'
import { countRecoveryCodes, useRecoveryCode } from './recovery-codes'
import { stepOf } from './totp'

/** So many wrong codes, of whatever address, in so many milliseconds; after that only a recovery code helps. */
const MOST_WRONG = 5
const WRONG_WITHIN = 10 * 60_000

type FactorRow = typeof secondFactors.$inferSelect
type Outcome = 'right' | 'wrong' | 'none' | { readonly wait: number }

/**
 * Takes a code of the user's authenticator, or a recovery code; each is accepted once. Call it outside a transaction: a
 * wrong code is counted although it is refused.
 * @throws DomainError 403 WRONG_CODE; 429 TOO_MANY_CODES with the seconds to wait; 422 NO_SECOND_FACTOR.
 */
export const checkCode = async (ctx: Context, userId: string, code: string): Promise<void> => {
  const outcome = await inTransaction(ctx, (tx) => attempt(tx, userId, code))
  if (outcome === 'right') return
  if (outcome === 'wrong') throw wrongCode()
  if (outcome === 'none')
    throw new DomainError(422, 'NO_SECOND_FACTOR', 'You have no second factor yet. Set one up first.')
  throw new DomainError(
    429,
    'TOO_MANY_CODES',
    'Too many wrong codes. Wait ten minutes, or use a recovery code.',
    { retryAfter: outcome.wait },
  )
}

export const wrongCode = () =>
  new DomainError(403, 'WRONG_CODE', 'This code is not right, or was used before. Wait for the next one.', {
    issues: [
      { path: ['code'], message: 'This code is not right, or was used before. Wait for the next one.' },
    ],
  })

const attempt = async (tx: Context, userId: string, typed: string): Promise<Outcome> => {
  const factor = await lockFactor(tx, userId)
  if (factor === undefined) return 'none'
  const code = typed.replaceAll(/\s/g, '')
  // Nobody guesses one of those: they are the way in while somebody else tries codes.
  if (!/^\d{6}$/.test(code)) return recovered(tx, factor, code)
  const since = factor.wrongSince?.getTime() ?? 0
  const left = since + WRONG_WITHIN - tx.now().getTime()
  if (left > 0 && factor.wrongCodes >= MOST_WRONG) return { wait: Math.ceil(left / 1_000) }
  const step = stepOf(open(tx, 'second-factor', factor.id, factor.sealed), code, tx.now())
  if (step === null || step <= factor.lastStep) return countWrong(tx, factor, left > 0)
  await tx.db
    .update(secondFactors)
    .set({ lastStep: step, wrongCodes: 0, wrongSince: null })
    .where(eq(secondFactors.id, factor.id))
  return 'right'
}

export const lockFactor = async (tx: Context, userId: string): Promise<FactorRow | undefined> => {
  const [factor] = await tx.db
    .select()
    .from(secondFactors)
    .where(eq(secondFactors.userId, userId))
    .for('update')
  return factor
}

const recovered = async (tx: Context, factor: FactorRow, code: string): Promise<Outcome> => {
  const { userId } = factor
  if (!(await useRecoveryCode(tx, userId, code))) return 'wrong'
  const user = await lockUser(tx, userId)
  const left = await countRecoveryCodes(tx, userId)
  await mailSecondFactor(tx, user, { what: 'CODE_USED', left })
  await recordActivity(tx, {
    action: 'recovery_code_used',
    description: 'A recovery code was used in place of the second factor',
    organizationId: user.organizationId,
    userId,
    subject: { type: 'user', id: userId },
    after: { left },
  })
  return 'right'
}

/** Whoever gets this far knows the password: the owner is told when somebody guesses. */
const countWrong = async (tx: Context, factor: FactorRow, isRunning: boolean): Promise<Outcome> => {
  const wrongCodes = isRunning ? factor.wrongCodes + 1 : 1
  const wrongSince = isRunning ? factor.wrongSince : tx.now()
  await tx.db.update(secondFactors).set({ wrongCodes, wrongSince }).where(eq(secondFactors.id, factor.id))
  if (wrongCodes === MOST_WRONG) {
    const { email, firstName } = await lockUser(tx, factor.userId)
    await enqueueMail(tx, {
      key: `code-tries:${factor.id}:${wrongSince?.getTime()}`,
      to: email,
      template: 'second-factor-tries',
      data: { firstName },
    })
  }
  return 'wrong'
}

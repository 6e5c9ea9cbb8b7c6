import { and, eq, gt, isNull, or } from 'drizzle-orm'
import { emailChanges, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { mailedToken, sha256 } from '../../kit/crypto'
import { invalid, refused } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { findAccount, lockAddress, lockSelf, lockUser, type UserRow } from './accounts'
import { confirmPassword } from './confirm-password'
import { mailAddressTaken } from './mails'
import type { ChangeEmailInput, EmailChangeAnswer, EmailChangeView } from './schemas'
import { replaceTokens, tokenInvalid } from './tokens'
import { noteFormer } from './update-profile'

/** How long both addresses may take, in milliseconds. */
const LIFE = 24 * 60 * 60_000

type Side = 'old' | 'new'
type ChangeRow = typeof emailChanges.$inferSelect

/** What the token of a mailed link is derived from. */
const tokenId = (change: string, side: Side): string => `${change}:${side}`

/**
 * Asks both addresses whether the account may move from the one to the other; nothing changes before both said so. A
 * newer request takes the place of an older. For an address that has an account the answer is the same: only its owner
 * learns of it, by mail.
 * @throws DomainError 403 WRONG_PASSWORD; 400 INVALID_INPUT when it is the address already; 422 ADMIN_FROM_SETTINGS; 503 BUSY.
 */
export const requestEmailChange = async (
  ctx: Context,
  { email, password }: ChangeEmailInput,
): Promise<void> => {
  const { userId } = signedIn(ctx)
  await confirmPassword(ctx, password)
  await inTransaction(ctx, async (tx) => {
    const user = await lockSelf(tx, userId, 'no key update')
    if (email === user.email) throw invalid([{ path: ['email'], message: 'This is your address already.' }])
    if (user.role === 'ADMIN' && user.email === tx.config.admin?.email)
      throw refused(
        'ADMIN_FROM_SETTINGS',
        'This address stands in the settings (ADMIN_EMAIL): with another, the next start would make a new admin.',
      )
    await endEmailChanges(tx, userId)
    const id = newId(tx)
    const hashOf = (side: Side) => sha256(mailedToken(tx.config.appSecret, tokenId(id, side)))
    await tx.db.insert(emailChanges).values({
      id,
      userId,
      oldEmail: user.email,
      newEmail: email,
      oldTokenHash: hashOf('old'),
      newTokenHash: hashOf('new'),
      expiresAt: new Date(tx.now().getTime() + LIFE),
      createdAt: tx.now(),
    })
    await mailSide(tx, user, { id, to: user.email, other: email, side: 'old' })
    const owner = await findAccount(tx, email)
    if (owner === undefined) await mailSide(tx, user, { id, to: email, other: user.email, side: 'new' })
    else await mailAddressTaken(tx, owner)
    await recordActivity(tx, {
      action: 'email_change_requested',
      description: 'A change of the e-mail address was asked for',
      subject: { type: 'user', id: userId },
    })
  })
}

/** Of the mail to an address that may never become the account's. */
export const newSideKey = (id: string): string => `email-change:${id}:new`

const mailSide = (
  tx: Context,
  { firstName }: UserRow,
  { id, to, other, side }: { id: string; to: string; other: string; side: Side },
): Promise<void> =>
  enqueueMail(tx, {
    key: side === 'new' ? newSideKey(id) : `email-change:${id}:old`,
    to,
    template: 'email-change',
    data: { firstName, tokenId: tokenId(id, side), side, other },
  })

/** The change that waits, if any, and which sides have confirmed it. */
export const emailChangeView = async (ctx: Context): Promise<EmailChangeView | null> => {
  const [change] = await ctx.db
    .select()
    .from(emailChanges)
    .where(
      and(
        eq(emailChanges.userId, signedIn(ctx).userId),
        isNull(emailChanges.endedAt),
        gt(emailChanges.expiresAt, ctx.now()),
      ),
    )
  return change === undefined
    ? null
    : {
        newEmail: change.newEmail,
        oldConfirmed: change.oldConfirmedAt !== null,
        newConfirmed: change.newConfirmedAt !== null,
        expiresAt: change.expiresAt.toISOString(),
      }
}

/** Calls the signed-in user's own change off; none that waits is no error. */
export const cancelEmailChange = (ctx: Context): Promise<void> =>
  inTransaction(ctx, (tx) => endEmailChanges(tx, signedIn(tx).userId))

/** What waits can no longer be confirmed. */
export const endEmailChanges = async (tx: Context, userId: string): Promise<void> => {
  await tx.db
    .update(emailChanges)
    .set({ endedAt: tx.now() })
    .where(and(eq(emailChanges.userId, userId), isNull(emailChanges.endedAt)))
}

/** What a mailed link is about, without doing anything. @throws DomainError 400 TOKEN_INVALID */
export const readEmailChange = async (
  ctx: Context,
  token: string,
): Promise<{ oldEmail: string; newEmail: string; side: Side }> => {
  const { change, side } = await openChange(ctx, token)
  return { oldEmail: change.oldEmail, newEmail: change.newEmail, side }
}

/**
 * One side's yes, or the old side's no. With the second yes the account has the new address, the old links end, and both
 * addresses are told. An address that was taken meanwhile is answered like a link that is over.
 * @throws DomainError 400 TOKEN_INVALID, 422 STOP_FROM_OLD when the new side says no
 */
export const answerEmailChange = (
  ctx: Context,
  { token, stop }: { token: string; stop: boolean },
): Promise<EmailChangeAnswer> =>
  inTransaction(ctx, async (tx) => {
    const seen = await openChange(tx, token)
    const user = await lockUser(tx, seen.change.userId)
    // Again, under the lock: two answers at once come one after the other.
    const { change, side } = await openChange(tx, token)
    if (user.closedAt !== null || user.email !== change.oldEmail) throw tokenInvalid()
    if (stop) return stopChange(tx, user, side)
    const now = tx.now()
    const { oldConfirmedAt, newConfirmedAt } = {
      oldConfirmedAt: side === 'old' ? now : change.oldConfirmedAt,
      newConfirmedAt: side === 'new' ? now : change.newConfirmedAt,
    }
    await tx.db
      .update(emailChanges)
      .set({ oldConfirmedAt, newConfirmedAt })
      .where(eq(emailChanges.id, change.id))
    if (oldConfirmedAt === null || newConfirmedAt === null) return { state: 'WAITING' }
    await move(tx, user, change)
    return { state: 'DONE' }
  })

const openChange = async (ctx: Context, token: string): Promise<{ change: ChangeRow; side: Side }> => {
  const hash = sha256(token)
  const [change] = await ctx.db
    .select()
    .from(emailChanges)
    .where(
      and(
        or(eq(emailChanges.oldTokenHash, hash), eq(emailChanges.newTokenHash, hash)),
        isNull(emailChanges.endedAt),
        gt(emailChanges.expiresAt, ctx.now()),
      ),
    )
  if (change === undefined) throw tokenInvalid()
  const side = change.oldTokenHash.equals(hash) ? ('old' as const) : ('new' as const)
  // Each is good once; the old one can still stop what it agreed to.
  if (side === 'new' && change.newConfirmedAt !== null) throw tokenInvalid()
  return { change, side }
}

const stopChange = async (tx: Context, user: UserRow, side: Side): Promise<EmailChangeAnswer> => {
  if (side === 'new') throw refused('STOP_FROM_OLD', 'It ends by itself when you do not confirm it.')
  await endEmailChanges(tx, user.id)
  await recordActivity(tx, {
    action: 'email_change_stopped',
    description: 'The change of the e-mail address was stopped from the old address',
    organizationId: user.organizationId,
    userId: user.id,
    subject: { type: 'user', id: user.id },
  })
  return { state: 'STOPPED' }
}

const move = async (tx: Context, user: UserRow, { newEmail, oldEmail }: ChangeRow): Promise<void> => {
  await lockAddress(tx, newEmail)
  if ((await findAccount(tx, newEmail)) !== undefined) throw tokenInvalid()
  await replaceTokens(tx, user.id, ['VERIFY_EMAIL', 'RESET_PASSWORD', 'OPEN_PURCHASE'])
  await tx.db.update(users).set({ email: newEmail, emailVerifiedAt: tx.now() }).where(eq(users.id, user.id))
  await endEmailChanges(tx, user.id)
  await noteFormer(tx, user.id, 'email', oldEmail)
  for (const to of [oldEmail, newEmail])
    await enqueueMail(tx, {
      key: `email-changed:${newId(tx)}`,
      to,
      template: 'email-changed',
      data: { firstName: user.firstName, email: newEmail },
    })
  await recordActivity(tx, {
    action: 'email_changed',
    description: 'The e-mail address was changed, confirmed on both addresses',
    organizationId: user.organizationId,
    userId: user.id,
    subject: { type: 'user', id: user.id },
  })
}

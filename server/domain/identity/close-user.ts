import { and, eq, ne, sql } from 'drizzle-orm'
import {
  apiKeys,
  authTokens,
  bouncedAddresses,
  emailChanges,
  endpoints,
  formerNames,
  knownDevices,
  notificationPreferences,
  notifications,
  organizations,
  recoveryCodes,
  secondFactors,
  users,
} from '../../../db/schema'
import { CLOSED_NAME } from '../../kit/closed-accounts'
import type { Context } from '../../kit/context'
import { refused } from '../../kit/errors'
import { redactFormerMails } from '../../kit/queue'
import { recordActivity } from '../audit'
import { lockUser, type UserRow } from './accounts'
import { newSideKey } from './email-changes'
import { endSessions } from './sessions'

/**
 * The user, held until the transaction ends: a sale or commission that would be theirs waits, and sees what became of
 * the account. Null: it is closed already.
 * @throws DomainError 404 USER_NOT_FOUND; 422 ADMIN_ACCOUNT.
 */
export const userToClose = async (ctx: Context, userId: string): Promise<UserRow | null> => {
  const user = await lockUser(ctx, userId)
  if (user.role === 'ADMIN')
    throw refused(
      'ADMIN_ACCOUNT',
      'An admin’s account cannot be closed. Have another admin take the role from you first.',
    )
  return user.closedAt === null ? user : null
}

/**
 * Puts a pseudonym in the place of the name and address of a user whose account was just closed; sessions, keys and mailed
 * links are gone. The row stays, for the books name it. Nobody can guess the new address, and nothing is ever sent to it.
 * @param closedEmail of `closedAddress`
 */
export const closeUser = async (ctx: Context, user: UserRow, closedEmail: string): Promise<void> => {
  await ctx.db
    .update(users)
    .set({
      ...CLOSED_NAME,
      email: closedEmail,
      passwordHash: null,
      emailVerifiedAt: null,
    })
    .where(eq(users.id, user.id))
  await endSessions(ctx, user.id)
  await ctx.db.delete(authTokens).where(eq(authTokens.userId, user.id))
  for (const table of FORGOTTEN) await ctx.db.delete(table).where(eq(table.userId, user.id))
  await ctx.db.delete(bouncedAddresses).where(eq(bouncedAddresses.email, user.email))
  await closeOrganization(ctx, user)
  await recordActivity(ctx, {
    action: 'account_closed',
    description:
      'The account was closed: what names its owner is removed, the books are kept under a pseudonym',
    organizationId: user.organizationId,
    userId: user.id,
    subject: { type: 'user', id: user.id },
  })
}

/** What is nobody's any more. */
const FORGOTTEN = [
  apiKeys,
  endpoints,
  secondFactors,
  recoveryCodes,
  knownDevices,
  emailChanges,
  notifications,
  notificationPreferences,
] as const

/**
 * Erases what the user was called and where they were written to before, in what is written once and in mails. Call it
 * once the account is closed, and before `closeUser`.
 */
export const forgetFormerNames = async (
  ctx: Context,
  userId: string,
  closed: { readonly email: string; readonly name: string },
): Promise<void> => {
  const rows = await ctx.db.select().from(formerNames).where(eq(formerNames.userId, userId))
  const changes = await ctx.db
    .select({ id: emailChanges.id })
    .from(emailChanges)
    .where(eq(emailChanges.userId, userId))
  await redactFormerMails(
    ctx,
    {
      emails: rows.flatMap(({ kind, word, createdAt }) =>
        kind === 'email' ? [{ email: word, until: createdAt }] : [],
      ),
      names: rows.flatMap(({ kind, word }) => (kind === 'name' ? [word] : [])),
      keys: changes.map(({ id }) => newSideKey(id)),
    },
    closed,
  )
  await ctx.db.execute(sql`select erase_former_names(${userId}, ${closed.email}, ${closed.name})`)
}

/** Who is alone in an organization gave it its name. */
const closeOrganization = async (ctx: Context, user: UserRow): Promise<void> => {
  const others = await ctx.db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.organizationId, user.organizationId), ne(users.id, user.id)))
    .limit(1)
  if (others.length > 0) return
  await ctx.db
    .update(organizations)
    .set({ name: 'Closed account', grantedPlan: null, trialEndsAt: null })
    .where(eq(organizations.id, user.organizationId))
}

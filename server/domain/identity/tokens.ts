import { and, eq, inArray, isNull } from 'drizzle-orm'
import { authTokens, users } from '../../../db/schema'
import { type Context, inTransaction, newId } from '../../kit/context'
import { mailedToken, sha256 } from '../../kit/crypto'
import { DomainError } from '../../kit/errors'
import { lockUser, type UserRow } from './accounts'

type TokenRow = typeof authTokens.$inferSelect
export type TokenPurpose = TokenRow['purpose']

/** The purposes whose link leads to setting a password. */
export const PASSWORD_PURPOSES = ['RESET_PASSWORD', 'OPEN_PURCHASE'] as const satisfies TokenPurpose[]

export interface NewToken {
  readonly userId: string
  readonly purpose: TokenPurpose
  /** The address it is mailed to. */
  readonly email: string
  /** Milliseconds. */
  readonly ttl: number
}

/**
 * Makes a mailed link's token and keeps only its SHA-256. A newer RESET_PASSWORD takes the place of older ones; the
 * links in two purchases' or two verification mails each hold until one is used.
 * @returns the row's id, which mailedLinkToken turns into the token when the mail is written.
 */
export const issueToken = (ctx: Context, { userId, purpose, email, ttl }: NewToken): Promise<string> =>
  inTransaction(ctx, async (ctx) => {
    if (purpose === 'RESET_PASSWORD') {
      // Without the lock, two requests at once would not see each other's token.
      await lockUser(ctx, userId)
      await replaceTokens(ctx, userId, ['RESET_PASSWORD'])
    }
    const id = newId(ctx)
    await ctx.db.insert(authTokens).values({
      id,
      userId,
      purpose,
      tokenHash: sha256(mailedLinkToken(ctx, id)),
      email,
      expiresAt: new Date(ctx.now().getTime() + ttl),
      createdAt: ctx.now(),
    })
    return id
  })

/** The secret part of a mailed link, for the writer of the mail alone. */
export const mailedLinkToken = (ctx: Context, tokenId: string): string =>
  mailedToken(ctx.config.appSecret, tokenId)

/** Makes unused tokens unusable. */
export const replaceTokens = async (
  ctx: Context,
  userId: string,
  purposes: readonly TokenPurpose[],
): Promise<void> => {
  await ctx.db
    .update(authTokens)
    .set({ replaced: true })
    .where(
      and(eq(authTokens.userId, userId), inArray(authTokens.purpose, purposes), isNull(authTokens.usedAt)),
    )
}

/** The token's row and user; only while the user still has the address it was mailed to. */
export const findToken = async (
  ctx: Context,
  token: string,
  purposes: readonly TokenPurpose[],
): Promise<{ token: TokenRow; user: UserRow } | undefined> => {
  const [row] = await ctx.db
    .select({ token: authTokens, user: users })
    .from(authTokens)
    .innerJoin(users, and(eq(users.id, authTokens.userId), eq(users.email, authTokens.email)))
    .where(and(eq(authTokens.tokenHash, sha256(token)), inArray(authTokens.purpose, purposes)))
  return row
}

export const isUsable = (ctx: Context, token: TokenRow): boolean =>
  token.usedAt === null && !token.replaced && ctx.now().getTime() < token.expiresAt.getTime()

export const tokenInvalid = () =>
  new DomainError(400, 'TOKEN_INVALID', 'This link was used before or is no longer good. Ask for a new one.')

import { type Context, newId } from '../../kit/context'
import { enqueueMail } from '../../kit/queue'
import type { UserRow } from './accounts'
import { TOKEN_LIFE } from './rules'
import { issueToken } from './tokens'

export const mailVerification = async (ctx: Context, user: UserRow): Promise<void> => {
  const tokenId = await issueToken(ctx, {
    userId: user.id,
    purpose: 'VERIFY_EMAIL',
    email: user.email,
    ttl: TOKEN_LIFE.VERIFY_EMAIL,
  })
  await enqueueMail(ctx, {
    key: `verify-email:${tokenId}`,
    to: user.email,
    template: 'verify-email',
    data: { firstName: user.firstName, tokenId },
  })
}

export const mailPasswordLink = async (ctx: Context, user: UserRow): Promise<void> => {
  const tokenId = await issueToken(ctx, {
    userId: user.id,
    purpose: 'RESET_PASSWORD',
    email: user.email,
    ttl: TOKEN_LIFE.RESET_PASSWORD,
  })
  await enqueueMail(ctx, {
    key: `reset-password:${tokenId}`,
    to: user.email,
    template: 'reset-password',
    data: { firstName: user.firstName, tokenId },
  })
}

/** What has become of a second factor. */
export type SecondFactorNews = 'ON' | 'REPLACED' | 'OFF' | 'CODES' | 'CODE_USED'

export const mailSecondFactor = (
  ctx: Context,
  user: UserRow,
  news: { what: SecondFactorNews; left?: number },
): Promise<void> =>
  enqueueMail(ctx, {
    key: `second-factor:${newId(ctx)}`,
    to: user.email,
    template: 'second-factor-changed',
    data: { firstName: user.firstName, ...news },
  })

export const mailAddressTaken = (ctx: Context, user: UserRow): Promise<void> =>
  enqueueMail(ctx, {
    key: `address-taken:${newId(ctx)}`,
    to: user.email,
    template: 'address-taken',
    data: { firstName: user.firstName },
  })

export const mailPasswordChanged = (ctx: Context, user: UserRow, tokenId: string): Promise<void> =>
  enqueueMail(ctx, {
    key: `password-changed:${tokenId}`,
    to: user.email,
    template: 'password-changed',
    data: { firstName: user.firstName },
  })

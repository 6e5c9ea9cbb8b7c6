import { createHmac } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { affiliateCodes, affiliates } from '../../../db/schema'
import type { Config } from '../../kit/config'
import type { Context } from '../../kit/context'
import { derivedKey, equalSecrets } from '../../kit/crypto'
import { normalizeCode } from './codes'

/** A click on an affiliate's link: the code it came by, and when. */
export interface Referral {
  readonly code: string
  readonly clickedAt: Date
}

/** How long a click counts. */
export const COOKIE_DAYS = 30
const LIFE = COOKIE_DAYS * 86_400_000

export const REFERRAL_COOKIE = 'referral_code'

/**
 * The cookie of a click on a code, as a Set-Cookie header's value. Null: the code is nobody's, or of somebody who earns
 * nothing (rejected, suspended), or of whoever clicks; a cookie that is there stays as it is.
 */
export const clickedReferral = async (ctx: Context, text: string): Promise<string | null> => {
  const code = normalizeCode(text)
  const affiliate = code === null ? null : await activeAffiliate(ctx, code)
  if (code === null || affiliate === null) return null
  if ('userId' in ctx.actor && ctx.actor.userId === affiliate.userId) return null
  const secure = ctx.config.appUrl.startsWith('https:') ? '; Secure' : ''
  const value = sealed(ctx.config, { code, clickedAt: ctx.now() })
  return `${REFERRAL_COOKIE}=${value}; Path=/; Max-Age=${LIFE / 1_000}; HttpOnly; SameSite=Lax${secure}`
}

/** What a cookie says, if it is one of ours and not over. */
export const readReferral = (ctx: Context, value: string | null | undefined): Referral | null => {
  const [code = '', time = '', signature = '', ...rest] = (value ?? '').split('.')
  if (rest.length > 0 || !/^[0-9a-z]{1,10}$/.test(time)) return null
  const clickedAt = new Date(Number.parseInt(time, 36))
  if (!equalSecrets(signature, mac(ctx.config, `${code}.${time}`))) return null
  return isRunning(ctx, clickedAt) ? { code, clickedAt } : null
}

/** A click counts for 30 days by its own time, whatever the browser kept. */
export const isRunning = (ctx: Context, clickedAt: Date): boolean => {
  const age = ctx.now().getTime() - clickedAt.getTime()
  return age >= 0 && age <= LIFE
}

/** Who has a code, old ones included, if they take part: a pending affiliate's referrals are kept too. */
export const activeAffiliate = async (
  ctx: Context,
  code: string,
): Promise<typeof affiliates.$inferSelect | null> => {
  const [found] = await ctx.db
    .select({ affiliate: affiliates })
    .from(affiliateCodes)
    .innerJoin(affiliates, eq(affiliates.id, affiliateCodes.affiliateId))
    .where(eq(affiliateCodes.code, code))
  const affiliate = found?.affiliate
  return affiliate?.status === 'APPROVED' || affiliate?.status === 'PENDING' ? affiliate : null
}

const sealed = (config: Config, { code, clickedAt }: Referral): string => {
  const said = `${code}.${clickedAt.getTime().toString(36)}`
  return `${said}.${mac(config, said)}`
}

const mac = (config: Config, said: string): string =>
  createHmac('sha256', derivedKey(config.appSecret, 'referral-cookie')).update(said).digest('base64url')

import { createHmac } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { affiliateCodes, affiliates, type ClickOrigin } from '../../../db/schema'
import type { Config } from '../../kit/config'
import type { Context } from '../../kit/context'
import { derivedKey, equalSecrets } from '../../kit/crypto'
import { clickedAffiliate, takesPart } from './clicked-affiliate'
import { normalizeCode } from './codes'
import { recordClick, type Visitor } from './record-click'

/** A click on an affiliate's link: the code it came by, when, and from where. */
export interface Referral {
  readonly code: string
  readonly clickedAt: Date
  readonly origin: ClickOrigin | null
}

/** A visit as it came in; nothing of it is believed. */
export interface Visit {
  readonly code: string
  readonly origin: ClickOrigin
  readonly paidSearch: boolean
  readonly visitor: Visitor
}

/** How long a click counts. */
export const COOKIE_DAYS = 30
const LIFE = COOKIE_DAYS * 86_400_000

export const REFERRAL_COOKIE = 'referral_code'

/**
 * Counts a visit through an affiliate's link, and says what is to be kept of it. Null: the code is nobody's, or of
 * somebody who earns nothing (rejected, suspended), or of whoever clicks; what was kept before stays as it is.
 * @returns the proof of the click, to be handed in at sign-up or checkout
 */
export const clickedReferral = async (
  ctx: Context,
  { code: text, paidSearch, visitor, origin: said }: Visit,
): Promise<string | null> => {
  const code = normalizeCode(text)
  const affiliate = code === null ? null : await clickedAffiliate(ctx, code)
  if (code === null || affiliate === null) return null
  if ('userId' in ctx.actor && ctx.actor.userId === affiliate.userId) return null
  const origin = capped(said)
  await recordClick(ctx, { affiliateId: affiliate.id, visitor, paidSearch, ...origin })
  return sealed(ctx.config, { code, clickedAt: ctx.now(), origin })
}

/** The cookie that carries such a proof, as a Set-Cookie header's value. */
export const referralCookie = (ctx: Context, proof: string): string => {
  const secure = ctx.config.appUrl.startsWith('https:') ? '; Secure' : ''
  return `${REFERRAL_COOKIE}=${proof}; Path=/; Max-Age=${LIFE / 1_000}; HttpOnly; SameSite=Lax${secure}`
}

/** Says 'no' where a visitor wants nothing kept on their device but what the site cannot do without. */
export const TRACKING_COOKIE = 'tracking'

/** The cookies of a visitor's choice, as Set-Cookie headers' values: a "no" takes the referral's cookie away too. */
export const trackingCookies = (ctx: Context, allowed: boolean): string[] => {
  const secure = ctx.config.appUrl.startsWith('https:') ? '; Secure' : ''
  const set = (name: string, value: string, seconds: number) =>
    `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`
  return allowed
    ? [set(TRACKING_COOKIE, '', 0)]
    : [set(TRACKING_COOKIE, 'no', 365 * 86_400), set(REFERRAL_COOKIE, '', 0)]
}

/** What such a proof says, if it is one of ours and not over. */
export const readReferral = (ctx: Context, value: string | null | undefined): Referral | null => {
  const [code = '', time = '', said = '', signature = '', ...rest] = (value ?? '').split('.')
  if (rest.length > 0 || !/^[0-9a-z]{1,10}$/.test(time)) return null
  const clickedAt = new Date(Number.parseInt(time, 36))
  if (!equalSecrets(signature, mac(ctx.config, `${code}.${time}.${said}`))) return null
  return isRunning(clickedAt, ctx.now()) ? { code, clickedAt, origin: readOrigin(said) } : null
}

/** A click counts for 30 days by its own time, or its affiliate's fewer, whatever the browser kept. */
export const isRunning = (clickedAt: Date, at: Date, days = COOKIE_DAYS): boolean => {
  const age = at.getTime() - clickedAt.getTime()
  return age >= 0 && age <= days * 86_400_000
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
  return affiliate !== undefined && takesPart(affiliate) ? affiliate : null
}

/** Whatever an address carried: no longer than an index takes, and without what cannot be kept. */
const capped = (origin: ClickOrigin): ClickOrigin => {
  const cap = (text: string, length: number) => [...text.replace(/\p{Cc}/gu, '')].slice(0, length).join('')
  return {
    source: cap(origin.source, 100),
    medium: cap(origin.medium, 100),
    campaign: cap(origin.campaign, 100),
    landingPage: cap(origin.landingPage, 200),
  }
}

const sealed = (config: Config, { code, clickedAt, origin }: Referral): string => {
  const from = origin === null ? [] : [origin.source, origin.medium, origin.campaign, origin.landingPage]
  const said = `${code}.${clickedAt.getTime().toString(36)}.${Buffer.from(JSON.stringify(from)).toString('base64url')}`
  return `${said}.${mac(config, said)}`
}

/** Of a proof whose signature is ours. */
const readOrigin = (said: string): ClickOrigin | null => {
  const [source, medium, campaign, landingPage] = JSON.parse(
    Buffer.from(said, 'base64url').toString(),
  ) as string[]
  if (source === undefined || medium === undefined || campaign === undefined || landingPage === undefined)
    return null
  return { source, medium, campaign, landingPage }
}

const mac = (config: Config, said: string): string =>
  createHmac('sha256', derivedKey(config.appSecret, 'referral-cookie')).update(said).digest('base64url')

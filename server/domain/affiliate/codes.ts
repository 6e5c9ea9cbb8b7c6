import { affiliateCodes } from '../../../db/schema'
import type { Context } from '../../kit/context'

/** Words that mean something in an address of ours, or that nobody may pass for. */
const RESERVED = new Set([
  'about',
  'account',
  'admin',
  'administrator',
  'affiliate',
  'affiliates',
  'api',
  'app',
  'auth',
  'balance',
  'billing',
  'buy',
  'code',
  'coupon',
  'coupons',
  'dashboard',
  'dev',
  'discount',
  'free',
  'help',
  'home',
  'legal',
  'link',
  'links',
  'listings',
  'login',
  'logout',
  'marketplace',
  'me',
  'new',
  'none',
  'null',
  'offshoot',
  'official',
  'privacy',
  'purchases',
  'ref',
  'referral',
  'register',
  'root',
  'sales',
  'sandbox',
  'security',
  'sellers',
  'settings',
  'signin',
  'sign-in',
  'signup',
  'sign-up',
  'staff',
  'support',
  'system',
  'terms',
  'undefined',
  'webhooks',
  'workspaces',
  'www',
])

const FORM = /^[a-z0-9][a-z0-9_-]{1,62}[a-z0-9]$/

/** A code as it is kept: whatever its case and the space around it. Null: it is no code at all. */
export const normalizeCode = (text: string): string | null => {
  const code = text.normalize('NFKC').trim().toLowerCase()
  return FORM.test(code) ? code : null
}

/** Whether a code may be given to somebody, as far as its letters go. */
export const isFreeWord = (code: string): boolean => FORM.test(code) && !RESERVED.has(code)

/** What a name looks like as the beginning of a code: `Zoë O’Hara` → `zoe-ohara`. */
const codeBase = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 24)
    .replace(/-+$/, '')

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Codes to try for a name, the prettiest first; from the third on, so random that one more is enough. */
export const codeCandidates = (ctx: Context, name: string): string[] => {
  const random = (length: number) =>
    [...ctx.outside.random(length)].map((byte) => LETTERS[byte % 31]).join('')
  const base = codeBase(name)
  const named = base.length >= 3 ? [base, `${base}-${random(3)}`, `${base}-${random(6)}`] : []
  return [...named, `partner-${random(8)}`, `partner-${random(12)}`].filter(isFreeWord)
}

/** Takes the first candidate nobody ever had, in the transaction that makes its affiliate. */
export const takeCode = async (ctx: Context, affiliateId: string, candidates: readonly string[]) => {
  for (const code of candidates) {
    const [taken] = await ctx.db
      .insert(affiliateCodes)
      .values({ code, affiliateId, createdAt: ctx.now() })
      .onConflictDoNothing()
      .returning({ code: affiliateCodes.code })
    if (taken !== undefined) return taken.code
  }
  throw new Error('no code is free')
}

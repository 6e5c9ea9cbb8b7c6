import { compactVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { affiliateLinks } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { derivedKey } from '../../kit/crypto'
import { DomainError } from '../../kit/errors'

type Link = typeof affiliateLinks.$inferSelect

const ISSUER = 'offshoot'
const AUDIENCE = 'offshoot/buy'
const PURPOSE = 'affiliate-link'
const LONGEST = 4096

/**
 * The token that names a link, made from its row alone: the same row gives the same token, so it is kept nowhere.
 * What it says besides the link's id is for people who look into it; nobody here believes it.
 */
export const linkToken = (ctx: Context, link: Link, workspacePublicId: string): Promise<string> =>
  new SignJWT({
    purpose: PURPOSE,
    sellerId: link.sellerId,
    workspaceId: workspacePublicId,
    planType: link.planType,
    commissionPercentage: link.commissionPercentage,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setJti(link.id)
    .setIssuedAt(seconds(link.createdAt))
    .setExpirationTime(seconds(link.expiresAt ?? tenYearsAfter(link.createdAt)))
    .sign(signingKey(ctx))

/** A link's landing page. */
export const linkUrl = (ctx: Context, token: string): string => `${ctx.config.appUrl}/buy/${token}`

/**
 * The id of the link a token names, and when the token itself ends; whether either is over is for the caller to say.
 * @throws DomainError 400 LINK_INVALID for one that is malformed, too long, or not signed by us for this purpose.
 */
export const readLinkToken = async (
  ctx: Context,
  token: string,
): Promise<{ linkId: string; expiresAt: Date }> => {
  if (token.length > LONGEST) throw linkInvalid()
  try {
    const { payload } = await compactVerify(token, signingKey(ctx), { algorithms: ['HS256'] })
    const claims = Claims.parse(JSON.parse(new TextDecoder().decode(payload)))
    return { linkId: claims.jti, expiresAt: new Date(claims.exp * 1000) }
  } catch {
    throw linkInvalid()
  }
}

const linkInvalid = () => new DomainError(400, 'LINK_INVALID', 'This link is not valid.')

const Claims = z.object({
  iss: z.literal(ISSUER),
  aud: z.literal(AUDIENCE),
  purpose: z.literal(PURPOSE),
  jti: z.uuid(),
  exp: z.int(),
})

const signingKey = (ctx: Context): Uint8Array => new Uint8Array(derivedKey(ctx.config.linkSecret, PURPOSE))

const seconds = (moment: Date): number => Math.floor(moment.getTime() / 1000)

const tenYearsAfter = (moment: Date): Date => {
  const then = new Date(moment)
  then.setUTCFullYear(then.getUTCFullYear() + 10)
  return then
}

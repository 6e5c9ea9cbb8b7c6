import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '../../kit/context'
import { type PublicKeyJwk, type SigningKey, signingKey } from '../../kit/signing'

/** What statements are signed with now. */
export const statementKey = (ctx: Context): SigningKey =>
  signingKey(ctx.config.appSecret, 'statement-signature')

/** The public keys of this platform's statements, for everyone: the one of now, and each that one was issued with. */
export const statementKeys = async (ctx: Context): Promise<{ keys: PublicKeyJwk[] }> => {
  const { jwk } = statementKey(ctx)
  const former = (await keptKeys(ctx)).filter(({ kid }) => kid !== jwk.kid)
  return { keys: [jwk, ...former] }
}

/** A public key as it is kept with a statement. */
export const KeptKey = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
  use: z.literal('sig'),
  alg: z.literal('EdDSA'),
})

/** From one key to the next along the index: it costs the number of keys, however many statements there are. */
const keptKeys = async (ctx: Context): Promise<PublicKeyJwk[]> => {
  const rows = await ctx.db.execute<{ jwk: unknown }>(sql`
    with recursive kept as (
      (select key_id, public_key from issued_statements where public_key is not null order by key_id limit 1)
      union all
      select next.* from kept, lateral (select key_id, public_key from issued_statements
        where public_key is not null and key_id > kept.key_id order by key_id limit 1) next
    ) select public_key jwk from kept`)
  return rows.flatMap(({ jwk }) => {
    const kept = KeptKey.safeParse(jwk)
    return kept.success ? [kept.data] : []
  })
}

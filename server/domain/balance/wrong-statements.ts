import { and, asc, gt, gte } from 'drizzle-orm'
import { issuedStatements } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { isSignedBy } from '../../kit/signing'
import { KeptKey, statementKey } from './statement-keys'

/** A document may have megabytes. */
const AT_ONCE = 20
/** More of them help nobody. */
const TOLD = 100

/**
 * Which issued statements do not verify with the key that is published for them.
 * @param since null: of all; else of those issued from then on
 * @returns the first 100
 */
export const wrongStatements = async (
  ctx: Context,
  since: Date | null,
): Promise<{ id: string; problem: string }[]> => {
  const current = statementKey(ctx).jwk
  const wrong: { id: string; problem: string }[] = []
  for (let last: string | null = null; wrong.length < TOLD; ) {
    const rows: Issued[] = await ctx.db
      .select({
        id: issuedStatements.id,
        document: issuedStatements.document,
        keyId: issuedStatements.keyId,
        signature: issuedStatements.signature,
        publicKey: issuedStatements.publicKey,
      })
      .from(issuedStatements)
      .where(
        and(
          last === null ? undefined : gt(issuedStatements.id, last),
          since === null ? undefined : gte(issuedStatements.issuedAt, since),
        ),
      )
      .orderBy(asc(issuedStatements.id))
      .limit(AT_ONCE)
    for (const { id, document, keyId, signature, publicKey } of rows) {
      const kept = KeptKey.safeParse(publicKey)
      const key = keyId === current.kid ? current : kept.success && kept.data.kid === keyId ? kept.data : null
      if (key === null) wrong.push({ id, problem: `the key ${keyId} it was signed with is not kept` })
      else if (!isSignedBy(key, document, signature))
        wrong.push({ id, problem: `its signature is not one of the key ${keyId} over its document` })
    }
    const end = rows.at(-1)
    if (end === undefined || rows.length < AT_ONCE) break
    last = end.id
  }
  return wrong.slice(0, TOLD)
}

type Issued = Pick<
  typeof issuedStatements.$inferSelect,
  'id' | 'document' | 'keyId' | 'signature' | 'publicKey'
>

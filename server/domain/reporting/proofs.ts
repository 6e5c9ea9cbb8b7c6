import { desc } from 'drizzle-orm'
import { ledgerProofs } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { Examined, type Proof } from './schemas'

export type ProofRow = typeof ledgerProofs.$inferSelect

/** The runs so far, newest first. */
export const listProofs = async (ctx: Context, limit: number): Promise<Proof[]> => {
  const rows = await ctx.db
    .select()
    .from(ledgerProofs)
    .orderBy(desc(ledgerProofs.startedAt), desc(ledgerProofs.id))
    .limit(limit)
  return rows.map(toProof)
}

export const toProof = ({ id, ...row }: ProofRow): Proof => ({ id, ...toExamined(row) })

export const toExamined = ({ sealNo, startedAt, finishedAt, ...row }: Omit<ProofRow, 'id'>): Examined =>
  Examined.parse({
    ...row,
    sealNo: sealNo === null ? null : String(sealNo),
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
  })

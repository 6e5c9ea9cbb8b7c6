import { createHmac } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { recoveryCodes } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { derivedKey } from '../../kit/crypto'

const HOW_MANY = 10
/** Without letters that look like figures. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const LENGTH = 16

/** New codes in the place of all others; shown this once. Each 80 bits, in groups of four. */
export const replaceRecoveryCodes = async (ctx: Context, userId: string): Promise<string[]> => {
  const codes = Array.from({ length: HOW_MANY }, () =>
    [...ctx.outside.random(LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join(''),
  )
  await ctx.db.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId))
  await ctx.db
    .insert(recoveryCodes)
    .values(codes.map((code) => ({ codeHash: hashOf(ctx, userId, code), userId, createdAt: ctx.now() })))
  return codes.map((code) => code.replaceAll(/(.{4})(?=.)/g, '$1-'))
}

/** Uses one up, however it was typed; false: it is none of theirs, or was used before. */
export const useRecoveryCode = async (ctx: Context, userId: string, typed: string): Promise<boolean> => {
  const code = typed.toLowerCase().replaceAll(/[\s-]/g, '')
  if (code.length !== LENGTH) return false
  const used = await ctx.db
    .delete(recoveryCodes)
    .where(and(eq(recoveryCodes.codeHash, hashOf(ctx, userId, code)), eq(recoveryCodes.userId, userId)))
    .returning({ userId: recoveryCodes.userId })
  return used.length > 0
}

export const countRecoveryCodes = (ctx: Context, userId: string): Promise<number> =>
  ctx.db.$count(recoveryCodes, eq(recoveryCodes.userId, userId))

/** Under a key of the application's: a dump of the table cannot be searched for codes. */
const hashOf = (ctx: Context, userId: string, code: string): Buffer =>
  createHmac('sha256', derivedKey(ctx.config.appSecret, 'recovery-code')).update(`${userId}:${code}`).digest()

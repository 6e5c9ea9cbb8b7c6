import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Context } from './context'
import { derivedKey } from './crypto'

const NONCE = 12
const TAG = 16

/** What is kept sealed; each has a key of its own. */
export type Sealed =
  | 'payout-details'
  | 'payout-document'
  | 'tax-details'
  | 'second-factor'
  | 'second-factor-enrolment'
  | 'endpoint-secret'

/** AES-256-GCM, bound to the row it is kept in: nonce, tag, ciphertext. */
export const seal = (ctx: Context, purpose: Sealed, rowId: string, bytes: Buffer): Buffer => {
  const nonce = ctx.outside.random(NONCE)
  const cipher = createCipheriv('aes-256-gcm', keyOf(ctx, purpose), nonce).setAAD(Buffer.from(rowId))
  const text = Buffer.concat([cipher.update(bytes), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text])
}

/** @throws Error when the row was altered, or sealed under another secret. */
export const open = (ctx: Context, purpose: Sealed, rowId: string, sealed: Buffer): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(ctx, purpose), sealed.subarray(0, NONCE), {
    authTagLength: TAG,
  })
    .setAAD(Buffer.from(rowId))
    .setAuthTag(sealed.subarray(NONCE, NONCE + TAG))
  return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()])
}

const keyOf = (ctx: Context, purpose: Sealed): Buffer => derivedKey(ctx.config.appSecret, purpose)

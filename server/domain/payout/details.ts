import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Context } from '../../kit/context'
import { derivedKey } from '../../kit/crypto'
import type { PayoutDetails } from './schemas'

const NONCE = 12
const TAG = 16

/** AES-256-GCM under a key of its own, bound to the row it is kept in: nonce, tag, ciphertext. */
export const sealDetails = (ctx: Context, rowId: string, method: PayoutDetails): Buffer => {
  const nonce = ctx.outside.random(NONCE)
  const cipher = createCipheriv('aes-256-gcm', keyOf(ctx), nonce).setAAD(Buffer.from(rowId))
  const text = Buffer.concat([cipher.update(JSON.stringify(method)), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text])
}

/** @throws Error when the row was altered, or sealed under another secret. */
export const openDetails = (ctx: Context, rowId: string, sealed: Buffer): PayoutDetails => {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(ctx), sealed.subarray(0, NONCE), {
    authTagLength: TAG,
  })
    .setAAD(Buffer.from(rowId))
    .setAuthTag(sealed.subarray(NONCE, NONCE + TAG))
  const text = Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()])
  return JSON.parse(text.toString()) as PayoutDetails
}

const keyOf = (ctx: Context): Buffer => derivedKey(ctx.config.appSecret, 'payout-details')

/** Enough to know one's own by, too little for anyone else. */
export const maskDetails = (method: PayoutDetails): string => {
  switch (method.kind) {
    case 'STRIPE':
      return `acct_•••${method.details.account.slice(-4)}`
    case 'PAYPAL': {
      const { email } = method.details
      return `${email.slice(0, 1)}•••${email.slice(email.lastIndexOf('@'))}`
    }
    case 'BANK':
      return method.details.iban === undefined ? '•••' : maskIban(method.details.iban)
    case 'MAMOPAY':
      return maskIban(method.details.iban)
    case 'MANUAL':
      return '•••'
  }
}

const maskIban = (iban: string): string => `${iban.slice(0, 2)}•• •••• ${iban.slice(-4)}`

import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

export const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()

/** A key of its own for each purpose, derived from the application's secret (HKDF, RFC 5869). 32 bytes. */
export const derivedKey = (secret: string, purpose: string): Buffer => {
  const name = `${purpose}\n${secret}`
  const known = keys.get(name)
  if (known !== undefined) return known
  if (keys.size >= MOST_KEYS) keys.clear()
  const key = Buffer.from(hkdfSync('sha256', secret, 'offshoot', purpose, 32))
  keys.set(name, key)
  return key
}

/** Deriving costs more than what most keys are used for. */
const keys = new Map<string, Buffer>()
const MOST_KEYS = 100

/** Equal, in a time that says nothing of where they differ, nor of the length. */
export const equalSecrets = (a: string, b: string): boolean => timingSafeEqual(sha256(a), sha256(b))

/**
 * The token of a mailed link: derived from its row's id, so that the outbox can make it when the mail is written
 * and the database never holds it. 256 bits, base64url.
 */
export const mailedToken = (secret: string, tokenId: string): string =>
  createHmac('sha256', derivedKey(secret, 'mailed-token')).update(tokenId).digest('base64url')

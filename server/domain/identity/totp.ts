import { Secret, TOTP } from 'otpauth'

/** What every authenticator app understands: SHA-1, six digits, 30 seconds (RFC 6238). */
const totpOf = (secret: Buffer, label: string): TOTP =>
  new TOTP({
    issuer: 'Offshoot',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: STEP_SECONDS,
    secret: new Secret({ buffer: Uint8Array.from(secret).buffer }),
  })

const STEP_SECONDS = 30

/** Bytes of a secret: as many as the hash has. */
export const SECRET_BYTES = 20

/** What the QR code holds: otpauth://totp/… */
export const keyUri = (secret: Buffer, email: string): string => totpOf(secret, email).toString()

/** The secret as one types it into an app: base32, in groups of four. */
export const secretText = (secret: Buffer): string =>
  new Secret({ buffer: Uint8Array.from(secret).buffer }).base32.replaceAll(/(.{4})(?=.)/g, '$1 ')

/** The time step whose code this is, at most one away from now (clocks differ); null: it is none of them. */
export const stepOf = (secret: Buffer, code: string, now: Date): number | null => {
  const delta = totpOf(secret, '').validate({ token: code, timestamp: now.getTime(), window: 1 })
  return delta === null ? null : Math.floor(now.getTime() / (STEP_SECONDS * 1_000)) + delta
}

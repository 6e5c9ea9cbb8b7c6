import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { canonicalJson } from './canonical-json'
import { derivedKey, sha256 } from './crypto'

/** A public key of Ed25519 as others read it (RFC 8037), named by its thumbprint (RFC 7638). */
export interface PublicKeyJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  /** The key, base64url. */
  readonly x: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
}

export interface SigningKey {
  readonly jwk: PublicKeyJwk
  /** Ed25519 (RFC 8032) over the text's UTF-8; base64url. */
  readonly sign: (text: string) => string
}

/** Before the 32 bytes of a seed, this makes a private key (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key pair for a purpose, the same for the same secret. Another secret is another key. */
export const signingKey = (secret: string, purpose: string): SigningKey => {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, derivedKey(secret, purpose)]),
    format: 'der',
    type: 'pkcs8',
  })
  const x = createPublicKey(key).export({ format: 'jwk' }).x ?? ''
  const named = { kty: 'OKP', crv: 'Ed25519', x } as const
  const kid = sha256(canonicalJson(named)).toString('base64url')
  return {
    jwk: { ...named, kid, use: 'sig', alg: 'EdDSA' },
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  }
}

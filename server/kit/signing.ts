import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
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
  return {
    jwk: { ...named, kid: thumbprint(x), use: 'sig', alg: 'EdDSA' },
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  }
}

const thumbprint = (x: string): string =>
  sha256(canonicalJson({ kty: 'OKP', crv: 'Ed25519', x })).toString('base64url')

/** Whether the signature (base64url) is one over the text's UTF-8, by a key whose name is its thumbprint. */
export const isSignedBy = ({ x, kid }: PublicKeyJwk, text: string, signature: string): boolean => {
  if (thumbprint(x) !== kid) return false
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))
  } catch {
    // What is no key signs nothing.
    return false
  }
}

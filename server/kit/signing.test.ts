import { createPublicKey, verify } from 'node:crypto'
import fc from 'fast-check'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, it } from 'vitest'
import { type CanonicalValue, canonicalJson } from './canonical-json'
import { signingKey } from './signing'

const SECRET = 'a-secret-of-more-than-thirty-two-bytes'

describe('canonical JSON', () => {
  it('spells the sample of RFC 8785, but for its fractions', () => {
    const sample = {
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\u002f',
      literals: [null, true, false],
      numbers: [333333333, 4, 0, -7],
    }
    expect(canonicalJson(sample)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333,4,0,-7],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('sorts members by UTF-16 code units, as RFC 8785 does', () => {
    const sample = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
    expect(Object.values(JSON.parse(canonicalJson(sample)) as object).sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(canonicalJson(sample)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}')
  })

  it('is one spelling whatever the order of members, and says the same', () => {
    const { tree } = fc.letrec<{ tree: CanonicalValue }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'binary' }),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(JSON.parse(text) as CanonicalValue)).toBe(text)
        expect(canonicalJson(turned(value))).toBe(text)
      }),
    )
  })

  it.each([0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('refuses the number %s', (number) => {
    expect(() => canonicalJson({ number })).toThrow(RangeError)
  })

  it('refuses half a character, and has no negative zero', () => {
    expect(() => canonicalJson('\ud83d')).toThrow(RangeError)
    expect(() => canonicalJson({ '\ude00': 1 })).toThrow(RangeError)
    expect(canonicalJson(-0)).toBe('0')
  })
})

const turned = (value: CanonicalValue): CanonicalValue => {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value as Record<string, CanonicalValue>)
      .reverse()
      .map(([name, member]) => [name, turned(member)]),
  )
}

describe('a signing key', () => {
  const key = signingKey(SECRET, 'test')

  it('is the same for the same secret and purpose, and another one for another', () => {
    expect(signingKey(SECRET, 'test').jwk).toEqual(key.jwk)
    expect(signingKey(`${SECRET}!`, 'test').jwk.x).not.toBe(key.jwk.x)
    expect(signingKey(SECRET, 'other').jwk.x).not.toBe(key.jwk.x)
  })

  it('is named by its thumbprint and holds nothing private', async () => {
    expect(key.jwk.kid).toBe(await calculateJwkThumbprint({ ...key.jwk }))
    expect(Object.keys(key.jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
  })

  it('signs what its public half verifies', () => {
    const signature = Buffer.from(key.sign('Grüße'), 'base64url')
    const publicKey = createPublicKey({ key: { ...key.jwk }, format: 'jwk' })
    expect(signature).toHaveLength(64)
    expect(verify(null, Buffer.from('Grüße'), publicKey, signature)).toBe(true)
    expect(verify(null, Buffer.from('Gruße'), publicKey, signature)).toBe(false)
  })
})

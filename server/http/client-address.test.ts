import { describe, expect, it } from 'vitest'
import { clientAddress } from './client-address'

describe('the address of a client', () => {
  it('is the socket’s, whatever a header says, when no proxy is trusted', () => {
    expect(clientAddress('203.0.113.7', '127.0.0.1', 0)).toBe('203.0.113.7')
  })
  it('is the one the outermost trusted proxy saw', () => {
    expect(clientAddress('10.0.0.1', '1.1.1.1, 203.0.113.7', 1)).toBe('203.0.113.7')
    expect(clientAddress('10.0.0.1', '6.6.6.6, 203.0.113.7, 10.0.0.2', 2)).toBe('203.0.113.7')
  })
  it('falls back to the socket’s when the chain is shorter than the proxies', () => {
    expect(clientAddress('10.0.0.1', null, 1)).toBe('10.0.0.1')
    expect(clientAddress('10.0.0.1', '203.0.113.7', 2)).toBe('10.0.0.1')
  })
  it('counts the /64 of an IPv6 address as one client', () => {
    expect(clientAddress('2001:db8:1:2:3:4:5:6', null, 0)).toBe('2001:db8:1:2::/64')
    expect(clientAddress('2001:db8:1:2::9', null, 0)).toBe('2001:db8:1:2::/64')
    expect(clientAddress('2001:db8::1', null, 0)).toBe('2001:db8:0:0::/64')
    expect(clientAddress('::1', null, 0)).toBe('0:0:0:0::/64')
  })
  it('reads an IPv4 address in its IPv6 clothes', () => {
    expect(clientAddress('::ffff:203.0.113.7', null, 0)).toBe('203.0.113.7')
  })
})

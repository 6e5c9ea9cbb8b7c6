import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testConfig } from '../../../db/testing/context'
import { cardMark, mailboxOf, payerMark } from './mailbox'
import { splitBase } from './rules'

describe('whose mailbox an address is', () => {
  it.each([
    ['ann@example.com', 'ann@example.com'],
    ['Ann+Shop@Example.com', 'ann@example.com'],
    [' ann+a+b@example.com ', 'ann@example.com'],
    ['a.n.n@example.com', 'a.n.n@example.com'],
    ['A.n.n+x@gmail.com', 'ann@gmail.com'],
    ['ann@googlemail.com', 'ann@gmail.com'],
    ['+x@gmail.com', '+x@gmail.com'],
    ['not an address', 'not an address'],
    ['', ''],
  ])('of %s is %s', (address, mailbox) => {
    expect(mailboxOf(address)).toBe(mailbox)
  })

  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9.]{0,10}[a-z0-9])?$/)
  const domain = fc.constantFrom('gmail.com', 'googlemail.com', 'example.com', 'mail.example')
  const tag = fc.stringMatching(/^[a-z0-9+.]{0,8}$/)

  it('is the same however it is written, tagged or asked again', () => {
    fc.assert(
      fc.property(name, domain, tag, (who, at, tagged) => {
        const mailbox = mailboxOf(`${who}@${at}`)
        expect(mailboxOf(`${who}+${tagged}@${at}`)).toBe(mailbox)
        expect(mailboxOf(`${who}@${at}`.toUpperCase())).toBe(mailbox)
        expect(mailboxOf(mailbox)).toBe(mailbox)
      }),
    )
  })

  it('takes dots for nothing with Gmail alone, and never two people for one', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        const bare = (text: string) => text.replaceAll('.', '')
        expect(mailboxOf(`${a}@gmail.com`) === mailboxOf(`${b}@googlemail.com`)).toBe(bare(a) === bare(b))
        expect(mailboxOf(`${a}@example.com`) === mailboxOf(`${b}@example.com`)).toBe(a === b)
      }),
    )
  })

  it('is what a payment’s mark compares; a card’s is another', () => {
    const config = testConfig()
    expect(payerMark(config, 'a.nn+x@gmail.com').equals(payerMark(config, 'ann@googlemail.com'))).toBe(true)
    expect(payerMark(config, 'bo@gmail.com').equals(payerMark(config, 'ann@gmail.com'))).toBe(false)
    expect(cardMark(config, 'ann@gmail.com').equals(payerMark(config, 'ann@gmail.com'))).toBe(false)
  })
})

it('earns nobody anything on a purchase from their own mailbox', () => {
  const claim = {
    kind: 'REFERRAL',
    userId: 'a',
    organizationId: 'as',
    rate: '10.00',
    rateSource: '',
    approved: true,
  } as const
  const buyer = { userId: 'b', organizationId: 'bs', email: 'ann+two@gmail.com' }
  expect(splitBase(1_000n, buyer, [{ ...claim, email: 'a.nn@gmail.com' }])).toEqual({
    earned: [],
    withheld: [{ kind: 'REFERRAL', userId: 'a', reason: 'SAME_EMAIL' }],
  })
  expect(splitBase(1_000n, buyer, [{ ...claim, email: 'an@gmail.com' }]).earned).toHaveLength(1)
})

import { describe, expect, it } from 'vitest'
import type { MailTemplates } from '../../kit/queue'
import { templates } from './templates'

const LINKS = { appUrl: 'https://shop.example', token: (id: string) => `secret-of-${id}` }
/** All words of a mail, one under the other. */
const textOf = <T extends keyof MailTemplates>(name: T, data: MailTemplates[T]): string => {
  const { subject, greeting, paragraphs, facts = [], action, after = [] } = templates[name](data, LINKS)
  return [
    subject,
    greeting,
    ...paragraphs,
    ...facts.flat(),
    action?.label ?? '',
    action?.url ?? '',
    ...after,
  ].join('\n')
}
const AT = '2026-11-21T12:00:00.000Z'
const NEXT = '2026-12-05T12:00:00.000Z'

describe('the mail about a plan that begins', () => {
  const started = (more: Partial<MailTemplates['plan-started']>) =>
    textOf('plan-started', {
      firstName: 'Bo',
      tokenId: null,
      existingAccount: true,
      plan: 'BUSINESS',
      yearly: false,
      amount: 2_900,
      price: 2_900,
      currency: 'USD',
      firstPaymentAt: null,
      orderId: 'order-1',
      paidAt: AT,
      ...more,
    })

  it('is a receipt when it was paid, and says when the first payment comes when it was not', () => {
    expect(started({})).toContain('This mail is your receipt.')
    expect(started({})).toContain('Each month\n29.00 USD')
    const trial = started({ firstPaymentAt: NEXT, amount: 0, yearly: true })
    expect(trial).toContain('First payment\n2026-12-05 12:00 UTC')
    expect(trial).toContain('Each year\n29.00 USD')
    expect(trial).not.toContain('receipt')
  })

  it('lets a new account be opened, and an old one be proven, by its link', () => {
    expect(started({})).toContain('https://shop.example/billing')
    expect(started({ tokenId: 't1' })).toContain('Confirm the address by setting a password.')
    const fresh = started({ tokenId: 't1', existingAccount: false })
    expect(fresh).toContain('We made an account for this address.')
    expect(fresh).toContain('/auth/reset-password?token=secret-of-t1')
    expect(fresh).toContain('The link works once, within 7 days.')
  })
})

describe('the mails about a plan that goes on', () => {
  const plan = { firstName: 'Bo', plan: 'AGENCY', yearly: true, amount: 99_000, currency: 'USD' }

  it('say what comes next, where something does', () => {
    expect(textOf('plan-changed', { ...plan, at: NEXT })).toContain('Next payment\n2026-12-05 12:00 UTC')
    expect(textOf('plan-changed', { ...plan, yearly: false, at: null })).not.toContain('Next payment')
    expect(textOf('plan-trial-ending', { ...plan, at: NEXT })).toContain(
      'First payment\n2026-12-05 12:00 UTC',
    )
    expect(textOf('plan-ending', { ...plan, at: NEXT })).toContain('Stays until')
    expect(textOf('plan-ending', { ...plan, at: null })).not.toContain('Stays until')
  })

  it('tell a trial that is over from one that ends', () => {
    const over = textOf('account-trial', { firstName: 'Bo', endsAt: AT, over: true })
    const ends = textOf('account-trial', { firstName: 'Bo', endsAt: NEXT, over: false })
    expect(over).toContain('you are on the plan FREE now')
    expect(ends).toContain('ends on 2026-12-05 12:00 UTC')
  })
})

describe('the mails about a renewal', () => {
  const renewal = { firstName: 'Bo', what: 'Templates', amount: 5_000, currency: 'USD' }

  it('tell a change from a period, and the next payment where there is one', () => {
    const paid = { ...renewal, paidAt: AT }
    expect(textOf('renewal-paid', { ...paid, changed: true, nextAt: null })).toContain('was changed')
    expect(textOf('renewal-paid', { ...paid, changed: false, nextAt: NEXT })).toContain('Next payment')
  })

  it('say whether what it earned is credited', () => {
    const earned = { ...renewal, commission: 1_000, paidAt: AT }
    expect(textOf('renewal-earned', { ...earned, credited: true })).toContain('credited to your balance')
    expect(textOf('renewal-earned', { ...earned, credited: false })).toContain(
      'pending until the hold is over',
    )
  })

  it('that failed say what to do: confirm, pay, or wait for the next try', () => {
    const failed = (more: Partial<MailTemplates['renewal-failed']>) =>
      textOf('renewal-failed', { ...renewal, nextAt: NEXT, ...more } as MailTemplates['renewal-failed'])
    const confirm = failed({ confirm: true, payUrl: 'https://pay.example/1' })
    expect(confirm).toContain('Please confirm your payment of 50.00 USD')
    expect(confirm).toContain('Confirm the payment\nhttps://pay.example/1')
    const pay = failed({ confirm: false, payUrl: 'https://pay.example/1' })
    expect(pay).toContain('Pay it now\nhttps://pay.example/1')
    expect(pay).toContain('tried again on 2026-12-05 12:00 UTC')
    const last = failed({ confirm: false, payUrl: null, nextAt: null })
    expect(last).toContain('It is not tried again')
    expect(last).toContain('https://shop.example/purchases')
  })
})

describe('the mails to affiliates', () => {
  it('say what was decided, and why', () => {
    const reviewed = (status: 'APPROVED' | 'REJECTED' | 'SUSPENDED', again = false, reason = '') =>
      textOf('affiliate-reviewed', { firstName: 'Mira', status, again, reason })
    expect(reviewed('APPROVED')).toContain('Welcome to the affiliate programme')
    expect(reviewed('APPROVED', true)).toContain('no longer suspended')
    expect(reviewed('REJECTED', false, 'Ads on our name')).toContain('Reason\nAds on our name')
    expect(reviewed('SUSPENDED')).toContain('Nothing new is earned meanwhile')
  })

  it('say what became of a commission that was held', () => {
    const judged = (verdict: 'RELEASED' | 'REFUSED') =>
      textOf('commission-judged', {
        firstName: 'Mira',
        verdict,
        amount: 435,
        currency: 'USD',
        reason: 'Looked at',
        commissionId: 'c1',
      })
    expect(judged('RELEASED')).toContain('it is credited to your balance as soon as its hold is over')
    expect(judged('REFUSED')).toContain('it is not paid')
  })
})

describe('the mail about a withdrawal', () => {
  it('shows fee and what arrives where something is kept, and the reference where there is one', () => {
    const paid = { firstName: 'Mira', amount: 5_000, currency: 'USD', reason: '', reference: '' }
    expect(textOf('withdrawal-paid', { ...paid, fee: 125, reference: 'po_1' })).toContain(
      'Fee\n1.25 USD\nYou get\n48.75 USD\nReference\npo_1',
    )
    expect(textOf('withdrawal-paid', paid)).not.toContain('Fee')
  })
})

describe('the mail about a purchase', () => {
  it('says what needs the buyer’s input, and leads into the account they have', () => {
    const ready = (more: Partial<MailTemplates['purchase-ready']>) =>
      textOf('purchase-ready', {
        firstName: 'Bo',
        tokenId: null,
        existingAccount: true,
        workspaceName: 'Templates',
        workspacePublicId: 'w1',
        sellerName: 'Sol',
        amount: 11_500,
        currency: 'USD',
        orderId: 'order-1',
        paidAt: AT,
        funnels: 2,
        pages: 1,
        needsInput: [],
        ...more,
      })
    expect(ready({})).toContain('your password is unchanged')
    expect(ready({})).toContain('https://shop.example/workspaces/w1')
    expect(ready({ needsInput: ['domain', 'tracking'] })).toContain('domain; tracking')
    expect(ready({ tokenId: 't', existingAccount: true })).toContain(
      'Confirm the address by setting a password.',
    )
    expect(ready({ funnels: 1 })).toContain('1 funnel, 1 page')
  })
})

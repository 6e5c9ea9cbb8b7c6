import { expect, it } from 'vitest'
import { accountState, isPayoutKind, isWithdrawalStatus, methodWords } from './withdrawals'

it('says where money goes without saying more than is shown', () => {
  expect(methodWords({ kind: 'PAYPAL', masked: 'p•••@payee.example' })).toBe('PayPal, p•••@payee.example')
  expect(methodWords({ kind: 'MANUAL', masked: '•••' })).toBe('Another way')
})

it('knows the states and ways there are, and nothing every object has', () => {
  expect([isWithdrawalStatus('PAID'), isWithdrawalStatus('toString'), isWithdrawalStatus('')]).toEqual([
    true,
    false,
    false,
  ])
  expect([isPayoutKind('BANK'), isPayoutKind('constructor')]).toEqual([true, false])
})

it('knows how far one is with Stripe', () => {
  const account = { account: 'acct_12345678', detailsSubmitted: false, payoutsEnabled: false }
  const method = { masked: '', createdAt: '', holdUntil: null, ready: true }
  expect(accountState(null, null)).toBe('none')
  expect(accountState(account, null)).toBe('unfinished')
  expect(accountState({ ...account, detailsSubmitted: true }, null)).toBe('checking')
  const paid = { ...account, payoutsEnabled: true }
  expect(accountState(paid, { ...method, kind: 'PAYPAL' })).toBe('ready')
  expect(accountState(paid, { ...method, kind: 'STRIPE' })).toBe('used')
})

import { expect, it } from 'vitest'
import { isPayoutKind, isWithdrawalStatus, methodWords } from './withdrawals'

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

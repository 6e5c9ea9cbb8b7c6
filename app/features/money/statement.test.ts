import { describe, expect, it } from 'vitest'
import { apiFilter, dayAfter, lineWords, readFilter } from './statement'

const filterOf = (query: string) => readFilter(new URLSearchParams(query))

describe('the filter of a statement', () => {
  it('takes type, currency and days from the address, the last day included', () => {
    const filter = filterOf('type=REFUND&currency=USD&from=2026-11-01&until=2026-11-30&cursor=x')
    expect(filter).toEqual({ type: 'REFUND', currency: 'USD', from: '2026-11-01', until: '2026-11-30' })
    expect(apiFilter(filter)).toEqual({
      type: 'REFUND',
      currency: 'USD',
      from: '2026-11-01',
      to: '2026-12-01',
    })
  })

  it.each([
    '',
    'type=&currency=&from=&until=',
    'type=toString&currency=usd&from=2026-02-30&until=tomorrow',
    'from=99999-01-01&until=9999-12-31',
  ])('leaves out what makes no sense: %s', (query) => {
    expect(filterOf(query)).toEqual({})
    expect(apiFilter(filterOf(query))).toEqual({})
  })
})

it.each([
  ['2026-12-31', '2027-01-01'],
  ['2028-02-28', '2028-02-29'],
])('the day after %s is %s', (day, next) => {
  expect(dayAfter(day)).toBe(next)
})

it('says what a line is about by its notes, else by what it refers to', () => {
  const line = {
    id: '1',
    type: 'COMMISSION',
    amount: { amount: 1, currency: 'USD' },
    balanceBefore: { amount: 0, currency: 'USD' },
    balanceAfter: { amount: 1, currency: 'USD' },
    referenceType: 'commission_batch',
    referenceId: 'x',
    notes: '',
    createdAt: '2026-11-21T00:00:00.000Z',
  } as const
  expect(lineWords(line)).toBe('Commission (commission batch)')
  expect(lineWords({ ...line, notes: 'Commission on a sale' })).toBe('Commission on a sale')
})

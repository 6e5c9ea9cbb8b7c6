import { describe, expect, it } from 'vitest'
import { TransactionsFilter } from '../../../server/domain/balance/schemas'
import { explanationOf } from './commissions'
import { apiFilter, dayAfter, lineWords, readFilter, readMonth, readZone } from './statement'

const filterOf = (query: string) => readFilter(new URLSearchParams(query))

describe('the filter of a statement', () => {
  it.each(['1970-01-01', '8999-12-30'])('takes no day that the API refuses: %s is the outermost', (day) => {
    const asked = apiFilter(filterOf(`from=${day}&until=${day}`), 'UTC')
    expect(asked).toMatchObject({ from: day })
    expect(TransactionsFilter.safeParse(asked).success).toBe(true)
  })

  it('takes type, currency and days from the address, the last day included', () => {
    const filter = filterOf('type=REFUND&currency=USD&from=2026-11-01&until=2026-11-30&cursor=x')
    expect(filter).toEqual({ type: 'REFUND', currency: 'USD', from: '2026-11-01', until: '2026-11-30' })
    expect(apiFilter(filter, 'UTC')).toEqual({
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
    'from=1960-01-01&until=0026-11-01',
    'from=9000-01-01&until=8999-12-31',
  ])('leaves out what makes no sense: %s', (query) => {
    expect(filterOf(query)).toEqual({})
    expect(apiFilter(filterOf(query), 'UTC')).toEqual({})
  })
})

it('has its days in the zone that the address names, if there is one', () => {
  const zoneOf = (query: string) => readZone(new URLSearchParams(query))
  expect(zoneOf('timezone=Europe/Berlin')).toBe('Europe/Berlin')
  for (const query of ['', 'timezone=', 'timezone=Mars/Base', 'timezone=%2B02:00'])
    expect(zoneOf(query)).toBe('UTC')
  expect(apiFilter({ from: '2026-11-01' }, 'Europe/Berlin')).toEqual({
    from: '2026-11-01',
    timezone: 'Europe/Berlin',
  })
})

it('is offered for the last month that is over, unless another is asked for', () => {
  const monthOf = (query: string) => readMonth(new URLSearchParams(query), new Date('2026-01-31T12:00:00Z'))
  expect(monthOf('month=2025-03')).toBe('2025-03')
  for (const query of ['', 'month=2025-13', 'month=0001-01', 'month=x'])
    expect(monthOf(query)).toBe('2025-12')
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
  expect(explanationOf(line)).toBe('/balance/commissions?batch=x')
  expect(explanationOf({ ...line, referenceType: 'commission' })).toBe('/balance/commissions/x')
  expect(explanationOf({ ...line, referenceType: 'withdrawal' })).toBeNull()
})

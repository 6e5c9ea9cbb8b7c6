import { expect, it } from 'vitest'
import { readConfig } from '../../server/kit/config'
import { exampleSale } from './example-sale.server'

const config = (env: Record<string, string> = {}) => readConfig(env, () => 'x'.repeat(32))

it('shares a sale at the rates of this installation, and nothing is lost', () => {
  const { price, lines } = exampleSale(config())
  expect(lines.map((line) => [line.rate, line.share.amount])).toEqual([
    ['20 %', 2300],
    ['15 %', 1725],
    ['65 %', 7475],
  ])
  expect(lines.reduce((sum, line) => sum + line.share.amount, 0)).toBe(price.amount)
})

it('writes broken and round rates as they are', () => {
  const { lines } = exampleSale(
    config({ AFFILIATE_COMMISSION_PERCENTAGE: '12.5', REFERRAL_COMMISSION_PERCENTAGE: '0' }),
  )
  expect(lines.map((line) => line.rate)).toEqual(['12.5 %', '0 %', '87.5 %'])
})

import { expect, it } from 'vitest'
import { exampleSale } from './example-sale.server'

it('shares a sale at the rates of this installation, and nothing is lost', () => {
  const { price, lines } = exampleSale({ seller: '20.00', referral: '15.00' })
  expect(lines.map((line) => [line.rate, line.share.amount])).toEqual([
    ['20 %', 2300],
    ['15 %', 1725],
    ['65 %', 7475],
  ])
  expect(lines.reduce((sum, line) => sum + line.share.amount, 0)).toBe(price.amount)
})

it('writes broken and round rates as they are', () => {
  const { lines } = exampleSale({ seller: '12.50', referral: '0.00' })
  expect(lines.map((line) => line.rate)).toEqual(['12.5 %', '0 %', '87.5 %'])
})

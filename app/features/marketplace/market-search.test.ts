import { expect, it } from 'vitest'
import { canonicalQuery, readMarketSearch } from './market-search'

const read = (query: string) => readMarketSearch(new URLSearchParams(query))

it('turns prices as people write them into minor units of the currency beside them', () => {
  expect(read('q=coach&from=10&to=99.50&sort=price').input).toEqual({
    q: 'coach',
    sort: 'price',
    minPrice: 1_000,
    maxPrice: 9_950,
  })
  expect(read('from=500&currency=jpy').input).toEqual({ minPrice: 500, currency: 'JPY' })
})

it('leaves out what cannot be read, and says so beside its field', () => {
  const { input, faults, search } = read(
    'from=x&to=1.005&currency=ZZZ&sort=drop&plan=GOLD&minRating=9&q=a%00b',
  )
  expect(input).toEqual({})
  expect(Object.keys(faults).sort()).toEqual(['currency', 'from', 'minRating', 'plan', 'q', 'sort', 'to'])
  expect(search.narrowed).toBe(true)
})

it('asks for nothing where nothing was chosen', () => {
  expect(read('q=&category=&sort=&from=&to=&currency=&minRating=&plan=&language=')).toMatchObject({
    input: {},
    faults: {},
    search: { narrowed: false },
  })
})

it('has one address, whatever order it came in, with what is not of the search behind it', () => {
  const address = (query: string, options = {}) => canonicalQuery(new URLSearchParams(query), options)
  expect(address('sort=new&q=+a+&plan=&utm_source=x&cursor=c&category=food&tag=')).toBe(
    'q=a&category=food&sort=new&cursor=c&utm_source=x',
  )
  expect(address('category=food&cursor=c&q=b', { category: false, cursor: false })).toBe('q=b')
  expect(address(address('to=2&from=1&referral=r'))).toBe('from=1&to=2&referral=r')
})

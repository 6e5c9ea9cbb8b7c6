import { expect, it } from 'vitest'
import { paths, withQuery } from './paths'

it('escapes what is not ours in an address', () => {
  expect(paths.buy('a/b?c')).toBe('/buy/a%2Fb%3Fc')
  expect(paths.published('shop', 'launch')).toBe('/w/shop/launch')
  expect(paths.published('shop', 'launch', 'home')).toBe('/w/shop/launch/home')
  expect(paths.signIn('/balance?cursor=x&y')).toBe('/auth/sign-in?redirectTo=%2Fbalance%3Fcursor%3Dx%26y')
})

it('adds to a query without losing what is there', () => {
  expect(withQuery('/sales', {})).toBe('/sales')
  expect(withQuery('/sales?a=1', { b: '2', c: undefined })).toBe('/sales?a=1&b=2')
})

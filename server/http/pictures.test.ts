import { Hono } from 'hono'
import { beforeAll, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { samplePicture } from '../../db/testing/factories/picture'
import { storePicture } from '../domain/picture'
import { DomainError } from '../kit/errors'
import type { HttpEnv } from './env'
import { servePictures } from './pictures'

const database = useDatabase()
let ctx: TestContext
const serve = (base: TestContext) => {
  const app = new Hono<HttpEnv>()
  servePictures(app, base)
  return (path: string, headers: Record<string, string> = {}) => app.request(path, { headers })
}
beforeAll(() => {
  ctx = testContext(database.db)
})

it('serves a picture for good, as nothing but a picture', async () => {
  const { address } = await storePicture(ctx, await samplePicture(1))
  const answer = await serve(ctx)(address)
  expect(answer.status).toBe(200)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/webp',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
  })
  expect((await answer.arrayBuffer()).byteLength).toBe(Number(answer.headers.get('content-length')))
  const tag = answer.headers.get('etag') ?? ''
  expect((await serve(ctx)(address, { 'if-none-match': tag })).status).toBe(304)
})

it.each([
  '/pictures/x.webp',
  `/pictures/${'ab'.repeat(32)}-40x30.webp`,
  `/pictures/${'ab'.repeat(32)}-40x30.svg`,
  `/pictures/..%2f..%2fapp-secret`,
  `/pictures/${'ab'.repeat(32)}-0.webp`,
])('has nothing at %s', async (path) => {
  expect((await serve(ctx)(path)).status).toBe(404)
})

it('asks to wait while the store is away', async () => {
  const read = async () => {
    throw new DomainError(503, 'PICTURES_UNAVAILABLE', 'Away.', { retryAfter: 5 })
  }
  const away = { ...ctx, outside: { ...ctx.outside, pictures: { ...ctx.outside.pictures, read } } }
  const answer = await serve(away)(`/pictures/${'ab'.repeat(32)}-40x30.webp`)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
})

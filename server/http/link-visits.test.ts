import { Hono } from 'hono'
import { beforeEach, expect, it } from 'vitest'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeBareWorkspace, makeSeller } from '../../db/testing/factories/affiliate'
import { generateAffiliateLink, readLink } from '../domain/affiliate'
import type { ApiContext } from '../trpc'
import type { HttpEnv } from './env'
import { countLinkVisit } from './link-visits'

const database = useDatabase()
const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36'

let token: string
let clicks: () => Promise<number>
let failures: unknown[]
let http: Hono<HttpEnv>

beforeEach(async () => {
  const world = testContext(database.db)
  const seller = await makeSeller(world)
  const ctx = world.as(seller.actor)
  const { publicId } = await makeBareWorkspace(world, seller.id)
  const link = await generateAffiliateLink(ctx, { name: 'Launch', workspaceId: publicId })
  token = link.token
  clicks = async () => (await readLink(ctx, { id: link.id })).clicks
  failures = []
  http = new Hono<HttpEnv>()
  http.all('*', async (call) => {
    const request = { address: call.req.header('x-from') ?? '192.0.2.9', limit: async () => {} }
    await countLinkVisit(call, { ...world, request } as unknown as ApiContext, !call.req.query('gone'))
    const failure = call.get('failure')
    if (failure !== undefined) failures.push(failure)
    return call.text('page')
  })
})

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  http.request(`http://shop.example${path}`, { method, headers: { 'user-agent': CHROME, ...headers } })

it('a visit of a link’s page is a click, and nothing is set on the device, whatever its browser signals', async () => {
  const answers = [
    await ask(`/buy/${token}`),
    await ask(`/buy/${token}?cancelled=1`),
    await ask(`/buy/${token}`, { 'x-from': '192.0.2.10', dnt: '1', 'sec-gpc': '1' }),
  ]
  expect(answers.map(({ headers }) => headers.get('set-cookie'))).toEqual([null, null, null])
  expect(await clicks()).toBe(2)
})

it.each([
  ['a form', '', {}, 'POST'],
  ['a look at the head', '', {}, 'HEAD'],
  ['a look ahead', '', { 'sec-purpose': 'prefetch' }, 'GET'],
  ['a request for data', '?_data=routes/buy', {}, 'GET'],
  ['a request by a script', '', { 'sec-fetch-mode': 'cors' }, 'GET'],
  ['a machine', '', { 'user-agent': 'WhatsApp/2.23' }, 'GET'],
  ['a page that is no longer there', '?gone=1', {}, 'GET'],
] as const)('%s is none', async (_, query, headers, method) => {
  await ask(`/buy/${token}${query}`, headers, method)
  expect(await clicks()).toBe(0)
})

it('other pages count nothing, and what cannot be counted fails no page', async () => {
  for (const path of ['/buy/success', '/links', `/x/buy/${token}`]) await ask(path)
  expect(failures).toEqual([])
  expect((await ask(`/buy/${token.slice(0, -3)}`)).status).toBe(200)
  expect(failures).toMatchObject([{ code: 'LINK_INVALID' }])
  expect(await clicks()).toBe(0)
})

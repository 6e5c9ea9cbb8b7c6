import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { webhookEvents } from '../../db/schema'
import { testClock, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { signedHeaders } from '../../db/testing/factories/payment'
import { processWebhook } from '../domain/webhook'
import type { PaymentProvider } from '../kit/ports'
import { createMamoProvider } from '../providers/mamopay'
import { createStripeProvider } from '../providers/stripe'
import type { ApiContext } from '../trpc'
import { answerWebhook } from './webhook'

const database = useDatabase()
const SECRET = 'a-secret-mamopay-sends-along'

/** Where they ask, nothing is known. */
const remote = createServer((request, response) => {
  request.resume()
  const body = {
    error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such thing' },
  }
  response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(body))
})
let providers: readonly PaymentProvider[] = []
beforeAll(async () => {
  await new Promise<void>((resolve) => remote.listen(0, '127.0.0.1', resolve))
  const apiBase = `http://127.0.0.1:${(remote.address() as AddressInfo).port}`
  const at = { apiBase, mode: 'sandbox' as const }
  providers = [
    createStripeProvider({ secretKey: 'sk_test_x', webhookSecrets: ['whsec_sandbox'], ...at }),
    createMamoProvider({ apiKey: 'sk-x', webhookSecrets: [SECRET], ...at }),
  ]
})
afterAll(() => {
  remote.closeAllConnections()
  remote.close()
})

const folder = process.env.SAMPLES_DIR
const samplesOf = (...path: string[]): readonly (readonly [name: string, body: string])[] => {
  const at = folder === undefined ? null : join(folder, ...path)
  if (at === null || !existsSync(at)) return []
  return readdirSync(at)
    .filter((name) => name.endsWith('.json') && name !== 'index.json')
    .map((name) => [name, readFileSync(join(at, name), 'utf8')])
}

const ctx = () =>
  testContext(database.db, {
    // After the latest of them was made.
    clock: testClock(new Date('2030-01-01T00:00:00.000Z')),
    outside: { payments: new Map(providers.map((provider) => [provider.name, provider])) },
  })
const post = async (provider: string, body: string, headers: Headers) => {
  const api: ApiContext = {
    ...ctx(),
    request: {
      address: '127.0.0.1',
      idempotencyKey: null,
      sessionId: null,
      setCookie: () => {},
      limit: async () => {},
    },
  }
  const request = new Request(`http://localhost/webhooks/${provider}`, { method: 'POST', headers, body })
  const answer = await answerWebhook(api, request, provider)
  return { status: answer.status, body: (await answer.json()) as { received?: string } }
}

/** What waits for something that is not there is right to wait; anything else thrown is a fault. */
const WAITS = /not settled yet|waits|not known|no payment|cannot be reached|PROVIDER_UNAVAILABLE/i

const outcomes = async (provider: string): Promise<Record<string, number>> => {
  const counted: Record<string, number> = {}
  const count = (name: string) => {
    counted[name] = (counted[name] ?? 0) + 1
  }
  for (const { id, type } of await database.db
    .select()
    .from(webhookEvents)
    .where(and(eq(webhookEvents.provider, provider), eq(webhookEvents.status, 'RECEIVED'))))
    try {
      await processWebhook(ctx(), id, 20)
      count('done')
    } catch (error) {
      expect([type, String(error)]).toEqual([type, expect.stringMatching(WAITS)])
      count('waiting')
    }
  return counted
}

describe.skipIf(folder === undefined)('every sample of a webhook', () => {
  it('of Stripe is taken in and processed, ignored, or waits; only what is no such event is refused', async () => {
    const refused: string[] = []
    const samples = samplesOf('stripe', 'events')
    for (const [name, written] of samples) {
      // Samples of the live mode are told apart by that alone.
      const body = written.replace(/"livemode"\s*:\s*true/g, '"livemode":false')
      const { status } = await post('stripe', body, signedHeaders(body, ctx().now()))
      expect([name, status]).toEqual([name, status === 400 ? 400 : 200])
      if (status === 400) refused.push(name)
    }
    expect(samples.length).toBeGreaterThan(0)
    expect(refused.filter((name) => !name.startsWith('thin'))).toEqual([])
    expect((await outcomes('stripe')).done).toBeGreaterThan(0)
  })

  it('of MamoPay is taken in and set aside or ignored: none can be read back', async () => {
    const headers = new Headers({ authorization: SECRET, 'content-type': 'application/json' })
    const samples = samplesOf('mamopay', 'webhooks')
    for (const [name, body] of samples)
      expect([name, (await post('mamopay', body, headers)).status]).toEqual([name, 200])
    expect(samples.length).toBeGreaterThan(0)
    expect(await outcomes('mamopay')).not.toHaveProperty('waiting')
    // Nothing is believed that cannot be read back.
    const believed = await database.db
      .select({ type: webhookEvents.type })
      .from(webhookEvents)
      .where(and(eq(webhookEvents.provider, 'mamopay'), eq(webhookEvents.status, 'PROCESSED')))
    expect(believed).toEqual([])
  })
})

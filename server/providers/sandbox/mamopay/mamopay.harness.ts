import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { expect } from 'vitest'
import type { Db } from '../../../../db/client'
import { sandboxDeliveries } from '../../../../db/schema'
import { systemRandom } from '../../../kit/context'
import { createLog } from '../../../kit/log'
import type { PaymentProvider } from '../../../kit/ports'
import { createMamoProvider } from '../../mamopay'
import { startSandbox } from '..'
import { answerOf, type Take } from '../sandbox.harness'

export const MAMO_KEY = 'sk-sandbox-key'
export const MAMO_SECRET = 'a-secret-mamopay-sends-along'

export interface Hook {
  readonly body: string
  readonly headers: Headers
  readonly type: string
  readonly object: Record<string, unknown>
}

export interface MamoHarness {
  readonly provider: PaymentProvider
  /** What the application was sent. */
  readonly hooks: Hook[]
  /** Statuses of the application to come; 200 when there are none. */
  readonly answers: number[]
  readonly appUrl: string
  /** MamoPay's address, with its path. */
  readonly base: string
  readonly api: (method: string, path: string, body?: unknown, key?: string) => Promise<Response>
  readonly form: (path: string, fields?: Record<string, string>) => Promise<Response>
  /** Lets something go wrong at MamoPay, once with anything unless said otherwise. */
  readonly arm: (fault: string, more?: Record<string, string>) => Promise<void>
  readonly get: (path: string) => Promise<string>
  /** Pays a link on its page; the address the payer is sent to. */
  readonly pay: (url: string, fields?: Record<string, string>) => Promise<string>
  /** Waits until everything on its way has come. */
  readonly settled: () => Promise<void>
  readonly stop: () => Promise<void>
}

const CARD = {
  email: 'ann@example.com',
  number: '4659 1055 6905 1157',
  expiry: '01/28',
  cvc: '123',
  name: 'Ann',
}

/** A sandbox, the provider that talks to it over the network, and a small application that takes its webhooks. */
export const startMamoHarness = async (db: Db, now: () => Date, take?: Take): Promise<MamoHarness> => {
  const hooks: Hook[] = []
  const answers: number[] = []
  const hook = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      const object = JSON.parse(body) as Record<string, unknown>
      const headers = new Headers(
        Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
      )
      void answerOf(answers, take, body, request.headers).then((status) => {
        if (status === 200) hooks.push({ body, headers, type: String(object.event_type), object })
        response.writeHead(status).end()
      })
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const webhookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/webhooks/mamopay`
  const app = new Hono()
  const web = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server))
  })
  const appUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  const sandbox = await startSandbox({
    db,
    appUrl,
    webhookUrl: 'http://127.0.0.1:9/',
    stripeSecretKey: 'sk_test_unused',
    stripeWebhookSecret: 'whsec_unused',
    mamo: { webhookUrl, apiKey: MAMO_KEY, webhookSecret: MAMO_SECRET },
    log: createLog('silent'),
    now,
    random: systemRandom,
  })
  app.route('/sandbox', sandbox.pages)
  const form = (path: string, fields: Record<string, string> = {}) =>
    fetch(new URL(path, appUrl), { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  return {
    provider: createMamoProvider({
      apiKey: MAMO_KEY,
      webhookSecrets: [MAMO_SECRET],
      apiBase: sandbox.mamoBase,
      mode: 'sandbox',
    }),
    hooks,
    answers,
    appUrl,
    base: sandbox.mamoBase,
    api: (method, path, body, key = MAMO_KEY) =>
      fetch(`${sandbox.mamoBase}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    form,
    arm: async (fault, more = {}) => {
      const answer = await form('/sandbox/faults', { provider: 'mamopay', fault, ...more })
      if (answer.status !== 303) throw new Error(`${fault} was not armed: ${answer.status}`)
    },
    get: async (path) => (await fetch(new URL(path, appUrl))).text(),
    pay: async (url, fields = {}) => {
      const answer = await form(url, { ...CARD, ...fields })
      expect(answer.status).toBe(303)
      return answer.headers.get('location') ?? ''
    },
    settled: () =>
      expect
        .poll(
          async () => {
            const rows = await db
              .select()
              .from(sandboxDeliveries)
              .where(eq(sandboxDeliveries.delivered, false))
            return rows.filter(({ nextAttemptAt }) => nextAttemptAt !== null).length
          },
          { timeout: 20_000 },
        )
        .toBe(0),
    stop: async () => {
      await sandbox.stop()
      for (const server of [hook, web]) {
        server.close()
        if ('closeAllConnections' in server) server.closeAllConnections()
      }
    },
  }
}

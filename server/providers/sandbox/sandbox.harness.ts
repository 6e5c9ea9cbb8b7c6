import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { Db } from '../../../db/client'
import { systemRandom } from '../../kit/context'
import { createLog } from '../../kit/log'
import type { CheckoutRequest, PaymentProvider, ProviderEvent } from '../../kit/ports'
import { createStripeProvider, type StripeProvider } from '../stripe'
import { type Sandbox, startSandbox } from '.'

const SECRET_KEY = 'sk_test_sandbox'
const WEBHOOK_SECRET = 'whsec_sandbox'

export interface Received {
  readonly body: string
  readonly headers: Headers
  readonly type: string
  readonly event: ProviderEvent
  readonly object: Record<string, unknown>
}

/** A sandbox, the provider that talks to it, and a small application that takes its webhooks. */
export interface Harness {
  readonly sandbox: Sandbox
  readonly provider: StripeProvider
  readonly received: Received[]
  readonly appUrl: string
  /** Waits until as many events of these types have come. */
  readonly until: (type: string, count?: number) => Promise<Received>
  /** Answers of the application to come, by status; 200 when there are none. */
  readonly answers: number[]
  readonly form: (path: string, fields: Record<string, string>) => Promise<Response>
  /** Lets something go wrong at Stripe, once with anything unless said otherwise. */
  readonly arm: (fault: string, more?: Record<string, string>) => Promise<void>
  readonly get: (path: string) => Promise<string>
  readonly api: (
    method: string,
    path: string,
    body?: string,
    headers?: Record<string, string>,
  ) => Promise<Response>
  readonly stop: () => Promise<void>
}

/** @param take the application; without one a webhook is only noted, and answered 200 */
export const startHarness = async (db: Db, now: () => Date, take?: Take): Promise<Harness> => {
  const received: Received[] = []
  const answers: number[] = []
  let provider: StripeProvider | undefined
  const hook = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      void answerOf(answers, take, body, request.headers).then((status) => {
        if (status === 200 && provider) received.push(read(provider, body, request.headers, now))
        response.writeHead(status, { location: '/elsewhere' }).end()
      })
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const webhookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/webhooks/stripe`
  const app = new Hono()
  const web = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server))
  })
  const appUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  const sandbox = await startSandbox({
    db,
    appUrl,
    webhookUrl,
    stripeSecretKey: SECRET_KEY,
    stripeWebhookSecret: WEBHOOK_SECRET,
    log: createLog('silent'),
    now,
    random: systemRandom,
  })
  app.route('/sandbox', sandbox.pages)
  provider = createStripeProvider({
    secretKey: SECRET_KEY,
    webhookSecrets: [WEBHOOK_SECRET],
    apiBase: sandbox.apiBase,
    mode: 'sandbox',
  })
  const until = async (type: string, count = 1): Promise<Received> => {
    for (let left = 500; left > 0; left -= 1) {
      const found = received.filter((one) => one.type === type)
      const last = found[count - 1]
      if (last) return last
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`${type} did not come`)
  }
  const form = (path: string, fields: Record<string, string>) =>
    fetch(`${appUrl}${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  return {
    sandbox,
    provider,
    received,
    appUrl,
    until,
    answers,
    form,
    arm: async (fault, more = {}) => {
      const answer = await form('/sandbox/faults', { provider: 'stripe', fault, ...more })
      if (answer.status !== 303) throw new Error(`${fault} was not armed: ${answer.status}`)
    },
    get: async (path) => (await fetch(`${appUrl}${path}`)).text(),
    api: (method, path, body, headers = {}) =>
      fetch(`${sandbox.apiBase}${path}`, {
        method,
        ...(body === undefined ? {} : { body }),
        headers: {
          authorization: `Bearer ${SECRET_KEY}`,
          ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      }),
    stop: async () => {
      await sandbox.stop()
      for (const server of [hook, web]) {
        server.close()
        if ('closeAllConnections' in server) server.closeAllConnections()
      }
    },
  }
}

/** What takes the webhooks; its answer's status is what the sandbox hears. */
export type Take = (webhook: Request) => Promise<Response>

/** What the application answers: what the test wants next, else what it says itself. */
export const answerOf = async (
  answers: number[],
  take: Take | undefined,
  body: string,
  given: Record<string, string | string[] | undefined>,
): Promise<number> => {
  const wanted = answers.shift()
  if (wanted !== undefined || take === undefined) return wanted ?? 200
  const headers = Object.entries(given).map(([name, value]): [string, string] => [name, String(value)])
  return (await take(new Request('http://127.0.0.1/webhooks', { method: 'POST', body, headers }))).status
}

/** A refused signature throws here, and the delivery fails. */
const read = (
  provider: PaymentProvider,
  body: string,
  given: Record<string, string | string[] | undefined>,
  now: () => Date,
): Received => {
  const headers = new Headers(
    Object.entries(given).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const { type } = provider.verifyWebhook({ body, headers, receivedAt: now() })
  const object = (JSON.parse(body) as { data: { object: Record<string, unknown> } }).data.object
  return { body, headers, type, event: provider.readEvent(body), object }
}

export const PAYMENT = {
  email: 'ann@example.com',
  number: '4242 4242 4242 4242',
  expiry: '12/34',
  cvc: '123',
  name: 'Ann',
}

export const checkoutOf = (now: Date, changes: Partial<CheckoutRequest> = {}): CheckoutRequest => ({
  orderId: 'order-1',
  customerRef: null,
  email: 'ann@example.com',
  title: 'Workspace <b>Acme</b>',
  description: 'Everything & more',
  price: { amount: 3000n, currency: 'USD' },
  recurring: null,
  successUrl: 'https://app.example/ok?session_id={CHECKOUT_SESSION_ID}',
  cancelUrl: 'https://app.example/no',
  expiresAt: new Date(now.getTime() + 3_600_000),
  metadata: { userId: 'u1' },
  clientReference: null,
  idempotencyKey: `key-${Math.random()}`,
  ...changes,
})

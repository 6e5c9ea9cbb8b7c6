import { createHmac, randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'

/** What a client is told to do. */
export interface Order {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly secret: string
  /** Unix seconds of the signatures. */
  readonly at: number
}

// A process of its own, so that what sends does not share the processor with what answers.
process.on('message', (order: Order) => {
  void send(order).then(
    (perSecond) => process.send?.({ perSecond }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})

const send = async ({ url, connections, seconds, secret, at }: Order): Promise<number> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const until = performance.now() + seconds * 1000
  let done = 0
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      const body = eventBody(at)
      const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
      const status = await post(agent, url, body, `t=${at},v1=${signature}`)
      if (status !== 200) throw new Error(`a webhook was answered ${status}`)
      done += 1
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: connections }, client))
  agent.destroy()
  return (done / (performance.now() - start)) * 1000
}

const post = (agent: Agent, url: string, body: string, signature: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'stripe-signature': signature,
    }
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** An event of the size of a usual one, 3 KB. */
const eventBody = (created: number): string =>
  JSON.stringify({
    id: `evt_${randomUUID()}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created,
    livemode: false,
    type: 'charge.succeeded',
    data: { object: { id: 'ch_1', object: 'charge', description: 'x'.repeat(2_800) } },
  })

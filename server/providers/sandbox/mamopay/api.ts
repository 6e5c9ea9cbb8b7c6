import { type Context as Call, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Db } from '../../../../db/client'
import { equalSecrets } from '../../../kit/crypto'
import type { Log } from '../../../kit/log'
import { meetFaults } from '../call-faults'
import type { World } from '../world'
import { chargeOf, presentCharge, refundMamo } from './charges'
import { disburse, presentDisbursement } from './disbursements'
import { changeLink, checked, createLink, linkOf, presentLink } from './links'
import { changeMamo, countMamo, findMamo, listMamo, type MamoType, removeMamo } from './store'
import {
  newSubscription,
  SubscriptionTerms,
  subscribersOf,
  subscriptionPayments,
  unsubscribe,
} from './subscriptions'
import { changeWebhook, registerWebhook } from './webhooks'
import { MamoError, unknownRecord } from './world'

/** Where it stands at MamoPay's host, and here. */
export const MAMO_PATH = '/manage_api/v1'

type Work = (world: World, call: Call, body: unknown) => Promise<unknown>

/** As much of MamoPay's HTTP interface as the application uses and a little around it, with its own refusals. */
export const createMamoApi = (
  world: World & { readonly db: Db },
  options: { readonly apiKey: string; readonly log: Log; readonly wake: () => void },
): Hono => {
  const api = new Hono().basePath(MAMO_PATH)
  api.use(
    meetFaults(world, {
      provider: 'mamopay',
      prefix: `${MAMO_PATH}/`,
      fail: async (call) => call.json({ status: 500, error: 'Internal Server Error' }, 500),
    }),
  )
  api.use(bodyLimit({ maxSize: 1024 * 1024 }))
  api.use(async (call, next) => {
    if (!equalSecrets(call.req.header('authorization') ?? '', `Bearer ${options.apiKey}`))
      return call.json(UNAUTHORIZED, 403)
    await next()
  })
  api.notFound((call) => call.json({ status: 404, error: 'Not Found' }, 404))
  api.onError((error, call) => {
    if (error instanceof MamoError) return call.json(error.body, error.status)
    options.log.error({ error }, 'The sandbox failed.')
    return call.json({ status: 500, error: 'Internal Server Error' }, 500)
  })

  const on = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, work: Work) =>
    api.on(method, path, async (call) => {
      const body = method === 'POST' || method === 'PATCH' ? await readBody(call) : null
      const answer = await world.db.transaction((db) => work({ ...world, db }, call, body))
      if (method !== 'GET') options.wake()
      return call.json(answer as object)
    })

  on('GET', '/me', async () => ({
    business_name: 'Sandbox',
    business_tag: 'sandbox',
    website: new URL(world.pagesUrl).origin,
  }))

  on('POST', '/links', async (inside, _call, body) =>
    presentLink(inside, await createLink(inside, body), false),
  )
  on('GET', '/links', (inside, call) =>
    paged(inside, call, 'link', (link) => presentLink(inside, link, false)),
  )
  on('GET', '/links/:id', async (inside, call) => presentLink(inside, await linkOf(inside, idIn(call)), true))
  on('PATCH', '/links/:id', async (inside, call, body) =>
    presentLink(inside, await changeLink(inside, idIn(call), body), false),
  )
  on('DELETE', '/links/:id', async (inside, call) => {
    await changeMamo(inside, await linkOf(inside, idIn(call), true), { active: false })
    return { success: true }
  })

  for (const [path, name] of [
    ['charges', 'Charge'],
    ['payments', 'Payment'],
  ] as const) {
    on('GET', `/${path}`, (inside, call) =>
      paged(inside, call, 'charge', async (charge) => presentCharge(charge, 'read')),
    )
    on('GET', `/${path}/:id`, async (inside, call) =>
      presentCharge(await chargeOf(inside, idIn(call), name), 'read'),
    )
    on('POST', `/${path}/:id/refunds`, async (inside, call, body) => {
      const { amount } = (body ?? {}) as { amount?: unknown }
      await refundMamo(inside, idIn(call), amount ?? null, 'api')
      return { refund_amount: amount, refund_status: 'success' }
    })
  }

  on('POST', '/disbursements', (inside, _call, body) => disburse(inside, body))
  on('GET', '/disbursements/:id', async (inside, call) => {
    const found = await findMamo(inside, 'disbursement', idIn(call))
    if (found === null) throw unknownRecord('Merchant::Disbursement')
    return presentDisbursement(found)
  })

  on(
    'POST',
    '/subscriptions',
    async (inside, _call, body) => (await newSubscription(inside, checked(SubscriptionTerms, body))).terms,
  )
  on('GET', '/subscriptions/:id/subscribers', (inside, call) => subscribersOf(inside, idIn(call)))
  on('GET', '/subscriptions/:id/payments', (inside, call) => subscriptionPayments(inside, idIn(call)))
  on('DELETE', '/subscriptions/:id/subscribers/:subscriber', async (inside, call) => {
    await unsubscribe(inside, call.req.param('subscriber') ?? '')
    return { success: true }
  })

  on('GET', '/webhooks', (inside) => listMamo(inside, 'webhook'))
  on('POST', '/webhooks', (inside, _call, body) => registerWebhook(inside, body))
  on('PATCH', '/webhooks/:id', (inside, call, body) => changeWebhook(inside, idIn(call), body))
  on('DELETE', '/webhooks/:id', async (inside, call) => {
    const webhook = await findMamo(inside, 'webhook', idIn(call))
    if (webhook === null) throw unknownRecord('Webhook')
    await removeMamo(inside, webhook.id)
    return { success: true }
  })
  return api
}

const UNAUTHORIZED = { messages: ['Unauthorized'], error_code: 'UNAUTHORIZED' }

const idIn = (call: Call): string => call.req.param('id') ?? ''

const readBody = async (call: Call): Promise<unknown> => {
  const written = await call.req.text()
  if (written === '') return {}
  try {
    return JSON.parse(written) as unknown
  } catch {
    throw new MamoError(500, { status: 500, error: 'Internal Server Error' })
  }
}

const paged = async (
  world: World,
  call: Call,
  type: MamoType,
  present: (object: { readonly id: string }) => Promise<unknown>,
) => {
  const page = positive(call.req.query('page'), 1, 1_000_000)
  const perPage = positive(call.req.query('per_page'), 10, 100)
  const offset = (page - 1) * perPage
  const [objects, total] = [
    await listMamo(world, type, {}, { limit: perPage, offset }),
    await countMamo(world, type),
  ]
  const pages = Math.max(1, Math.ceil(total / perPage))
  return {
    data: await Promise.all(objects.map(present)),
    pagination_meta: {
      page,
      per_page: perPage,
      total_pages: pages,
      next_page: page < pages ? page + 1 : null,
      prev_page: page > 1 ? page - 1 : null,
      from: objects.length === 0 ? 0 : offset + 1,
      to: offset + objects.length,
      total_count: total,
    },
  }
}

const positive = (value: string | undefined, fallback: number, most: number): number => {
  const number = Number(value ?? fallback)
  return Number.isInteger(number) && number >= 1 ? Math.min(number, most) : fallback
}

import { type Context as Call, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { z } from 'zod'
import type { Db } from '../../../db/client'
import { equalSecrets } from '../../kit/crypto'
import type { Log } from '../../kit/log'
import { createAccount, createAccountLink } from './accounts'
import { ApiError, badParameter, missing } from './api-error'
import { meetFaults } from './call-faults'
import { createCoupon } from './coupons'
import { listEvents } from './event-list'
import { emit } from './events'
import { expand, type ListObject, lineItems, toList } from './expand'
import { takeFault } from './faults'
import { type FormValue, parseForm } from './form'
import { type Answer, once, remember } from './idempotency'
import {
  CancelSubscription,
  ChangeSubscription,
  checkParameters,
  ListCharges,
  ListEvents,
  ListInvoicePayments,
  ListLineItems,
  ListPrices,
  ListRefunds,
  ListTransfers,
  NewAccount,
  NewAccountLink,
  NewCoupon,
  NewCustomer,
  NewPortalSession,
  NewPrice,
  NewRefund,
  NewReversal,
  NewSession,
  NewTransfer,
  Nothing,
  PreviewInvoice,
} from './parameters'
import { newCustomer } from './payment-objects'
import { createPortalSession } from './portal'
import { createPrice, pricesOf } from './prices'
import { createRefund } from './refunds'
import { createSession, currentSession, expireSession } from './sessions'
import { addObject, findObject, listObjects } from './store'
import { cancelSubscription, previewInvoice, updateSubscription } from './subscriptions'
import { createTransfer, reverseTransfer } from './transfers'
import { API_VERSION, newRef, type StripeObject, type World } from './world'

/** An answer; an account link has no id. */
type Result = StripeObject | ListObject | (Record<string, unknown> & { readonly object: string })
type Work<S extends z.ZodType> = (world: World, input: z.infer<S>, id: string) => Promise<Result>
type Parameters = z.ZodType<{ expand?: string[] | undefined }>

/** As much of Stripe's HTTP interface as the application uses, with its own refusals. */
export const createApi = (
  world: World & { readonly db: Db },
  options: { readonly secretKey: string; readonly log: Log; readonly wake: () => void },
): Hono => {
  const api = new Hono()
  api.use(
    meetFaults(world, {
      provider: 'stripe',
      prefix: '/v1/',
      fail: async (c) => {
        const failure = new ApiError(500, 'Something went wrong on our side.', { type: 'api_error' })
        await remember(world, c.req.header('idempotency-key') ?? '', { status: 500, body: failure.body })
        return c.json(failure.body, 500)
      },
    }),
  )
  api.use(bodyLimit({ maxSize: 1024 * 1024 }))
  api.use(async (c, next) => {
    c.header('request-id', newRef(world, 'req'))
    c.header('stripe-version', c.req.header('stripe-version') ?? API_VERSION)
    if (!isKey(c, options.secretKey))
      throw new ApiError(
        401,
        'Invalid API Key provided. Send the secret key in the Authorization header (Bearer).',
      )
    await next()
  })
  api.notFound((c) => {
    const message = `Unrecognized request URL (${c.req.method}: ${c.req.path}).`
    return c.json(new ApiError(404, message).body, 404)
  })
  api.onError((error, c) => {
    if (error instanceof ApiError) return c.json(error.body, error.status as 400)
    options.log.error({ error }, 'The sandbox failed.')
    return c.json(new ApiError(500, 'The sandbox failed.', { type: 'api_error' }).body, 500)
  })

  const get = <S extends Parameters>(path: string, schema: S, work: Work<S>) =>
    api.get(path, async (c) => {
      const input = checkParameters(schema, parseForm(new URL(c.req.url).search.slice(1)))
      const answer = await world.db.transaction((db) => run({ ...world, db }, work, input, idIn(c)))
      return reply(c, answer)
    })
  const post = <S extends Parameters>(path: string, schema: S, work: Work<S>) =>
    api.post(path, async (c) => {
      const encoded = await c.req.text()
      const input = checkParameters(schema, parseBody(c, encoded))
      const doIt = (inside: World) => run(inside, work, input, idIn(c))
      const key = c.req.header('idempotency-key')
      const answer =
        key === undefined
          ? await world.db.transaction((db) => doIt({ ...world, db }))
          : await once(world, key, `${c.req.path}\n${encoded}`, doIt)
      if (key !== undefined) c.header('idempotency-key', key)
      options.wake()
      return reply(c, answer)
    })
  const remove = <S extends Parameters>(path: string, schema: S, work: Work<S>) =>
    api.delete(path, async (c) => {
      const input = checkParameters(schema, parseBody(c, await c.req.text()))
      const answer = await world.db.transaction((db) => run({ ...world, db }, work, input, idIn(c)))
      options.wake()
      return reply(c, answer)
    })
  const retrieve = (path: string, type: string) =>
    get(`/v1/${path}/:id`, Nothing, async (inside, _input, id) =>
      known(await findObject(inside, id, type), type, id),
    )

  post('/v1/customers', NewCustomer, async (inside, input) => {
    const customer = await addObject(inside, newCustomer(inside, input))
    await emit(inside, 'customer.created', customer)
    return customer
  })
  post('/v1/checkout/sessions', NewSession, createSession)
  get('/v1/checkout/sessions/:id', Nothing, async (inside, _input, id) =>
    known(await currentSession(inside, id), 'checkout.session', id),
  )
  post('/v1/checkout/sessions/:id/expire', Nothing, (inside, _input, id) => expireSession(inside, id))
  get('/v1/checkout/sessions/:id/line_items', ListLineItems, async (inside, _input, id) => {
    known(await findObject(inside, id, 'checkout.session'), 'checkout.session', id)
    return lineItems(inside, id)
  })
  retrieve('customers', 'customer')
  retrieve('payment_intents', 'payment_intent')
  retrieve('charges', 'charge')
  retrieve('invoices', 'invoice')
  retrieve('subscriptions', 'subscription')
  post('/v1/subscriptions/:id', ChangeSubscription, updateSubscription)
  remove('/v1/subscriptions/:id', CancelSubscription, (inside, _input, id) => cancelSubscription(inside, id))
  retrieve('balance_transactions', 'balance_transaction')
  retrieve('refunds', 'refund')
  retrieve('disputes', 'dispute')
  retrieve('events', 'event')
  post('/v1/invoices/create_preview', PreviewInvoice, previewInvoice)
  post('/v1/coupons', NewCoupon, createCoupon)
  retrieve('coupons', 'coupon')
  post('/v1/prices', NewPrice, createPrice)
  retrieve('prices', 'price')
  get('/v1/prices', ListPrices, async (inside, input) =>
    toList(await pricesOf(inside, input), '/v1/prices', input.limit ?? 10),
  )
  post('/v1/billing_portal/sessions', NewPortalSession, createPortalSession)
  post('/v1/refunds', NewRefund, createRefund)
  get('/v1/refunds', ListRefunds, async (inside, input) => {
    for (const [type, id] of [
      ['charge', input.charge],
      ['payment_intent', input.payment_intent],
    ] as const)
      if (id !== undefined) known(await findObject(inside, id, type), type, id)
    const where = { charge: input.charge, payment_intent: input.payment_intent }
    const query = { types: ['refund'], where, startingAfter: input.starting_after, limit: input.limit ?? 10 }
    return toList(await listObjects(inside, query), '/v1/refunds', query.limit)
  })
  post('/v1/accounts', NewAccount, createAccount)
  retrieve('accounts', 'account')
  post('/v1/account_links', NewAccountLink, createAccountLink)
  api.on('POST', '/v1/transfers', async (_c, next) => {
    if (await takeFault(world, 'stripe', ['balance'], { kind: 'transfers', ref: '' })) throw UNCOVERED
    await next()
  })
  post('/v1/transfers', NewTransfer, createTransfer)
  retrieve('transfers', 'transfer')
  get('/v1/transfers', ListTransfers, async (inside, input) => {
    const where = { destination: input.destination, transfer_group: input.transfer_group }
    const query = {
      types: ['transfer'],
      where,
      startingAfter: input.starting_after,
      limit: input.limit ?? 10,
    }
    return toList(await listObjects(inside, query), '/v1/transfers', query.limit)
  })
  post('/v1/transfers/:id/reversals', NewReversal, (inside, input, id) => reverseTransfer(inside, id, input))
  get('/v1/invoice_payments', ListInvoicePayments, async (inside, input) => {
    const query = {
      types: ['invoice_payment'],
      where: { invoice: input.invoice, status: input.status },
      startingAfter: input.starting_after,
    }
    const limit = input.limit ?? 10
    const found = await listObjects(inside, query)
    const wanted = input.payment?.payment_intent
    const of = (payment: StripeObject) => (payment.payment as { payment_intent?: string }).payment_intent
    return toList(
      found.filter((payment) => wanted === undefined || of(payment) === wanted),
      '/v1/invoice_payments',
      limit,
    )
  })
  get('/v1/charges', ListCharges, async (inside, input) => {
    const where = { customer: input.customer, payment_intent: input.payment_intent }
    const limit = input.limit ?? 10
    const { created, starting_after: startingAfter } = input
    const query = { types: ['charge'], where, created, startingAfter, limit }
    return toList(await listObjects(inside, query), '/v1/charges', limit)
  })
  get('/v1/events', ListEvents, listEvents)
  return api
}

const UNCOVERED = new ApiError(
  400,
  'You have insufficient available funds in your Stripe account. One likely reason you have insufficient funds is that your funds are automatically being paid out; try enabling manual payouts.',
  { code: 'balance_insufficient' },
)

const run = async <S extends z.ZodType<{ expand?: string[] | undefined }>>(
  world: World,
  work: Work<S>,
  input: z.infer<S>,
  id: string,
): Promise<Answer> => {
  const result = await work(world, input, id)
  return { status: 200, body: await expand(world, result, input.expand ?? []) }
}

const reply = (c: Call, answer: Answer): Response => {
  if (answer.replayed) c.header('idempotent-replayed', 'true')
  return c.json(answer.body, answer.status as 200)
}

const known = (object: StripeObject | null, type: string, id: string): StripeObject => {
  if (object === null) throw missing(type, id)
  return object
}

const idIn = (c: Call): string => c.req.param('id') ?? ''

const parseBody = (c: Call, encoded: string): { [key: string]: FormValue } => {
  const type = c.req.header('content-type') ?? ''
  if (encoded !== '' && !type.startsWith('application/x-www-form-urlencoded'))
    throw badParameter('body', 'Send the parameters as application/x-www-form-urlencoded.')
  return parseForm(encoded)
}

const isKey = (c: Call, secretKey: string): boolean =>
  equalSecrets(c.req.header('authorization') ?? '', `Bearer ${secretKey}`)

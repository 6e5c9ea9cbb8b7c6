import { type Context as Call, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { Db } from '../../../db/client'
import { changeAccount } from './accounts'
import { ApiError } from './api-error'
import { cardOutcome, laterOutcome, readCard } from './cards'
import {
  authenticationPage,
  type CheckoutView,
  checkoutPage,
  needsCard,
  notePage,
  type Typed,
} from './checkout-page'
import { addClockPages } from './clock-pages'
import { addConnectPages } from './connect-pages'
import { answerDebit, isTestAccount } from './debits'
import { closeDispute, openDispute } from './disputes'
import { send } from './events'
import { addFaultPages } from './fault-pages'
import { inspectorPage } from './inspector-page'
import { type Html, type PageVariables, page } from './layout'
import { createMamoPages } from './mamopay/pages'
import { type Attempt, attemptDebit, attemptPayment, finishAuthentication, successUrl } from './pay'
import { addPortalPages } from './portal-pages'
import { createRefund, failRefund } from './refunds'
import { currentSession, enterCoupon, orderOfSession, type SessionOrder } from './sessions'
import { findObject } from './store'
import { reverseTransfer } from './transfers'
import { isVersion, setVersion } from './versions'
import type { StripeObject, World } from './world'

type Pages = { Variables: PageVariables }

/** The hosted checkout and the inspector. Plain forms: whoever mounts them keeps other sites' forms out. */
export const createPages = (
  world: World & { readonly db: Db },
  wake: () => void,
  mamoWebhookUrl: string | null,
): Hono<Pages> => {
  const pages = new Hono<Pages>()
  const base = new URL(world.pagesUrl).pathname
  const addressOf = (id: string) => `${base}/checkout/${id}`
  pages.use(bodyLimit({ maxSize: 64 * 1024 }))
  pages.use(async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
    c.header('referrer-policy', 'same-origin')
  })

  pages.get('/', async (c) =>
    show(c, 200, 'Payment sandbox', await inspectorPage(world, base, mamoWebhookUrl !== null)),
  )
  if (mamoWebhookUrl !== null) pages.route('/mamopay', createMamoPages(world, mamoWebhookUrl, wake))

  pages.post('/events/:id/send', async (c) => {
    const id = c.req.param('id')
    if (!(await findObject(world, id, 'event'))) return notThere(c)
    await send(world, id, true)
    wake()
    return c.redirect(base, 303)
  })

  /** What happens to a charge after it was paid. What cannot be is told in Stripe's own words. */
  const act = (path: string, work: (world: World, id: string) => Promise<unknown>) =>
    pages.post(path, async (c) => {
      try {
        await world.db.transaction((db) => work({ ...world, db }, c.req.param('id') ?? ''))
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        if (error.status === 404) return notThere(c)
        const back = { href: base, label: 'Go back' }
        return show(c, 422, 'Refused', notePage('That cannot be done', error.message, back))
      }
      wake()
      return c.redirect(base, 303)
    })
  act('/charges/:id/refund', (inside, charge) => createRefund(inside, { charge }))
  act('/charges/:id/dispute', openDispute)
  act('/debits/:id/pays', (inside, session) => answerDebit(inside, session, true))
  act('/debits/:id/fails', (inside, session) => answerDebit(inside, session, false))
  act('/disputes/:id/won', (inside, id) => closeDispute(inside, id, 'won'))
  act('/disputes/:id/lost', (inside, id) => closeDispute(inside, id, 'lost'))
  act('/refunds/:id/fail', failRefund)
  act('/accounts/:id/restrict', (inside, id) => changeAccount(inside, id, 'restricted'))
  act('/accounts/:id/enable', (inside, id) => changeAccount(inside, id, 'complete'))
  act('/transfers/:id/reverse', (inside, id) => reverseTransfer(inside, id))
  act('/transfers/:id/reverse-part', (inside, id) => reverseTransfer(inside, id, { amount: 1 }))
  pages.post('/version', async (c) => {
    const { version } = await c.req.parseBody()
    if (typeof version !== 'string' || !isVersion(version)) return notThere(c)
    await world.db.transaction((db) => setVersion({ ...world, db }, version))
    return c.redirect(`${base}#version`, 303)
  })
  addConnectPages(pages, world, { show, notThere, wake })
  addPortalPages(pages, world, { show, notThere, wake })
  addClockPages(pages, world, base, wake)
  addFaultPages(pages, world, { base, show, notThere, wake, hasMamo: mamoWebhookUrl !== null })

  pages.get('/checkout/:id', async (c) => {
    const found = await open(world, c.req.param('id'))
    wake()
    return found.kind === 'open' ? showForm(c, await view(found, EMPTY, null)) : showEnd(c, found)
  })

  pages.post('/checkout/:id', async (c) => {
    const found = await open(world, c.req.param('id'))
    if (found.kind !== 'open') return showEnd(c, found)
    const form = await c.req.parseBody()
    const typed = { email: field(form.email), name: field(form.name), coupon: field(form.coupon) }
    const coupon = await enterCoupon(world, found.session.id, typed.coupon)
    const now = coupon === 'unknown' ? found : await open(world, found.session.id)
    if (now.kind !== 'open') return showEnd(c, now)
    const shown = await view(now, typed, coupon === 'unknown' ? 'This promotion code is not valid.' : null)
    if (coupon === 'unknown' || form.do === 'apply') return showForm(c, shown)
    if (form.do === 'debit') {
      const read = readDebit(form, shown)
      if ('problem' in read) return showForm(c, { ...shown, problem: read.problem })
      const attempt = await attemptDebit(world, found.session.id, read.payer, read.account)
      wake()
      return answer(c, now, attempt, shown)
    }
    const read = readPayer(now, form, shown, world.now())
    if ('problem' in read) return showForm(c, { ...shown, problem: read.problem })
    const attempt = await attemptPayment(world, found.session.id, read.payer, read.outcome)
    wake()
    return answer(c, now, attempt, shown)
  })

  pages.get('/checkout/:id/authenticate', async (c) => {
    const found = await open(world, c.req.param('id'))
    if (found.kind !== 'open') return showEnd(c, found)
    if (found.order.pending === null) return c.redirect(addressOf(found.session.id), 303)
    const action = `${addressOf(found.session.id)}/authenticate`
    return show(c, 200, 'Confirm it is you', authenticationPage(found.order, found.session, action))
  })

  pages.post('/checkout/:id/authenticate', async (c) => {
    const found = await open(world, c.req.param('id'))
    if (found.kind !== 'open') return showEnd(c, found)
    const { outcome } = await c.req.parseBody()
    const pending = found.order.pending as Partial<Typed> | null
    const attempt = await finishAuthentication(world, found.session.id, outcome === 'complete')
    wake()
    const typed = { email: field(pending?.email), name: field(pending?.name) }
    return answer(c, found, attempt, await view(found, typed, null))
  })

  const view = async (found: Open, typed: Typed, problem: string | null): Promise<CheckoutView> => {
    const fixed = await emailOf(world, found.session)
    return {
      session: found.session,
      order: found.order,
      action: addressOf(found.session.id),
      typed: { ...typed, email: fixed ?? typed.email },
      emailFixed: fixed !== null,
      problem,
    }
  }
  const answer = (
    c: Call<Pages>,
    found: Open,
    attempt: Attempt,
    shown: CheckoutView,
  ): Response | Promise<Response> => {
    switch (attempt.kind) {
      case 'paid':
        return c.redirect(attempt.location, 303)
      case 'authenticate':
        return c.redirect(`${addressOf(found.session.id)}/authenticate`, 303)
      case 'declined':
        return showForm(c, { ...shown, problem: attempt.message })
      case 'over':
        return c.redirect(addressOf(found.session.id), 303)
    }
  }
  return pages
}

const EMPTY: Typed = { email: '', name: '' }

interface Open {
  readonly kind: 'open'
  readonly session: StripeObject
  readonly order: SessionOrder
}
type Found =
  | Open
  | { readonly kind: 'complete' | 'expired'; readonly session: StripeObject }
  | { readonly kind: 'none' }

const open = (world: World & { readonly db: Db }, id: string): Promise<Found> =>
  world.db.transaction(async (db) => {
    const session = await currentSession({ ...world, db }, id)
    const order = await orderOfSession({ ...world, db }, id)
    if (session === null || order === null) return { kind: 'none' }
    if (session.status === 'complete') return { kind: 'complete', session }
    return session.status === 'open' ? { kind: 'open', session, order } : { kind: 'expired', session }
  })

const emailOf = async (world: World, session: StripeObject): Promise<string | null> => {
  if (typeof session.customer_email === 'string') return session.customer_email
  if (typeof session.customer !== 'string') return null
  const customer = await findObject(world, session.customer, 'customer')
  return typeof customer?.email === 'string' ? customer.email : null
}

const NO_CARD = { brand: 'none', last4: '0000', expMonth: 1, expYear: 2000 }

const readPayer = (found: Open, form: Record<string, unknown>, shown: CheckoutView, now: Date) => {
  const { email, name } = shown.typed
  if (!z.email().max(254).safeParse(email).success) return { problem: 'Enter a valid e-mail address.' }
  if (!needsCard(found.session, found.order))
    return { payer: { email, name, card: NO_CARD }, outcome: { kind: 'pays' as const } }
  const typed = { number: field(form.number), expiry: field(form.expiry), cvc: field(form.cvc) }
  const read = readCard(typed, now)
  if ('problem' in read) return read
  const charged = Number(found.session.amount_total) > 0
  return {
    payer: { email, name, card: read.card, later: laterOutcome(read.number) },
    outcome: cardOutcome(read.number, charged),
  }
}

const readDebit = (form: Record<string, unknown>, { typed: { email, name } }: CheckoutView) => {
  if (!z.email().max(254).safeParse(email).success) return { problem: 'Enter a valid e-mail address.' }
  const account = field(form.account).replace(/\s/g, '')
  if (!isTestAccount(account)) return { problem: 'This is the sandbox: use one of the test accounts.' }
  return { payer: { email, name, card: { ...NO_CARD, last4: account.slice(-4) } }, account }
}

const field = (value: unknown): string =>
  typeof value === 'string' ? value.replaceAll('\0', '').trim().slice(0, 254) : ''

const show = (c: Call<Pages>, status: 200 | 404 | 410 | 422, title: string, content: Html) => {
  c.status(status)
  return c.html(page(title, c.get('nonce'), content))
}

const showForm = (c: Call<Pages>, view: CheckoutView) =>
  show(
    c,
    view.problem === null ? 200 : 422,
    `${view.problem === null ? '' : 'Problem: '}Checkout`,
    checkoutPage(view),
  )

const showEnd = (c: Call<Pages>, found: Exclude<Found, Open>) => {
  if (found.kind === 'none') return notThere(c)
  if (found.kind === 'complete') {
    const link = { href: successUrl(found.session), label: 'Go on' }
    return show(
      c,
      200,
      'Paid',
      notePage('This checkout is complete', 'There is nothing left to pay here.', link),
    )
  }
  const back = found.session.cancel_url
  return show(
    c,
    410,
    'Expired',
    notePage(
      'This checkout has expired',
      'Nothing was paid. Start again from where you came from.',
      typeof back === 'string' ? { href: back, label: 'Go back' } : null,
    ),
  )
}

const notThere = (c: Call<Pages>) =>
  show(c, 404, 'Not found', notePage('There is nothing here', 'This checkout does not exist.', null))

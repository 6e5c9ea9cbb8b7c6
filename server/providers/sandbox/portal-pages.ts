import type { Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { Db } from '../../../db/client'
import { ApiError } from './api-error'
import { readCard } from './cards'
import { cardFields, money, notePage } from './checkout-page'
import { inBillingTime } from './clock'
import type { Html, PageVariables } from './layout'
import { type PortalView, payInvoice, portalView, replaceCard, setCancellation } from './portal'
import { findObject } from './store'
import { itemOf } from './subscription-rules'
import type { StripeObject, World } from './world'

type Call = Context<{ Variables: PageVariables }>
interface Tools {
  readonly show: (
    c: Call,
    status: 200 | 404 | 422,
    title: string,
    content: Html,
  ) => Response | Promise<Response>
  readonly notThere: (c: Call) => Response | Promise<Response>
  readonly wake: () => void
}

/** Where customers look after their subscriptions, and pay an invoice that could not be charged. */
export const addPortalPages = (
  pages: Hono<{ Variables: PageVariables }>,
  world: World & { readonly db: Db },
  { show, notThere, wake }: Tools,
): void => {
  const base = new URL(world.pagesUrl).pathname
  const at = (id: string) => `${base}/portal/${id}`

  pages.get('/portal/:id', async (c) => {
    const view = await portalView(world, c.req.param('id'))
    return view === null ? notThere(c) : show(c, 200, 'Your subscriptions', portalPage(view, at, null))
  })

  for (const [verb, cancels] of [
    ['cancel', true],
    ['resume', false],
  ] as const)
    pages.post(`/portal/:id/subscriptions/:sub/${verb}`, async (c) => {
      try {
        await world.db.transaction((db) =>
          setCancellation({ ...world, db }, c.req.param('id'), c.req.param('sub'), cancels),
        )
      } catch (error) {
        if (error instanceof ApiError) return notThere(c)
        throw error
      }
      wake()
      return c.redirect(at(c.req.param('id')), 303)
    })

  pages.post('/portal/:id/card', async (c) => {
    const view = await portalView(world, c.req.param('id'))
    if (view === null) return notThere(c)
    const form = await c.req.parseBody()
    const card = typedCard(form, (await inBillingTime(world)).now())
    if ('problem' in card) return show(c, 422, 'Problem', portalPage(view, at, card.problem))
    const email = await emailOf(world, view.session)
    await world.db.transaction((db) =>
      replaceCard({ ...world, db }, view, { email, name: card.name, card: card.card }, card.number),
    )
    wake()
    return c.redirect(at(c.req.param('id')), 303)
  })

  pages.get('/invoices/:id', async (c) => {
    const invoice = await findObject(world, c.req.param('id'), 'invoice')
    return invoice === null ? notThere(c) : show(c, 200, 'Invoice', invoicePage(invoice, base, null, false))
  })

  pages.post('/invoices/:id', async (c) => {
    const invoice = await findObject(world, c.req.param('id'), 'invoice')
    if (invoice === null) return notThere(c)
    const form = await c.req.parseBody()
    const card = typedCard(form, (await inBillingTime(world)).now())
    if ('problem' in card) return show(c, 422, 'Problem', invoicePage(invoice, base, card.problem, false))
    const payer = { email: String(invoice.customer_email ?? ''), name: card.name, card: card.card }
    const result = await world.db.transaction((db) =>
      payInvoice({ ...world, db }, invoice.id, payer, card.number, form.outcome === 'complete'),
    )
    wake()
    if (result === 'declined')
      return show(c, 422, 'Problem', invoicePage(invoice, base, 'Your card was declined.', false))
    if (result === 'authenticate')
      return show(c, 200, 'Confirm it is you', invoicePage(invoice, base, null, true))
    return c.redirect(`${base}/invoices/${invoice.id}`, 303)
  })
}

const emailOf = async (world: World, session: StripeObject): Promise<string> =>
  String((await findObject(world, String(session.customer), 'customer'))?.email ?? '')

const text = (value: unknown): string =>
  typeof value === 'string' ? value.replaceAll('\0', '').trim().slice(0, 254) : ''

const typedCard = (form: Record<string, unknown>, now: Date) => {
  const read = readCard({ number: text(form.number), expiry: text(form.expiry), cvc: text(form.cvc) }, now)
  return 'problem' in read ? read : { ...read, name: text(form.name) }
}

const day = (seconds: unknown): string => new Date(Number(seconds) * 1000).toISOString().slice(0, 10)

const amountOf = (subscription: StripeObject): string => {
  const { price, quantity } = itemOf(subscription)
  const { interval } = price.recurring as { interval: string }
  return `${money(Number(price.unit_amount) * quantity, String(price.currency))} per ${interval}`
}

const portalPage = (
  { session, subscriptions, invoices }: PortalView,
  at: (id: string) => string,
  problem: string | null,
): Html => html`<h1>Your subscriptions</h1>
${problem === null ? '' : html`<p class="error" role="alert">${problem}</p>`}
${subscriptions.length === 0 ? html`<p>There are none.</p>` : ''}
${subscriptions.map(
  (one) => html`<section class="card"><h2>${amountOf(one)}</h2>
<p>${one.cancel_at_period_end === true ? 'Ends' : one.status === 'trialing' ? 'Trial until' : 'Renews'} on ${day(itemOf(one).current_period_end)} (${String(one.status)}).</p>
<form method="post" action="${at(session.id)}/subscriptions/${one.id}/${one.cancel_at_period_end === true ? 'resume' : 'cancel'}">
<button class="plain" type="submit">${one.cancel_at_period_end === true ? 'Go on with it' : 'Cancel at the end of the period'}</button></form></section>`,
)}
<section class="card"><h2>Pay with another card</h2>
<form method="post" action="${at(session.id)}/card">${cardFields('')}<button type="submit">Use this card</button></form></section>
<section class="card"><h2>Invoices</h2>
${invoices.length === 0 ? html`<p>There are none.</p>` : ''}
<ul>${invoices.map((one) => html`<li><a href="${String(one.hosted_invoice_url)}">${String(one.number)}</a>: ${money(Number(one.total), String(one.currency))}, ${String(one.status)}, ${day(one.created)}</li>`)}</ul></section>
${session.return_url === null ? '' : html`<p class="back"><a href="${String(session.return_url)}">Go back</a></p>`}`

const invoicePage = (invoice: StripeObject, base: string, problem: string | null, asks: boolean): Html => {
  const currency = String(invoice.currency)
  const lines = (invoice.lines as { data: { description: string; amount: number }[] }).data
  if (invoice.status !== 'open')
    return notePage(
      `Invoice ${String(invoice.number)} is ${String(invoice.status)}`,
      `${money(Number(invoice.amount_paid), currency)} of ${money(Number(invoice.total), currency)} was paid by card.`,
      { href: new URL('/billing', String(invoice.hosted_invoice_url)).href, label: 'Go back' },
    )
  return html`<section class="card narrow"><h1>Invoice ${String(invoice.number)}</h1>
<ul>${lines.map(({ description, amount }) => html`<li>${description}: ${money(amount, currency)}</li>`)}</ul>
<p class="price">${money(Number(invoice.amount_due), currency)}</p>
${problem === null ? '' : html`<p class="error" role="alert">${problem}</p>`}
<form method="post" action="${base}/invoices/${invoice.id}">
${asks ? html`<p>Your bank asks you to confirm: enter the card once more.</p><input type="hidden" name="outcome" value="complete">` : ''}
${cardFields('')}<button class="wide" type="submit">${asks ? 'Complete authentication' : 'Pay'}</button></form></section>`
}

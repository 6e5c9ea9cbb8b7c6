import { desc, inArray } from 'drizzle-orm'
import { html } from 'hono/html'
import { sandboxDeliveries } from '../../../../db/schema'
import { fromDecimal } from '../../mamopay/decimals'
import { said } from '../inspector-page'
import type { Html } from '../layout'
import type { World } from '../world'
import { shown } from './link-page'
import { listMamo } from './store'
import type { MamoObject } from './world'

/** The latest links, charges, subscribers, payouts and events, and what can be done to each. */
export const mamoInspector = async (world: World, base: string, webhookUrl: string): Promise<Html> => {
  const latest = { limit: 25 }
  const links = await listMamo(world, 'link', {}, latest)
  const charges = await listMamo(world, 'charge', {}, latest)
  const subscribers = await listMamo(world, 'subscriber', {}, latest)
  const payouts = await listMamo(world, 'disbursement', {}, latest)
  const events = await listMamo(world, 'event', {}, { limit: 50 })
  const sent = await deliveriesOf(world, events)
  return html`<h1>MamoPay sandbox</h1>
<p class="soft">What the stand-in for MamoPay has done, newest first. Webhooks go to <code>${webhookUrl}</code>, once each, as MamoPay sends them: without a signature, and told both as charge.* and as payment.*. <a href="${parentOf(base)}">Stripe is here</a>, and so is <a href="${parentOf(base)}#clock">the clock</a> that subscriptions of both follow.</p>
<h2>Payment links</h2>
${table(
  'Payment links',
  'None yet. Choose MamoPay when you buy something, and its link is listed here.',
  ['Link', 'Title', 'Price', 'Active'],
  links,
  (link) => [
    html`<a href="${String(link.payment_url)}"><code>${link.id}</code></a>`,
    String(link.title),
    amount(link.amount, link),
    link.active === true ? 'yes' : 'no',
  ],
)}
<h2>Charges</h2>
${table(
  'Charges',
  'None yet. What is paid or declined stands here, to be refunded.',
  ['Charge', 'Amount', 'Status', 'Given back', 'Do'],
  charges,
  (charge) => [
    html`<code>${charge.id}</code>`,
    amount(charge.amount, charge),
    String(charge.status),
    Number(charge.refund_amount) === 0 ? '' : amount(charge.refund_amount, charge),
    [
      charge.status === 'captured' ? button(`${base}/charges/${charge.id}/refund`, 'Refund', charge.id) : '',
      (charge.refunds as unknown[]).length > 0
        ? button(`${base}/charges/${charge.id}/fail-refund`, 'Let the refund fail', charge.id)
        : '',
    ],
  ],
)}
<h2>Subscribers</h2>
${table(
  'Subscribers',
  'None yet. Who pays a subscription’s link stands here, to be charged again.',
  ['Subscriber', 'Status', 'Paid', 'Next payment', 'Do'],
  subscribers,
  (one) => [
    html`<code>${one.id}</code>`,
    String(one.status),
    String(one.total_paid),
    String(one.next_payment_date),
    one.status === 'Active'
      ? [
          button(`${base}/subscribers/${one.id}/renew`, 'Renew', one.id),
          button(`${base}/subscribers/${one.id}/decline`, 'Let the renewal fail', one.id),
          one._declines === true
            ? button(`${base}/subscribers/${one.id}/card-pays`, 'Let the card pay again', one.id)
            : button(`${base}/subscribers/${one.id}/card-fails`, 'Let the card fail from now on', one.id),
          button(`${base}/subscribers/${one.id}/cancel`, 'Cancel', one.id),
        ]
      : '',
  ],
)}
<h2>Payouts</h2>
${table(
  'Payouts',
  'None yet. Withdrawals that are paid through MamoPay stand here.',
  ['Payout', 'To', 'Amount', 'Status', 'Do'],
  payouts,
  (one) => [
    html`<code>${one.id}</code>`,
    String(one.name),
    `AED ${String(one.amount_formatted)}`,
    String(one.status),
    one.status === 'Processing'
      ? [
          button(`${base}/payouts/${one.id}/processed`, 'Processed', one.id),
          button(`${base}/payouts/${one.id}/failed`, 'Failed', one.id),
        ]
      : '',
  ],
)}
<h2>Webhooks</h2>
${table(
  'Webhooks',
  'None yet. They appear as soon as a link is made, paid or declined.',
  ['Event', 'Made', 'Deliveries', 'Again'],
  events,
  (event) => [
    html`${String(event.type)}<br><code>${String((event.body as { id?: unknown }).id)}</code>`,
    String(event.made),
    (sent.get(event.id) ?? []).map((delivery) => html`<div>${said(delivery)}</div>`),
    button(`${base}/events/${event.id}/send`, 'Send again', event.id),
  ],
)}`
}

type Cell = Html | string | readonly (Html | string)[]

const table = (
  name: string,
  empty: string,
  heads: readonly string[],
  objects: readonly MamoObject[],
  cells: (object: MamoObject) => readonly Cell[],
): Html =>
  objects.length === 0
    ? html`<p>${empty}</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${objects.map((object) => html`<tr>${cells(object).map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`

const button = (action: string, label: string, id: string): Html =>
  html`<form method="post" action="${action}"><button class="plain" type="submit" aria-label="${label}: ${id}">${label}</button></form>`

const amount = (value: unknown, { amount_currency: currency }: MamoObject): string => {
  const read = fromDecimal(value ?? 0, currency)
  return read === null ? String(value) : shown({ amount: read, currency: String(currency) })
}

const parentOf = (base: string): string => base.replace(/\/mamopay$/, '') || '/'

const deliveriesOf = async (world: World, events: readonly MamoObject[]) => {
  const ids = events.map(({ id }) => id)
  const found = new Map<string, (typeof sandboxDeliveries.$inferSelect)[]>()
  if (ids.length === 0) return found
  const rows = await world.db
    .select()
    .from(sandboxDeliveries)
    .where(inArray(sandboxDeliveries.eventId, ids))
    .orderBy(desc(sandboxDeliveries.id))
  for (const row of rows) found.set(row.eventId, [...(found.get(row.eventId) ?? []), row])
  return found
}

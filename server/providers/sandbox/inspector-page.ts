import { desc, inArray } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { sandboxDeliveries } from '../../../db/schema'
import { money } from './checkout-page'
import { clockSection } from './clock-pages'
import { connectSection } from './connect-pages'
import { waitingDebits } from './debits'
import { faultSection } from './fault-pages'
import type { Html } from './layout'
import { listObjects } from './store'
import { currentVersion, VERSIONS } from './versions'
import type { StripeObject, World } from './world'

/** The latest sessions and events, and how far each event has come. */
export const inspectorPage = async (world: World, base: string, hasMamo: boolean): Promise<Html> => {
  const sessions = (await listObjects(world, { types: ['checkout.session'], limit: 25 })).slice(0, 25)
  const charges = (await listObjects(world, { types: ['charge'], limit: 25 }))
    .slice(0, 25)
    .filter(({ status }) => status === 'succeeded')
  const refunds = await listObjects(world, { types: ['refund'] })
  const disputes = await listObjects(world, { types: ['dispute'] })
  const events = (await listObjects(world, { types: ['event'], limit: 50 })).slice(0, 50)
  const deliveries = await deliveriesOf(world, events)
  return html`<h1>Payment sandbox</h1>
<p class="soft">What the stand-in for Stripe has done, newest first. Events go to <code>${world.webhookUrl}</code>.${hasMamo ? html` <a href="${base}/mamopay">MamoPay is here</a>.` : ''}</p>
${await clockSection(world, base)}
${await faultSection(world, base, hasMamo)}
${await versionSection(world, base)}
<h2>Checkouts</h2>
${sessions.length === 0 ? html`<p>None yet. Buy something, and its checkout is listed here.</p>` : sessionTable(sessions, await waitingDebits(world), base)}
<h2>Charges</h2>
${charges.length === 0 ? html`<p>None yet. What is paid stands here, to be refunded or disputed.</p>` : chargeTable(charges, refunds, disputes, base)}
${await connectSection(world, (path, label, id) => button(`${base}${path}`, label, id))}
<h2>Events</h2>
${events.length === 0 ? html`<p>None yet. They appear as soon as a checkout is paid, declined or over.</p>` : eventTable(events, deliveries, base)}`
}

const versionSection = async (world: World, base: string): Promise<Html> => {
  const chosen = await currentVersion(world)
  return html`<h2 id="version">API version of Stripe’s webhooks</h2>
<form method="post" action="${base}/version">
<div class="field"><label for="api-version">Events from now on are told in</label><select id="api-version" name="version">${Object.entries(VERSIONS).map(([version, { label }]) => html`<option value="${version}"${version === chosen ? raw(' selected') : ''}>${label}</option>`)}</select></div>
<button class="plain" type="submit">Use this version</button>
</form>`
}

type Delivery = typeof sandboxDeliveries.$inferSelect

const deliveriesOf = async (
  world: World,
  events: readonly StripeObject[],
): Promise<Map<string, Delivery[]>> => {
  const found = new Map<string, Delivery[]>()
  if (events.length === 0) return found
  const rows = await world.db
    .select()
    .from(sandboxDeliveries)
    .where(
      inArray(
        sandboxDeliveries.eventId,
        events.map(({ id }) => id),
      ),
    )
    .orderBy(desc(sandboxDeliveries.id))
  for (const row of rows) found.set(row.eventId, [...(found.get(row.eventId) ?? []), row])
  return found
}

const sessionTable = (
  sessions: readonly StripeObject[],
  waiting: ReadonlySet<string>,
  base: string,
): Html => html`<div class="scroll" tabindex="0" role="region" aria-label="Checkouts"><table>
<thead><tr><th scope="col">Checkout</th><th scope="col">Status</th><th scope="col">Payment</th><th scope="col">Total</th><th scope="col">Made</th><th scope="col">Do</th></tr></thead>
<tbody>${sessions.map(
  (
    session,
  ) => html`<tr><td>${session.url === null ? html`<code>${session.id}</code>` : html`<a href="${String(session.url)}"><code>${session.id}</code></a>`}</td>
<td>${String(session.status)}</td><td>${String(session.payment_status)}</td>
<td>${money(Number(session.amount_total), String(session.currency))}</td><td>${time(session.created)}</td>
<td>${waiting.has(session.id) ? [button(`${base}/debits/${session.id}/pays`, 'The bank pays', session.id), button(`${base}/debits/${session.id}/fails`, 'The bank does not pay', session.id)] : ''}</td></tr>`,
)}</tbody></table></div>`

const chargeTable = (
  charges: readonly StripeObject[],
  refunds: readonly StripeObject[],
  disputes: readonly StripeObject[],
  base: string,
): Html => html`<div class="scroll" tabindex="0" role="region" aria-label="Charges"><table>
<thead><tr><th scope="col">Charge</th><th scope="col">Amount</th><th scope="col">Refunds</th><th scope="col">Disputes</th><th scope="col">Do</th></tr></thead>
<tbody>${charges.map((charge) => {
  const of = ({ charge: id }: StripeObject) => id === charge.id
  const amount = (object: StripeObject) => money(Number(object.amount), String(object.currency))
  const open = disputes.filter(of).some(({ status }) => status !== 'won')
  const left = Number(charge.amount) > Number(charge.amount_refunded) && !open
  return html`<tr><td><code>${charge.id}</code></td><td>${amount(charge)}</td>
<td>${refunds.filter(of).map((refund) => html`<div>${amount(refund)} ${String(refund.status)} ${refund.status === 'failed' ? '' : button(`${base}/refunds/${refund.id}/fail`, 'Let the refund fail', refund.id)}</div>`)}</td>
<td>${disputes.filter(of).map((dispute) => html`<div>${amount(dispute)} ${String(dispute.status)} ${dispute.status === 'needs_response' ? [button(`${base}/disputes/${dispute.id}/won`, 'Won', dispute.id), button(`${base}/disputes/${dispute.id}/lost`, 'Lost', dispute.id)] : ''}</div>`)}</td>
<td>${left ? [button(`${base}/charges/${charge.id}/refund`, 'Refund', charge.id), button(`${base}/charges/${charge.id}/dispute`, 'Open dispute', charge.id)] : ''}</td></tr>`
})}</tbody></table></div>`

const button = (action: string, label: string, id: string): Html =>
  html`<form method="post" action="${action}"><button class="plain" type="submit" aria-label="${label}: ${id}">${label}</button></form>`

const eventTable = (
  events: readonly StripeObject[],
  deliveries: Map<string, Delivery[]>,
  base: string,
): Html => html`<div class="scroll" tabindex="0" role="region" aria-label="Events"><table>
<thead><tr><th scope="col">Event</th><th scope="col">Made</th><th scope="col">Deliveries</th><th scope="col">Again</th></tr></thead>
<tbody>${events.map(
  (
    event,
  ) => html`<tr><td>${String(event.type)}<br><code>${event.id}</code></td><td>${time(event.created)}</td>
<td>${(deliveries.get(event.id) ?? []).map((delivery) => html`<div>${said(delivery)}</div>`)}</td>
<td><form method="post" action="${base}/events/${event.id}/send"><button class="plain" type="submit" aria-label="Send ${event.id} again">Send again</button></form></td></tr>`,
)}</tbody></table></div>`

/** How far a delivery has come, in words. */
export const said = (delivery: Delivery): string =>
  delivery.met === null ? progressOf(delivery) : `${delivery.met}: ${progressOf(delivery)}`

const progressOf = ({ delivered, attempts, lastStatus, nextAttemptAt }: Delivery): string => {
  const answer = lastStatus === null ? 'no answer' : `answered ${lastStatus}`
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  if (delivered) return `delivered (${answer}, ${times})`
  if (attempts === 0) return nextAttemptAt === null ? 'not sent' : 'waiting'
  return nextAttemptAt === null ? `given up (${answer}, ${times})` : `trying again (${answer}, ${times})`
}

const time = (value: unknown): string =>
  `${new Date(Number(value) * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`

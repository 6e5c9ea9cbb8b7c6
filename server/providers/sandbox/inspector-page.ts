import { desc, inArray } from 'drizzle-orm'
import { html } from 'hono/html'
import { sandboxDeliveries } from '../../../db/schema'
import { money } from './checkout-page'
import type { Html } from './layout'
import { listObjects } from './store'
import type { StripeObject, World } from './world'

/** The latest sessions and events, and how far each event has come. */
export const inspectorPage = async (world: World, base: string): Promise<Html> => {
  const sessions = (await listObjects(world, { types: ['checkout.session'], limit: 25 })).slice(0, 25)
  const events = (await listObjects(world, { types: ['event'], limit: 50 })).slice(0, 50)
  const deliveries = await deliveriesOf(world, events)
  return html`<h1>Payment sandbox</h1>
<p class="soft">What the stand-in for Stripe has done, newest first. Events go to <code>${world.webhookUrl}</code>.</p>
<h2>Checkouts</h2>
${sessions.length === 0 ? html`<p>None yet. Buy something, and its checkout is listed here.</p>` : sessionTable(sessions)}
<h2>Events</h2>
${events.length === 0 ? html`<p>None yet. They appear as soon as a checkout is paid, declined or over.</p>` : eventTable(events, deliveries, base)}`
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
): Html => html`<div class="scroll" tabindex="0" role="region" aria-label="Checkouts"><table>
<thead><tr><th scope="col">Checkout</th><th scope="col">Status</th><th scope="col">Payment</th><th scope="col">Total</th><th scope="col">Made</th></tr></thead>
<tbody>${sessions.map(
  (
    session,
  ) => html`<tr><td>${session.url === null ? html`<code>${session.id}</code>` : html`<a href="${String(session.url)}"><code>${session.id}</code></a>`}</td>
<td>${String(session.status)}</td><td>${String(session.payment_status)}</td>
<td>${money(Number(session.amount_total), String(session.currency))}</td><td>${time(session.created)}</td></tr>`,
)}</tbody></table></div>`

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

const said = ({ delivered, attempts, lastStatus, nextAttemptAt }: Delivery): string => {
  const answer = lastStatus === null ? 'no answer' : `answered ${lastStatus}`
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  if (delivered) return `delivered (${answer}, ${times})`
  if (attempts === 0) return 'waiting'
  return nextAttemptAt === null ? `given up (${answer}, ${times})` : `trying again (${answer}, ${times})`
}

const time = (value: unknown): string =>
  `${new Date(Number(value) * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`

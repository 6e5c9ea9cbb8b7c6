import type { Context as Call, Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import type { Db } from '../../../db/client'
import { notePage } from './checkout-page'
import {
  armFault,
  canMeet,
  disarmFaults,
  FAULTS,
  type Fault,
  type FaultKind,
  isArmed,
  isFaultKind,
  listFaults,
} from './faults'
import type { Html, PageVariables } from './layout'
import type { World } from './world'

type Pages = { Variables: PageVariables }

interface Parts {
  readonly base: string
  readonly show: (
    c: Call<Pages>,
    status: 200 | 404 | 410 | 422,
    title: string,
    content: Html,
  ) => Response | Promise<Response>
  readonly notThere: (c: Call<Pages>) => Response | Promise<Response>
  readonly wake: () => void
  readonly hasMamo: boolean
}

/** Numbers come as text; nothing typed is the default. */
const numberIn = (least: number, most: number) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most))

const ArmInput = z.object({
  provider: z.enum(['stripe', 'mamopay']),
  fault: z.string().refine(isFaultKind),
  kind: z
    .string()
    .trim()
    .regex(/^[a-z0-9_./:-]{0,79}\*?$/i)
    .transform((kind) => (kind === '' ? '*' : kind))
    .default('*'),
  /** Nothing: all, until it is disarmed. */
  times: z.union([z.literal('').transform(() => null), numberIn(1, 100)]).default(1),
  seconds: z.union([z.literal('').transform(() => 5), numberIn(1, 3_600)]).default(5),
})

/** Faults are armed and disarmed here. */
export const addFaultPages = (
  pages: Hono<Pages>,
  world: World & { readonly db: Db },
  { base, show, notThere, wake, hasMamo }: Parts,
): void => {
  const done = (c: Call<Pages>) => {
    wake()
    return c.redirect(`${base}#faults`, 303)
  }
  pages.post('/faults', async (c) => {
    const input = ArmInput.safeParse(await c.req.parseBody())
    const back = { href: `${base}#faults`, label: 'Go back' }
    const refuse = (why: string) => show(c, 422, 'Refused', notePage('That cannot be armed', why, back))
    if (!input.success)
      return refuse(WRONG[String(input.error.issues[0]?.path[0])] ?? 'Choose what is offered.')
    const { provider, fault, kind, times, seconds } = input.data
    if (!isFaultKind(fault) || !canMeet(provider, fault) || (provider === 'mamopay' && !hasMamo))
      return refuse('This provider has nothing that could go wrong in this way.')
    await armFault(world, { provider, fault, kind, left: times, seconds })
    return done(c)
  })
  pages.post('/faults/disarm', async (c) => {
    await disarmFaults(world)
    return done(c)
  })
  pages.post('/faults/:id/disarm', async (c) =>
    (await disarmFaults(world, c.req.param('id'))) ? done(c) : notThere(c),
  )
}

const WRONG: Readonly<Record<string, string>> = {
  kind: 'Name a type of event or a call, as invoice.paid or refunds; a * at its end stands for all that begin like it.',
  times: 'How often is a whole number from 1 to 100, or nothing: until it is disarmed.',
  seconds: 'Seconds are a whole number from 1 to 3600.',
}

/** What is armed and what it did, and the form that arms one. */
export const faultSection = async (world: World, base: string, hasMamo: boolean): Promise<Html> => {
  const faults = await listFaults(world)
  const armed = faults.filter(isArmed)
  return html`<h2 id="faults">Faults</h2>
${armed.length === 0 ? html`<p class="soft">None is armed: webhooks are sent as they are made, and calls are answered.</p>` : html`<p><strong>${armed.length === 1 ? 'A fault is armed.' : `${armed.length} faults are armed.`}</strong> The application has to come to the same end all the same.</p>`}
${faults.length === 0 ? '' : faultTable(faults, base)}
${armed.length < 2 ? '' : html`<form method="post" action="${base}/faults/disarm"><p><button class="plain" type="submit">Disarm all</button></p></form>`}
<details${armed.length === 0 ? '' : ' open'}><summary>Arm a fault</summary>
<form class="card" method="post" action="${base}/faults">
<div class="row">
<div class="field"><label for="fault">What goes wrong</label><select id="fault" name="fault">${options((name) => [name, FAULTS[name].label])}</select></div>
<div class="field"><label for="provider">At</label><select id="provider" name="provider"><option value="stripe">Stripe</option>${hasMamo ? html`<option value="mamopay">MamoPay</option>` : ''}</select></div>
</div>
<div class="field"><label for="kind">With which event or call</label><input id="kind" name="kind" value="*" maxlength="80" autocomplete="off" list="kinds" aria-describedby="kind-help"><p class="soft" id="kind-help">An event’s type or a call’s path; <code>*</code> at the end stands for all that begin like it.</p></div>
<datalist id="kinds">${KINDS.map((kind) => html`<option value="${kind}"></option>`)}</datalist>
<div class="row">
<div class="field"><label for="times">How often (empty: until disarmed)</label><input id="times" name="times" inputmode="numeric" value="1" maxlength="3" autocomplete="off"></div>
<div class="field"><label for="seconds">Seconds, for what comes late</label><input id="seconds" name="seconds" inputmode="numeric" value="5" maxlength="4" autocomplete="off"></div>
</div>
<button type="submit">Arm it</button>
</form></details>`
}

const options = (of: (name: FaultKind) => readonly [string, string]) =>
  Object.keys(FAULTS)
    .filter(isFaultKind)
    .map((name) => {
      const [value, label] = of(name)
      return html`<option value="${value}">${label}</option>`
    })

const KINDS = [
  '*',
  'checkout.session.*',
  'invoice.*',
  'customer.subscription.*',
  'charge.*',
  'refund.*',
  'payment_link.create',
  'subscription.*',
  'payout.*',
  'checkout/sessions',
  'subscriptions/:id',
  'refunds',
  'transfers',
  'links',
  'charges/:id/refunds',
  'disbursements',
]

const NAMES = { stripe: 'Stripe', mamopay: 'MamoPay' }

const faultTable = (
  faults: readonly Fault[],
  base: string,
): Html => html`<div class="scroll" tabindex="0" role="region" aria-label="Faults"><table>
<thead><tr><th scope="col">Fault</th><th scope="col">At</th><th scope="col">With</th><th scope="col">Left</th><th scope="col">Met by</th><th scope="col">Do</th></tr></thead>
<tbody>${faults.map(
  (
    fault,
  ) => html`<tr><td>${FAULTS[fault.fault].label}${fault.fault === 'delay' || fault.fault === 'late' ? ` (${fault.seconds} s)` : ''}</td>
<td>${NAMES[fault.provider]}</td><td><code>${fault.kind}</code></td><td>${fault.left ?? 'until disarmed'}</td>
<td>${fault.met === 0 ? 'nothing yet' : html`${fault.met}${fault.did.map((one) => html`<div><code>${one}</code></div>`)}`}</td>
<td>${isArmed(fault) ? html`<form method="post" action="${base}/faults/${fault.id}/disarm"><button class="plain" type="submit" aria-label="Disarm: ${FAULTS[fault.fault].label}, ${fault.id}">Disarm</button></form>` : 'over'}</td></tr>`,
)}</tbody></table></div>`

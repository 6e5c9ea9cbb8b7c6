import { html } from 'hono/html'
import { currencyExponent } from '../../kit/money'
import { fromStripeAmount } from '../stripe/amounts'
import { couponCodes } from './coupons'
import { DECLINING_ACCOUNT, PAYING_ACCOUNT, takesDebit } from './debits'
import type { Html } from './layout'
import type { SessionOrder } from './sessions'
import type { StripeObject } from './world'

/** What was typed; never the card. */
export interface Typed {
  readonly email: string
  readonly name: string
  readonly coupon?: string
}

export interface CheckoutView {
  readonly session: StripeObject
  readonly order: SessionOrder
  /** Where the form goes. */
  readonly action: string
  readonly typed: Typed
  /** The address is the customer's own and cannot be changed here. */
  readonly emailFixed: boolean
  readonly problem: string | null
}

/** What is bought, for how much, and the form to pay it with. */
export const checkoutPage = (view: CheckoutView): Html => {
  const { session, order, problem } = view
  return html`<div class="checkout">
<section aria-labelledby="what">
<h1 id="what">${order.name}</h1>
<p class="price">${priceOf(order, session)}</p>
${terms(order, session)}
${order.description === null ? '' : html`<p class="soft">${order.description}</p>`}
</section>
<section class="card" aria-label="Payment">
${problem === null ? '' : html`<p class="error" role="alert">${problem}</p>`}
<form method="post" action="${view.action}">
<div class="field"><label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="email" required maxlength="254" value="${view.typed.email}"${view.emailFixed ? ' readonly' : ''}></div>
${needsCard(session, order) ? cardFields(view.typed.name) : ''}
${session.allow_promotion_codes === true ? couponField(view.typed.coupon ?? '') : ''}
<button class="wide" type="submit">${buttonLabel(session, order)}</button>
</form>
${takesDebit(session, order) ? debitForm(view) : ''}
${session.cancel_url === null ? '' : html`<p class="back"><a href="${String(session.cancel_url)}">Cancel and go back</a></p>`}
${needsCard(session, order) ? TEST_CARDS : ''}
</section>
</div>`
}

/** Beside the card; the e-mail is asked for again, for a form is sent by itself. */
const debitForm = (view: CheckoutView): Html => html`<details><summary>Pay by bank debit instead</summary>
<form method="post" action="${view.action}">
<p class="soft">Your bank takes some days: the checkout is complete at once, and paid when the bank has answered.</p>
<div class="field"><label for="debit-email">Receipt goes to</label>
<input id="debit-email" name="email" type="email" autocomplete="email" required maxlength="254" value="${view.typed.email}"${view.emailFixed ? ' readonly' : ''}></div>
<div class="field"><label for="account">Account number</label>
<input id="account" name="account" inputmode="numeric" autocomplete="off" required maxlength="20" value="${PAYING_ACCOUNT}" aria-describedby="account-help">
<p class="soft" id="account-help"><code>${PAYING_ACCOUNT}</code> pays after four days, <code>${DECLINING_ACCOUNT}</code> has no money.</p></div>
<button class="plain wide" type="submit" name="do" value="debit">Pay ${money(Number(view.session.amount_total), String(view.session.currency))} by bank debit</button>
</form></details>`

/** The bank's step, as far as the sandbox has a bank. */
export const authenticationPage = (
  order: SessionOrder,
  session: StripeObject,
  action: string,
): Html => html`<section class="card narrow">
<h1>Confirm it is you</h1>
<p>Your bank asks you to confirm the payment for <strong>${order.name}</strong> (${money(Number(session.amount_total), String(session.currency))}).</p>
<form method="post" action="${action}">
<div class="actions">
<button type="submit" name="outcome" value="complete">Complete authentication</button>
<button class="plain" type="submit" name="outcome" value="fail">Fail authentication</button>
</div>
</form>
</section>`

export const notePage = (
  title: string,
  text: string,
  link: { href: string; label: string } | null,
): Html => html`<section class="card narrow">
<h1>${title}</h1>
<p>${text}</p>
${link === null ? '' : html`<p><a class="button" href="${link.href}">${link.label}</a></p>`}
</section>`

/** A purchase of nothing needs no card; a subscription does, for later. */
export const needsCard = (session: StripeObject, order: SessionOrder): boolean =>
  order.recurring !== null || Number(session.amount_total) > 0

/** Stripe's amount as a person reads it. */
export const money = (amount: number, currency: string): string => {
  try {
    const value = fromStripeAmount(amount, currency)
    const exponent = currencyExponent(value.currency)
    const format = new Intl.NumberFormat('en', {
      style: 'currency',
      currency: value.currency,
      minimumFractionDigits: exponent,
      maximumFractionDigits: exponent,
    })
    return format.format(Number(value.amount) / 10 ** exponent)
  } catch {
    return `${amount} ${currency.toUpperCase()}`
  }
}

export const cardFields = (
  name: string,
): Html => html`<div class="field"><label for="number">Card number</label>
<input id="number" name="number" inputmode="numeric" autocomplete="off" required maxlength="23" value="4242 4242 4242 4242"></div>
<div class="row">
<div class="field"><label for="expiry">Expiry (MM/YY)</label>
<input id="expiry" name="expiry" inputmode="numeric" autocomplete="off" required maxlength="7" value="12/34"></div>
<div class="field"><label for="cvc">CVC</label>
<input id="cvc" name="cvc" inputmode="numeric" autocomplete="off" required maxlength="4" value="123"></div>
</div>
<div class="field"><label for="name">Name on card (optional)</label>
<input id="name" name="name" autocomplete="cc-name" maxlength="200" value="${name}"></div>`

const couponField = (
  typed: string,
): Html => html`<div class="field"><label for="coupon">Promotion code (optional)</label>
<input id="coupon" name="coupon" autocomplete="off" maxlength="50" value="${typed}" list="coupons"></div>
<datalist id="coupons">${couponCodes().map(({ code, words }) => html`<option value="${code}">${words}</option>`)}</datalist>
<p><button class="plain" type="submit" name="do" value="apply" formnovalidate>Apply the code</button></p>`

const TEST_CARDS = html`<details><summary>Test cards</summary>
<dl class="cards">
<dt><code>4242 4242 4242 4242</code></dt><dd>pays</dd>
<dt><code>4000 0000 0000 0002</code></dt><dd>is declined</dd>
<dt><code>4000 0000 0000 9995</code></dt><dd>has insufficient funds</dd>
<dt><code>4000 0000 0000 0069</code></dt><dd>has expired</dd>
<dt><code>4000 0000 0000 0127</code></dt><dd>has another security code</dd>
<dt><code>4000 0027 6000 3184</code></dt><dd>asks for 3-D Secure</dd>
<dt><code>4000 0000 0000 0341</code></dt><dd>can be kept, and fails when it is charged</dd>
</dl></details>`

const recurringPrice = (order: SessionOrder, session: StripeObject): string => {
  const amount = money(order.unit_amount * order.quantity, String(session.currency))
  return `${amount} ${rhythm(order)}`
}

const rhythm = ({ recurring }: SessionOrder): string => {
  if (recurring === null) return ''
  const { interval, interval_count: count } = recurring
  return count === 1 ? `per ${interval}` : `every ${count} ${interval}s`
}

const priceOf = (order: SessionOrder, session: StripeObject): string =>
  order.recurring === null
    ? money(Number(session.amount_total), String(session.currency))
    : recurringPrice(order, session)

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`)

const terms = (order: SessionOrder, session: StripeObject): Html | '' => {
  if (order.recurring === null) return ''
  if (order.trial_days === 0) return html`<p class="soft">Renews ${rhythm(order)} until it is cancelled.</p>`
  return html`<p class="soft">${days(order.trial_days)} free, then ${recurringPrice(order, session)}. ${money(0, String(session.currency))} due today.</p>`
}

const buttonLabel = (session: StripeObject, order: SessionOrder): string => {
  if (order.trial_days > 0) return 'Start free trial'
  const total = Number(session.amount_total)
  return total === 0 ? 'Complete order' : `Pay ${money(total, String(session.currency))}`
}

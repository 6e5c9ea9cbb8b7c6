import { html } from 'hono/html'
import { currencyExponent, type Money } from '../../../kit/money'
import { fromDecimal } from '../../mamopay/decimals'
import type { Html } from '../layout'
import { dueOf } from './charges'
import type { MamoObject } from './world'

/** What was typed; never the card. */
export interface Typed {
  readonly email: string
  readonly name: string
}

/** What is bought, for how much, and the form to pay it with. */
export const linkPage = (view: {
  readonly link: MamoObject
  readonly action: string
  readonly typed: Typed
  readonly problem: string | null
  /** Where a payment that failed leads. */
  readonly giveUp: string | null
}): Html => {
  const { link, typed, problem } = view
  const due = dueOf(link)
  return html`<div class="checkout">
<section aria-labelledby="what">
<h1 id="what">${String(link.title)}</h1>
<p class="price">${shown(due)}${rhythm(link)}</p>
${onTop(link, due)}
${link.description == null ? '' : html`<p class="soft">${String(link.description)}</p>`}
${link.subscription === null ? '' : html`<p class="soft">Renews${rhythm(link)} until it is cancelled.</p>`}
</section>
<section class="card" aria-label="Payment">
${problem === null ? '' : html`<p class="error" role="alert">${problem}</p>`}
<form method="post" action="${view.action}">
<div class="field"><label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="email" required maxlength="254" value="${typed.email}"></div>
<div class="field"><label for="number">Card number</label>
<input id="number" name="number" inputmode="numeric" autocomplete="off" required maxlength="23" value="4659 1055 6905 1157"></div>
<div class="row">
<div class="field"><label for="expiry">Expiry (MM/YY)</label>
<input id="expiry" name="expiry" inputmode="numeric" autocomplete="off" required maxlength="7" value="01/28"></div>
<div class="field"><label for="cvc">CVV</label>
<input id="cvc" name="cvc" inputmode="numeric" autocomplete="off" required maxlength="4" value="123"></div>
</div>
<div class="field"><label for="name">Name on card</label>
<input id="name" name="name" autocomplete="cc-name" required maxlength="200" value="${typed.name}"></div>
<button class="wide" type="submit">Pay ${shown(due)}</button>
</form>
${view.giveUp === null ? '' : html`<p class="back"><a href="${view.giveUp}">${problem === null ? 'Cancel and go back' : 'Give up and go back'}</a></p>`}
${TEST_CARDS}
</section>
</div>`
}

/** The bank's step, as far as the sandbox has a bank. */
export const mamoAuthenticationPage = (
  link: MamoObject,
  action: string,
): Html => html`<section class="card narrow">
<h1>Confirm it is you</h1>
<p>Your bank asks you to confirm the payment for <strong>${String(link.title)}</strong> (${shown(dueOf(link))}).</p>
<form method="post" action="${action}">
<div class="actions">
<button type="submit" name="outcome" value="complete">Complete authentication</button>
<button class="plain" type="submit" name="outcome" value="fail">Fail authentication</button>
</div>
</form>
</section>`

/** As a person reads it. */
export const shown = ({ amount, currency }: Money): string => {
  const exponent = currencyExponent(currency)
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  })
  return format.format(Number(amount) / 10 ** exponent)
}

const onTop = (link: MamoObject, due: Money): Html | '' => {
  const price = fromDecimal(link.amount, due.currency) ?? due.amount
  return price === due.amount
    ? ''
    : html`<p class="soft">${shown({ ...due, amount: price })} and a processing fee of ${shown({ ...due, amount: due.amount - price })}.</p>`
}

const rhythm = ({ subscription }: MamoObject): string => {
  if (subscription === null) return ''
  const { frequency, frequency_interval: count } = subscription as {
    frequency: string
    frequency_interval: number
  }
  return count === 1 ? ` every ${frequency}` : ` every ${count} ${frequency}s`
}

const TEST_CARDS = html`<details><summary>Test cards</summary>
<dl class="cards">
<dt><code>4659 1055 6905 1157</code></dt><dd>pays</dd>
<dt><code>4242 4242 4242 4242</code></dt><dd>asks for 3-D Secure</dd>
<dt><code>4111 1111 1111 1111</code></dt><dd>asks for 3-D Secure</dd>
<dt><code>4567 3613 2598 1788</code></dt><dd>is declined</dd>
<dt><code>4095 2548 0264 2505</code></dt><dd>has insufficient funds</dd>
</dl></details>`

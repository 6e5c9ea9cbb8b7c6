import type { Context as Call, Hono } from 'hono'
import { html } from 'hono/html'
import type { Db } from '../../../db/client'
import { changeAccount, openLink, takesTransfers } from './accounts'
import { money } from './checkout-page'
import type { Html } from './layout'
import { changeObject, findObject, listObjects } from './store'
import type { StripeObject, World } from './world'

type Pages = { Variables: { nonce?: string } }
type Show = (c: Call<Pages>, status: 200 | 404, title: string, content: Html) => Response | Promise<Response>

/** Where a payee says who they are, as far as the sandbox wants to know. Gone to twice it leads back, as Stripe's does. */
export const addConnectPages = (
  pages: Hono<Pages>,
  world: World & { readonly db: Db },
  { show, notThere, wake }: { show: Show; notThere: (c: Call<Pages>) => ReturnType<Show>; wake: () => void },
): void => {
  pages.get('/connect/:token', (c) =>
    world.db.transaction(async (db) => {
      const found = await openLink({ ...world, db }, c.req.param('token'))
      if (found === null) return notThere(c)
      if (!found.open) return c.redirect(String(found.link.refresh_url), 303)
      const account = await findObject({ ...world, db }, String(found.link.account), 'account')
      return account === null ? notThere(c) : show(c, 200, 'Set up payouts', onboardingPage(account))
    }),
  )

  pages.post('/connect/:token', async (c) => {
    const { outcome } = await c.req.parseBody()
    const answer = await world.db.transaction(async (db) => {
      const inside = { ...world, db }
      const found = await openLink(inside, c.req.param('token'))
      if (found === null) return notThere(c)
      if (!found.open) return c.redirect(String(found.link.refresh_url), 303)
      await changeObject(inside, found.link, { used: true })
      if (outcome === 'complete' || outcome === 'restricted')
        await changeAccount(inside, String(found.link.account), outcome)
      return c.redirect(String(found.link.return_url), 303)
    })
    wake()
    return answer
  })
}

const onboardingPage = (account: StripeObject): Html => html`<section class="card narrow">
<h1>Set up payouts</h1>
<p>Here Stripe asks who you are and where your bank is. The sandbox asks for nothing: say how it ends.</p>
<p class="soft">Account <code>${account.id}</code>${account.email === null ? '' : html` of ${String(account.email)}`}</p>
<form method="post">
<div class="actions">
<button type="submit" name="outcome" value="complete">Finish: all is in order</button>
<button class="plain" type="submit" name="outcome" value="restricted">Finish: Stripe wants to see more</button>
<button class="plain" type="submit" name="outcome" value="leave">Leave for now</button>
</div>
</form>
</section>`

/** Payees' accounts and what was sent to them, for the inspector. */
export const connectSection = async (
  world: World,
  button: (path: string, label: string, id: string) => Html,
): Promise<Html> => {
  const accounts = (await listObjects(world, { types: ['account'], limit: 25 })).slice(0, 25)
  const transfers = (await listObjects(world, { types: ['transfer'], limit: 25 })).slice(0, 25)
  return html`<h2>Accounts of payees</h2>
${accounts.length === 0 ? html`<p>None yet. Somebody who wants to be paid through Stripe makes one.</p>` : accountTable(accounts, button)}
<h2>Transfers</h2>
${transfers.length === 0 ? html`<p>None yet. An approved withdrawal to a Stripe account is one.</p>` : transferTable(transfers, button)}`
}

type Button = (path: string, label: string, id: string) => Html

const accountTable = (
  accounts: readonly StripeObject[],
  button: Button,
): Html => html`<div class="scroll" tabindex="0" role="region" aria-label="Accounts"><table>
<thead><tr><th scope="col">Account</th><th scope="col">Of</th><th scope="col">Can be paid</th><th scope="col">Do</th></tr></thead>
<tbody>${accounts.map(
  (account) => html`<tr><td><code>${account.id}</code></td><td>${String(account.email ?? '')}</td>
<td>${takesTransfers(account) ? 'yes' : account.details_submitted === true ? 'restricted' : 'not yet'}</td>
<td>${takesTransfers(account) ? button(`/accounts/${account.id}/restrict`, 'Restrict', account.id) : button(`/accounts/${account.id}/enable`, 'Let it be paid', account.id)}</td></tr>`,
)}</tbody></table></div>`

const transferTable = (
  transfers: readonly StripeObject[],
  button: Button,
): Html => html`<div class="scroll" tabindex="0" role="region" aria-label="Transfers"><table>
<thead><tr><th scope="col">Transfer</th><th scope="col">To</th><th scope="col">Amount</th><th scope="col">Reversed</th><th scope="col">Do</th></tr></thead>
<tbody>${transfers.map((transfer) => {
  const amount = (minor: unknown) => money(Number(minor), String(transfer.currency))
  return html`<tr><td><code>${transfer.id}</code></td><td><code>${String(transfer.destination)}</code></td>
<td>${amount(transfer.amount)}</td><td>${amount(transfer.amount_reversed)}</td>
<td>${transfer.reversed === true ? '' : [button(`/transfers/${transfer.id}/reverse`, 'Reverse', transfer.id), button(`/transfers/${transfer.id}/reverse-part`, 'Reverse a part', transfer.id)]}</td></tr>`
})}</tbody></table></div>`

import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { Db } from '../../../db/client'
import { addInterval } from './billing-objects'
import { afterRetries, clockOffset, inBillingTime, setAfterRetries } from './clock'
import type { Html, PageVariables } from './layout'
import { advanceClock } from './renewals'
import type { World } from './world'

const STEPS = {
  hour: { label: '1 hour', interval: 'day', intervalCount: 1 / 24 },
  day: { label: '1 day', interval: 'day', intervalCount: 1 },
  week: { label: '7 days', interval: 'week', intervalCount: 1 },
  month: { label: '1 month', interval: 'month', intervalCount: 1 },
  year: { label: '1 year', interval: 'year', intervalCount: 1 },
} as const

const isStep = (text: string): text is keyof typeof STEPS => Object.hasOwn(STEPS, text)

/** The buttons that move the clock of subscriptions. */
export const addClockPages = (
  pages: Hono<{ Variables: PageVariables }>,
  world: World & { readonly db: Db },
  base: string,
  wake: () => void,
): void => {
  pages.post('/clock/:step/advance', async (c) => {
    const step = c.req.param('step')
    if (!isStep(step)) return c.notFound()
    const now = (await inBillingTime(world)).now()
    await advanceClock(world, addInterval(now, STEPS[step]).getTime() - now.getTime())
    wake()
    return c.redirect(base, 303)
  })
  pages.post('/clock/after-retries/:what', async (c) => {
    const what = c.req.param('what')
    if (what !== 'cancel' && what !== 'unpaid') return c.notFound()
    await world.db.transaction((db) => setAfterRetries({ ...world, db }, what))
    return c.redirect(base, 303)
  })
}

export const clockSection = async (world: World, base: string): Promise<Html> => {
  const now = (await inBillingTime(world)).now().toISOString().slice(0, 16).replace('T', ' ')
  const ahead = Math.round((await clockOffset(world)) / 86_400_000)
  const ends = (await afterRetries(world)) === 'cancel'
  return html`<h2 id="clock">Clock of subscriptions</h2>
<p>For subscriptions it is <strong>${now} UTC</strong>${ahead === 0 ? ', the real time' : `, ${ahead} ${ahead === 1 ? 'day' : 'days'} ahead`}. Moved forward, trials end, periods are paid or fail and are tried again after 3, 5 and 7 days, banks answer, and what was cancelled ends.</p>
<div class="actions">${Object.entries(STEPS).map(([step, { label }]) => html`<form method="post" action="${base}/clock/${step}/advance"><button class="plain" type="submit">Advance by ${label}</button></form>`)}</div>
<form method="post" action="${base}/clock/after-retries/${ends ? 'unpaid' : 'cancel'}"><p>After the last failed try a subscription <strong>${ends ? 'is cancelled' : 'becomes unpaid'}</strong>. <button class="plain" type="submit">${ends ? 'Let it become unpaid instead' : 'Let it be cancelled instead'}</button></p></form>`
}

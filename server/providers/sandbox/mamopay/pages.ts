import { type Context as Call, Hono } from 'hono'
import { z } from 'zod'
import type { Db } from '../../../../db/client'
import { readCard } from '../cards'
import { notePage } from '../checkout-page'
import { type Html, type PageVariables, page } from '../layout'
import type { World } from '../world'
import { mamoCardOutcome } from './cards'
import { failMamoRefund, refundMamo } from './charges'
import { finishDisbursement } from './disbursements'
import { sendMamo } from './events'
import { mamoInspector } from './inspector-page'
import { linkPage, mamoAuthenticationPage, type Typed } from './link-page'
import { authenticateLink, canBePaid, type MamoAttempt, payLink, paymentsOf, returnAddress } from './pay'
import { findMamo } from './store'
import { renew, setDeclining, unsubscribe } from './subscriptions'
import { MamoError, type MamoObject } from './world'

type Pages = { Variables: PageVariables }

/** MamoPay's hosted page and its inspector. Plain forms, as the other hosted pages. */
export const createMamoPages = (
  world: World & { readonly db: Db },
  webhookUrl: string,
  wake: () => void,
): Hono<Pages> => {
  const pages = new Hono<Pages>()
  const base = `${new URL(world.pagesUrl).pathname}/mamopay`.replace('//', '/')
  const addressOf = (id: string) => `${base}/pay/${encodeURIComponent(id)}`

  pages.get('/', async (call) =>
    show(call, 200, 'MamoPay sandbox', await mamoInspector(world, base, webhookUrl)),
  )

  const act = (path: string, work: (inside: World, id: string) => Promise<unknown>) =>
    pages.post(path, async (call) => {
      try {
        await world.db.transaction((db) => work({ ...world, db }, call.req.param('id') ?? ''))
      } catch (error) {
        if (!(error instanceof MamoError)) throw error
        if (error.status === 404) return notThere(call)
        return show(
          call,
          422,
          'Refused',
          notePage('That cannot be done', error.message, { href: base, label: 'Go back' }),
        )
      }
      wake()
      return call.redirect(base, 303)
    })
  act('/charges/:id/refund', (inside, id) => refundMamo(inside, id, undefined, 'dashboard'))
  act('/charges/:id/fail-refund', failMamoRefund)
  act('/subscribers/:id/renew', (inside, id) => renew(inside, id, true))
  act('/subscribers/:id/decline', (inside, id) => renew(inside, id, false))
  act('/subscribers/:id/card-fails', (inside, id) => setDeclining(inside, id, true))
  act('/subscribers/:id/card-pays', (inside, id) => setDeclining(inside, id, false))
  act('/subscribers/:id/cancel', unsubscribe)
  act('/payouts/:id/processed', (inside, id) => finishDisbursement(inside, id, 'Processed'))
  act('/payouts/:id/failed', (inside, id) => finishDisbursement(inside, id, 'Failed'))
  act('/events/:id/send', async (inside, id) => {
    const event = await findMamo(inside, 'event', id)
    if (event === null) throw new MamoError(404, { error: 'Not Found' })
    await sendMamo(inside, event, true)
  })

  pages.get('/pay/:id', async (call) => {
    const link = await findMamo(world, 'link', call.req.param('id'))
    if (link === null) return notThere(call)
    return (await canBePaid(world, link)) ? showForm(call, link, typedOf(link), null) : showEnd(call, link)
  })

  pages.post('/pay/:id', async (call) => {
    const link = await findMamo(world, 'link', call.req.param('id'))
    if (link === null) return notThere(call)
    const form = await call.req.parseBody()
    const typed = { email: field(form.email), name: field(form.name) }
    if (!z.email().max(254).safeParse(typed.email).success)
      return showForm(call, link, typed, 'Enter a valid e-mail address.')
    if (typed.name === '') return showForm(call, link, typed, 'Enter the name on the card.')
    const card = { number: field(form.number), expiry: field(form.expiry), cvc: field(form.cvc) }
    const read = readCard(card, world.now())
    if ('problem' in read) return showForm(call, link, typed, read.problem)
    const payer = { ...typed, last4: read.card.last4 }
    const attempt = await payLink(world, link.id, payer, mamoCardOutcome(read.number))
    wake()
    return answer(call, link, typed, attempt)
  })

  pages.get('/pay/:id/authenticate', async (call) => {
    const link = await findMamo(world, 'link', call.req.param('id'))
    if (link === null) return notThere(call)
    if (link._pending === null) return call.redirect(addressOf(link.id), 303)
    const content = mamoAuthenticationPage(link, `${addressOf(link.id)}/authenticate`)
    return show(call, 200, 'Confirm it is you', content)
  })

  pages.post('/pay/:id/authenticate', async (call) => {
    const link = await findMamo(world, 'link', call.req.param('id'))
    if (link === null) return notThere(call)
    const { outcome } = await call.req.parseBody()
    const attempt = await authenticateLink(world, link.id, outcome === 'complete')
    wake()
    const pending = link._pending as Partial<Typed> | null
    return answer(call, link, { email: field(pending?.email), name: field(pending?.name) }, attempt)
  })

  const answer = (
    call: Call<Pages>,
    link: MamoObject,
    typed: Typed,
    attempt: MamoAttempt,
  ): Response | Promise<Response> => {
    switch (attempt.kind) {
      case 'paid':
        return call.redirect(returnAddress(attempt.link, attempt.charge) ?? addressOf(link.id), 303)
      case 'authenticate':
        return call.redirect(`${addressOf(link.id)}/authenticate`, 303)
      case 'failed':
        return showForm(call, link, typed, String(attempt.charge.error_message), attempt.charge)
      case 'over':
        return call.redirect(addressOf(link.id), 303)
    }
  }

  const showForm = (
    call: Call<Pages>,
    link: MamoObject,
    typed: Typed,
    problem: string | null,
    failed: MamoObject | null = null,
  ) => {
    const back = typeof link.failure_return_url === 'string' ? link.failure_return_url : null
    const giveUp = failed === null ? back : returnAddress(link, failed)
    return show(
      call,
      problem === null ? 200 : 422,
      `${problem === null ? '' : 'Problem: '}Payment`,
      linkPage({ link, action: addressOf(link.id), typed, problem, giveUp }),
    )
  }

  const showEnd = async (call: Call<Pages>, link: MamoObject) => {
    const [latest] = await paymentsOf(world, link)
    const href = latest === undefined ? null : returnAddress(link, latest)
    if (href !== null)
      return show(
        call,
        200,
        'Paid',
        notePage('This link is paid', 'There is nothing left to pay here.', { href, label: 'Go on' }),
      )
    const back = typeof link.failure_return_url === 'string' ? link.failure_return_url : null
    return show(
      call,
      410,
      'Not active',
      notePage(
        'This link is no longer active',
        'Nothing was paid. Start again from where you came from.',
        back === null ? null : { href: back, label: 'Go back' },
      ),
    )
  }
  return pages
}

const typedOf = (link: MamoObject): Typed => ({
  email: field(link.email),
  name: [link.first_name, link.last_name].map(field).join(' ').trim(),
})

const field = (value: unknown): string =>
  typeof value === 'string' ? value.replaceAll('\0', '').trim().slice(0, 254) : ''

const show = (call: Call<Pages>, status: 200 | 404 | 410 | 422, title: string, content: Html) => {
  call.status(status)
  return call.html(page(title, call.get('nonce'), content))
}

const notThere = (call: Call<Pages>) =>
  show(call, 404, 'Not found', notePage('There is nothing here', 'This payment link does not exist.', null))

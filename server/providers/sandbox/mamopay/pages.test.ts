import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testClock } from '../../../../db/testing/context'
import { useDatabase } from '../../../../db/testing/database'
import { type MamoHarness, startMamoHarness } from './mamopay.harness'

const database = useDatabase()
const clock = testClock()
let h: MamoHarness
beforeAll(async () => {
  h = await startMamoHarness(database.db, clock.now)
})
afterAll(() => h?.stop())
beforeEach(() => {
  h.hooks.length = 0
})
afterEach(() => h.settled())

type Answer = Record<string, unknown>
type Made = Answer & { id: string; payment_url: string }

const INSPECTOR = '/sandbox/mamopay'
const CARD = {
  email: 'ann@example.com',
  number: '4659105569051157',
  expiry: '01/28',
  cvc: '123',
  name: 'Ann',
}
const RETURNS = {
  return_url: 'https://shop.example/done?order=1',
  failure_return_url: 'https://shop.example/no',
}

const made = async (path: string, body: unknown) => {
  const answer = await h.api('POST', path, body)
  expect(answer.status).toBe(200)
  return (await answer.json()) as unknown
}
const makeLink = async (more: Answer = {}) =>
  (await made('/links', { title: 'A thing', amount: 100, amount_currency: 'USD', ...more })) as Made
const read = async (path: string) => (await (await h.api('GET', path)).json()) as Answer
const chargeOf = async (link: Made) => ((await read(`/links/${link.id}`)).charges as Made[])[0]?.id ?? ''
const see = async (path: string) => {
  const answer = await fetch(new URL(path, h.appUrl), { redirect: 'manual' })
  return { status: answer.status, to: answer.headers.get('location'), text: await answer.text() }
}
const send = async (path: string, fields: Record<string, string> = {}) => {
  const answer = await h.form(path, fields)
  return { status: answer.status, to: answer.headers.get('location'), text: await answer.text() }
}
const told = async () => {
  await h.settled()
  return h.hooks.map(({ type }) => type).sort()
}
const DONE = { status: 303, to: INSPECTOR }
const containing = (text: string) => expect.stringContaining(text)

describe('the inspector of the MamoPay sandbox', () => {
  it('says of each kind that there is none yet', async () => {
    const { status, text } = await see(INSPECTOR)
    expect(status).toBe(200)
    expect(text.match(/None yet\./g)).toHaveLength(5)
    expect(text).not.toContain('<table>')
  })

  it('gives a charge back, and lets that fail, once each', async () => {
    const link = await makeLink()
    await h.pay(link.payment_url)
    const id = await chargeOf(link)
    const refund = `${INSPECTOR}/charges/${id}/refund`
    const fail = `${INSPECTOR}/charges/${id}/fail-refund`
    const before = await h.get(INSPECTOR)
    expect(before).toContain(`action="${refund}"`)
    expect(before).not.toContain(`action="${fail}"`)
    await told()
    h.hooks.length = 0
    expect(await send(refund)).toMatchObject(DONE)
    expect(await told()).toEqual([
      'charge.refund_initiated',
      'charge.refunded',
      'payment.refund_initiated',
      'payment.refunded',
    ])
    const after = await h.get(INSPECTOR)
    expect(after).not.toContain(`action="${refund}"`)
    expect(after).toContain(`action="${fail}"`)
    expect(await send(refund)).toMatchObject({ status: 422, text: containing('Can not refund this payment') })
    h.hooks.length = 0
    expect(await send(fail)).toMatchObject(DONE)
    expect(await told()).toEqual(['charge.refund_failed', 'payment.refund_failed'])
    expect(await read(`/charges/${id}`)).toMatchObject({
      status: 'captured',
      refund_status: 'Failed',
      refund_amount: 0,
      max_refund_amount: 100,
      refunds: [],
    })
    expect(await send(fail)).toMatchObject({
      status: 422,
      text: containing('There is no refund that could fail'),
    })
  })

  it('charges a subscriber again or lets it fail, as long as they are one', async () => {
    const link = await makeLink({ subscription: { frequency: 'monthly' } })
    await h.pay(link.payment_url)
    const path = `/subscriptions/${(link.subscription as { identifier: string }).identifier}/subscribers`
    const subscriber = async () => ((await read(path)) as unknown as Made[])[0]
    const first = await subscriber()
    const renew = `${INSPECTOR}/subscribers/${first?.id}/renew`
    const decline = `${INSPECTOR}/subscribers/${first?.id}/decline`
    await told()
    h.hooks.length = 0
    expect(await send(decline)).toMatchObject(DONE)
    expect(await told()).toEqual(['subscription.failed'])
    expect(await subscriber()).toEqual(first)
    h.hooks.length = 0
    expect(await send(renew)).toMatchObject(DONE)
    expect(await told()).toEqual(['subscription.succeeded'])
    const second = await subscriber()
    expect(second).toMatchObject({ number_of_payments: 2, total_paid: 'USD 200.00' })
    expect(String(second?.next_payment_date) > String(first?.next_payment_date)).toBe(true)
    expect(await h.get(INSPECTOR)).toContain(`action="${renew}"`)
    await h.api('DELETE', `${path}/${first?.id}`)
    expect(await h.get(INSPECTOR)).not.toContain(`action="${renew}"`)
    for (const again of [renew, decline])
      expect(await send(again)).toMatchObject({ status: 422, text: containing('Subscriber is not active') })
  })

  it('ends a payout one way or the other', async () => {
    const row = {
      first_name_or_business_name: 'Ann',
      account: 'AE070331234567890123456',
      transfer_method: 'BANK_ACCOUNT',
      reason: 'A withdrawal',
      amount: '25.50',
    }
    const rows = (await made('/disbursements', { disbursements: [row, row] })) as { identifier: string }[]
    for (const [place, word] of [
      [0, 'processed'],
      [1, 'failed'],
    ] as const) {
      const id = rows[place]?.identifier
      const path = `${INSPECTOR}/payouts/${id}/${word}`
      expect(await h.get(INSPECTOR)).toContain(`action="${path}"`)
      h.hooks.length = 0
      expect(await send(path)).toMatchObject(DONE)
      expect(await told()).toEqual([`payout.${word}`])
      expect(h.hooks[0]?.object).toMatchObject({ id, amount: 25.5, amount_currency: 'AED', status: word })
      expect(await h.get(INSPECTOR)).not.toContain(`action="${path}"`)
      expect(await send(path)).toMatchObject({
        status: 422,
        text: containing('This disbursement is over already'),
      })
    }
  })

  it('sends a webhook again that was not taken', async () => {
    h.answers.push(500)
    const link = await makeLink()
    expect(await told()).toEqual([])
    const text = await h.get(INSPECTOR)
    expect(text).toContain('given up (answered 500, 1 attempt)')
    // The newest event is listed first.
    const [, again = ''] = /action="([^"]*\/events\/[^"]*\/send)"/.exec(text) ?? []
    expect(await send(again)).toMatchObject(DONE)
    expect(await told()).toEqual(['payment_link.create'])
    expect(h.hooks[0]?.object).toMatchObject({ id: link.id })
    expect(await h.get(INSPECTOR)).toContain('delivered (answered 200, 1 attempt)')
  })

  it('lists what was not sent while webhooks are dropped', async () => {
    await h.arm('drop', { times: '' })
    const link = await makeLink({ active: false })
    expect(await told()).toEqual([])
    await h.form('/sandbox/faults/disarm')
    const text = await h.get(INSPECTOR)
    expect(text).toContain(`payment_link.create<br><code>${link.id}</code>`)
    expect(text).toContain('<td>no</td>')
  })

  it('shows a link that only keeps a card as free', async () => {
    await makeLink({ amount: null, save_card: 'required' })
    const text = await h.get(INSPECTOR)
    expect(text).toContain('<td>$0.00</td>')
    expect(text).not.toContain('<td>null</td>')
  })

  it('does not know what there is not', async () => {
    for (const path of [
      'charges/no/refund',
      'charges/no/fail-refund',
      'subscribers/no/renew',
      'subscribers/no/decline',
      'payouts/no/processed',
      'payouts/no/failed',
      'events/no/send',
    ])
      expect(await send(`${INSPECTOR}/${path}`)).toMatchObject({
        status: 404,
        text: containing('There is nothing here'),
      })
  })
})

describe('the hosted page of the MamoPay sandbox', () => {
  it('says what is bought, for how much and how often, and fills in who it is for', async () => {
    const plain = await see((await makeLink()).payment_url)
    expect(plain).toMatchObject({ status: 200, text: containing('<p class="price">$100.00</p>') })
    expect(plain.text).not.toContain('class="back"')
    expect(plain.text).not.toContain('processing fee')
    const full = await makeLink({
      ...RETURNS,
      description: 'What it is',
      processing_fee_percentage: 2.5,
      first_name: 'Ann',
      last_name: 'Bee',
      email: 'ann@example.com',
      subscription: { frequency: 'weekly', frequency_interval: 2 },
    })
    const { text } = await see(full.payment_url)
    for (const part of [
      '$102.50 every 2 weeks',
      '$100.00 and a processing fee of $2.50.',
      'What it is',
      'Renews every 2 weeks until it is cancelled.',
      'value="ann@example.com"',
      'value="Ann Bee"',
      '<a href="https://shop.example/no">Cancel and go back</a>',
    ])
      expect(text).toContain(part)
    const monthly = await makeLink({ subscription: { frequency: 'monthly' } })
    expect((await see(monthly.payment_url)).text).toContain('$100.00 every month')
    expect((await see((await makeLink({ amount: null, save_card: 'required' })).payment_url)).text).toContain(
      'Pay $0.00',
    )
  })

  it('tells what was typed wrong, keeps the rest, and charges nothing', async () => {
    const link = await makeLink()
    for (const [fields, problem] of [
      [{}, 'Enter a valid e-mail address.'],
      [{ ...CARD, email: 'ann' }, 'Enter a valid e-mail address.'],
      [{ ...CARD, name: ' ' }, 'Enter the name on the card.'],
      [{ ...CARD, number: '4659105569051158' }, 'Your card number is invalid.'],
      [{ ...CARD, number: '1' }, 'Your card number is invalid.'],
      [{ ...CARD, expiry: '13/28' }, 'expiration date is invalid.'],
      [{ ...CARD, expiry: '01/20' }, 'expiration date is in the past.'],
      [{ ...CARD, cvc: '1' }, 'security code is invalid.'],
    ] as const) {
      const { status, text } = await send(link.payment_url, fields)
      expect(status).toBe(422)
      expect(text).toMatch(new RegExp(`role="alert">[^<]*${problem}`))
      if ('name' in fields && fields.name === 'Ann') expect(text).toContain('value="Ann"')
    }
    expect((await read(`/links/${link.id}`)).charges).toEqual([])
  })

  it('takes a payment and sends the payer on, once where it can be paid once', async () => {
    const link = await makeLink({ ...RETURNS, capacity: 1 })
    const { status, to } = await send(link.payment_url, CARD)
    expect(status).toBe(303)
    const url = new URL(to ?? '')
    expect(`${url.origin}${url.pathname}`).toBe('https://shop.example/done')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      order: '1',
      status: 'captured',
      paymentLinkId: link.id,
      transactionId: await chargeOf(link),
    })
    expect(await see(link.payment_url)).toMatchObject({ status: 200, text: containing('This link is paid') })
    expect(await send(link.payment_url, CARD)).toMatchObject({
      status: 303,
      to: new URL(link.payment_url).pathname,
    })
    expect((await read(`/links/${link.id}`)).charges).toHaveLength(1)
  })

  it('stays where it is when the link names no address to go to', async () => {
    const link = await makeLink({ capacity: 1 })
    const path = new URL(link.payment_url).pathname
    expect(await send(link.payment_url, CARD)).toMatchObject({ status: 303, to: path })
    expect((await see(path)).status).toBe(410)
  })

  it('says why a card was declined, and where to go from there', async () => {
    for (const [number, problem] of [
      ['4567361325981788', 'the card was declined. Please try again or use another card.'],
      ['4095254802642505', 'insufficient funds'],
      ['5555555555554444', 'use one of the test cards'],
    ] as const)
      for (const [addresses, start] of [
        [RETURNS, 'https://shop.example/no?'],
        [{ return_url: RETURNS.return_url }, 'https://shop.example/done?order=1&amp;'],
        [{}, null],
      ] as const) {
        const link = await makeLink(addresses)
        const { status, text } = await send(link.payment_url, { ...CARD, number })
        expect(status).toBe(422)
        expect(text).toContain(problem)
        if (start === null) expect(text).not.toContain('Give up and go back')
        else expect(text).toContain(`href="${start}`)
        expect(text.includes('status=failed')).toBe(start !== null)
      }
  })

  it('asks the bank where the card wants it, and charges only when that was completed', async () => {
    const link = await makeLink({ ...RETURNS, capacity: 1 })
    const path = new URL(link.payment_url).pathname
    const step = `${path}/authenticate`
    expect(await see(step)).toMatchObject({ status: 303, to: path })
    expect(await send(step, { outcome: 'complete' })).toMatchObject({ status: 303, to: path })
    const card = { ...CARD, number: '4242 4242 4242 4242' }
    expect(await send(path, card)).toMatchObject({ status: 303, to: step })
    expect(await see(step)).toMatchObject({ status: 200, text: containing('Confirm it is you') })
    const failed = await send(step, { outcome: 'fail' })
    expect(failed).toMatchObject({ status: 422, text: containing('authentication failed') })
    expect(failed.text).toContain('value="ann@example.com"')
    expect(await send(path, { ...card, number: '4111111111111111' })).toMatchObject({ status: 303, to: step })
    expect(await send(step, { outcome: 'complete' })).toMatchObject({
      status: 303,
      to: containing('status=captured'),
    })
    expect((await read(`/links/${link.id}`)).charges).toMatchObject([
      { status: 'captured' },
      { status: 'failed', error_code: 'authentication_failed' },
    ])
  })

  it('takes nothing for a link that is not active, not even from the bank', async () => {
    const link = await makeLink({ failure_return_url: RETURNS.failure_return_url })
    const path = new URL(link.payment_url).pathname
    await send(path, { ...CARD, number: '4242424242424242' })
    await h.api('DELETE', `/links/${link.id}`)
    expect(await send(`${path}/authenticate`, { outcome: 'complete' })).toMatchObject({
      status: 303,
      to: path,
    })
    expect(await send(path, CARD)).toMatchObject({ status: 303, to: path })
    const { status, text } = await see(path)
    expect(status).toBe(410)
    expect(text).toContain('This link is no longer active')
    expect(text).toContain('href="https://shop.example/no"')
    expect((await read(`/links/${link.id}`)).charges).toEqual([])
    const bare = await see((await makeLink({ active: false })).payment_url)
    expect(bare.status).toBe(410)
    expect(bare.text).not.toContain('Go back')
  })

  it('is not there for a link that is not', async () => {
    for (const path of ['no', 'no/authenticate']) {
      const missing = { status: 404, text: containing('This payment link does not exist.') }
      expect(await see(`${INSPECTOR}/pay/${path}`)).toMatchObject(missing)
      expect(await send(`${INSPECTOR}/pay/${path}`, CARD)).toMatchObject(missing)
    }
  })
})

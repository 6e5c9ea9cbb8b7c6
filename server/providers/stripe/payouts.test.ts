import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { PayoutRefusedError, type PayoutRequest } from '../../kit/ports'
import { createStripeProvider } from '.'
import { canPayOut } from './amounts'
import { readEvent } from './read-event'
import { readAccount, readTransfer } from './snapshots'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** An HTTP server that answers as told and keeps what it was asked. */
const remote = async (answer: (path: string) => { status?: number; body: object }) => {
  const asked: { method: string; path: string; body: URLSearchParams; key: string }[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part) => {
      text += part
    })
    request.on('end', () => {
      const path = request.url ?? ''
      const key = String(request.headers['idempotency-key'] ?? '')
      asked.push({ method: request.method ?? '', path, body: new URLSearchParams(text), key })
      const { status = 200, body } = answer(path)
      response.writeHead(status, { 'content-type': 'application/json', 'stripe-should-retry': 'false' })
      response.end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const apiBase = `http://127.0.0.1:${port}`
  const { payouts } = createStripeProvider({
    secretKey: 'sk_test_x',
    webhookSecrets: [],
    apiBase,
    mode: 'test',
  })
  if (payouts?.payees === undefined) throw new Error('Stripe pays out')
  return { asked, payouts, payees: payouts.payees }
}

const transfer = {
  id: 'tr_1',
  object: 'transfer',
  amount: 6000,
  amount_reversed: 0,
  currency: 'usd',
  metadata: { withdrawalId: 'w1' },
  reversed: false,
  balance_transaction: { id: 'txn_1', fee: 25, currency: 'usd' },
}
const told = {
  ref: 'tr_1',
  withdrawalId: 'w1',
  amount: { amount: 6000n, currency: 'USD' },
  status: 'paid',
  returned: 0n,
  fee: 25n,
  reason: null,
}
const request: PayoutRequest = {
  withdrawalId: 'w1',
  amount: { amount: 6000n, currency: 'USD' },
  destination: { kind: 'STRIPE', account: 'acct_1' },
  idempotencyKey: 'withdrawal:w1',
}

describe('a transfer', () => {
  test('carries the withdrawal and its key, and is read back with its fee', async () => {
    const { asked, payouts } = await remote(() => ({ body: transfer }))
    expect(await payouts.send(request)).toEqual(told)
    expect(asked).toMatchObject([{ method: 'POST', path: '/v1/transfers', key: 'withdrawal:w1' }])
    expect(Object.fromEntries(asked[0]?.body ?? [])).toEqual({
      amount: '6000',
      currency: 'usd',
      destination: 'acct_1',
      transfer_group: 'withdrawal_w1',
      'metadata[withdrawalId]': 'w1',
      'expand[0]': 'balance_transaction',
    })
  })

  test.each([
    [400, { code: 'balance_insufficient' }, 'does not cover it'],
    [400, { code: 'insufficient_capabilities_for_transfer' }, 'does not pay to this account'],
    [400, { code: 'resource_missing', param: 'destination' }, 'does not pay to this account'],
    [400, { code: 'parameter_invalid', param: 'amount' }, 'Stripe refused this (parameter_invalid, amount).'],
    [400, {}, 'Stripe refused this.'],
  ])('that is refused (%d %o) never left, and it is said why', async (status, error, words) => {
    const { payouts } = await remote(() => ({
      status,
      body: { error: { type: 'invalid_request_error', message: 'sk_test_x', ...error } },
    }))
    const failure = await payouts.send(request).catch((e: unknown) => e)
    expect(failure).toBeInstanceOf(PayoutRefusedError)
    expect((failure as Error).message).toContain(words)
  })

  test.each([
    [400, { type: 'idempotency_error' }],
    [409, { type: 'invalid_request_error', code: 'lock_timeout' }],
    [401, { type: 'invalid_request_error' }],
    [403, { type: 'invalid_request_error' }],
    [429, { type: 'rate_limit_error' }],
    [500, { type: 'api_error' }],
  ])('of which nobody knows whether it left (%d %o) is not called refused', async (status, error) => {
    const { payouts } = await remote(() => ({ status, body: { error } }))
    const failure = await payouts.send(request).catch((e: unknown) => e)
    expect(failure).toBeInstanceOf(Error)
    expect(failure).not.toBeInstanceOf(PayoutRefusedError)
  })

  test('that cannot be exact, or goes elsewhere, is refused before anybody is asked', async () => {
    const { asked, payouts } = await remote(() => ({ body: transfer }))
    for (const wrong of [
      { ...request, amount: { amount: 1n, currency: 'KWD' } },
      { ...request, destination: { kind: 'MAMOPAY' as const, name: 'A', iban: 'AE1' } },
    ])
      await expect(payouts.send(wrong)).rejects.toBeInstanceOf(PayoutRefusedError)
    expect(asked).toEqual([])
  })

  test('whose answer cannot be read may have left', async () => {
    const { payouts } = await remote(() => ({ body: { id: 'tr_1' } }))
    await expect(payouts.send(request)).rejects.toMatchObject({ status: 503 })
  })
})

describe('finding a transfer', () => {
  const missing = {
    status: 404,
    body: { error: { type: 'invalid_request_error', code: 'resource_missing' } },
  }

  test('goes by its name, else by the group of its withdrawal', async () => {
    const { asked, payouts } = await remote((path) =>
      path.startsWith('/v1/transfers/tr_1')
        ? { body: transfer }
        : path.startsWith('/v1/transfers/')
          ? missing
          : {
              body: {
                object: 'list',
                data: [{ ...transfer, id: 'tr_2' }, transfer, { ...transfer, id: 'tr_0', metadata: {} }],
              },
            },
    )
    expect(await payouts.find({ withdrawalId: 'w1', ref: 'tr_1' })).toEqual(told)
    expect(await payouts.find({ withdrawalId: 'w1', ref: 'tr_gone' })).toEqual(told)
    expect(await payouts.find({ withdrawalId: 'w1', ref: null })).toEqual(told)
    expect(await payouts.find({ withdrawalId: 'another', ref: null })).toBeNull()
    expect(asked.at(-1)?.path).toContain('transfer_group=withdrawal_another')
  })

  test('fails when Stripe is away: that is not “there is none”', async () => {
    const { payouts } = await remote(() => ({ status: 500, body: { error: { type: 'api_error' } } }))
    for (const ref of [null, 'tr_1'])
      await expect(payouts.find({ withdrawalId: 'w1', ref })).rejects.toMatchObject({ status: 503 })
  })
})

describe('a payee’s account', () => {
  test('is made for transfers only, with Stripe answering for what it asks', async () => {
    const { asked, payees } = await remote(() => ({ body: { id: 'acct_1', object: 'account' } }))
    expect(await payees.create({ email: 'a@b.example', idempotencyKey: 'payee:1' })).toEqual({
      ref: 'acct_1',
      detailsSubmitted: false,
      payoutsEnabled: false,
    })
    expect(Object.fromEntries(asked[0]?.body ?? [])).toMatchObject({
      'controller[stripe_dashboard][type]': 'express',
      'controller[losses][payments]': 'application',
      'capabilities[transfers][requested]': 'true',
    })
    expect(asked[0]?.key).toBe('payee:1')
  })

  test.each([403, 404])('that is taken away (%d) is there no more', async (status) => {
    const { payees } = await remote(() => ({ status, body: { error: { type: 'invalid_request_error' } } }))
    expect(await payees.fetch('acct_1')).toBeNull()
  })

  test('cannot be asked about when Stripe is away or cannot be understood', async () => {
    const away = await remote(() => ({ status: 500, body: { error: { type: 'api_error' } } }))
    await expect(away.payees.fetch('acct_1')).rejects.toMatchObject({ status: 503 })
    const odd = await remote(() => ({ body: { object: 'account' } }))
    await expect(odd.payees.fetch('acct_1')).rejects.toMatchObject({ status: 503 })
  })

  test('is gone on with at an address of Stripe’s', async () => {
    const { payees, asked } = await remote(() => ({ body: { url: 'https://connect.stripe.com/x' } }))
    const returns = { returnUrl: 'https://a.example/r', refreshUrl: 'https://a.example/f' }
    expect(await payees.onboardingUrl({ ref: 'acct_1', ...returns })).toBe('https://connect.stripe.com/x')
    expect(Object.fromEntries(asked[0]?.body ?? [])).toEqual({
      account: 'acct_1',
      type: 'account_onboarding',
      return_url: returns.returnUrl,
      refresh_url: returns.refreshUrl,
    })
  })

  test.each([
    [{ payouts_enabled: true, capabilities: { transfers: 'active' } }, true],
    [{ payouts_enabled: true, capabilities: { transfers: 'pending' } }, false],
    [{ payouts_enabled: false, capabilities: { transfers: 'active' } }, false],
    // Of versions that knew no capabilities, and of those that called it otherwise.
    [{ payouts_enabled: true }, true],
    [{ transfers_enabled: true }, true],
    [{}, false],
    [{ payouts_enabled: 'true' }, false],
  ])('%o can be paid: %s', (account, payoutsEnabled) => {
    expect(readAccount({ id: 'acct_1', ...account })).toMatchObject({ payoutsEnabled })
  })
})

describe('what is read of transfers', () => {
  test.each([
    [{ amount_reversed: 6000, reversed: true }, 'returned', 6000n],
    [{ amount_reversed: 1000 }, 'returned', 1000n],
    [{ reversed: true }, 'returned', 6000n],
    [{ amount_reversed: undefined, reversed: undefined }, 'paid', 0n],
  ])('%o is %s', (more, status, returned) => {
    expect(readTransfer({ ...transfer, ...more })).toMatchObject({ status, returned })
  })

  test.each([{ amount: 0 }, { amount: '1' }, { currency: 'zzz' }, { id: '' }, { amount_reversed: -1 }])(
    '%o cannot be read',
    (more) => {
      expect(readTransfer({ ...transfer, ...more })).toBeNull()
    },
  )

  test('a fee in another currency is not known', () => {
    const balance_transaction = { id: 'txn_1', fee: 25, currency: 'eur' }
    expect(readTransfer({ ...transfer, balance_transaction })?.fee).toBeNull()
    expect(readTransfer({ ...transfer, balance_transaction: 'txn_1' })?.fee).toBeNull()
  })
})

describe('events of payouts', () => {
  const event = (type: string, object: unknown, more: object = {}) =>
    readEvent(JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object }, ...more }))
  const nothingKnown = { detailsSubmitted: false, payoutsEnabled: false }

  test.each(['transfer.created', 'transfer.updated', 'transfer.reversed', 'transfer.paid'])(
    '%s names the transfer and its withdrawal, and says nothing else that is believed',
    (type) => {
      expect(event(type, transfer)).toEqual({ kind: 'payout', ref: 'tr_1', withdrawalId: 'w1' })
      expect(event(type, { id: 'tr_1' })).toEqual({ kind: 'payout', ref: 'tr_1', withdrawalId: null })
      expect(event(type, {}).kind).toBe('ignored')
    },
  )

  test('an account is named by itself, by its capability, or by the envelope', () => {
    const account = { id: 'acct_1', object: 'account', details_submitted: true, payouts_enabled: true }
    expect(event('account.updated', account)).toEqual({
      kind: 'payee-account',
      account: { ref: 'acct_1', detailsSubmitted: true, payoutsEnabled: true },
    })
    const named = { kind: 'payee-account', account: { ref: 'acct_1', ...nothingKnown } }
    expect(event('capability.updated', { id: 'transfers', object: 'capability', account: 'acct_1' })).toEqual(
      named,
    )
    expect(event('account.application.deauthorized', { id: 'ca_1' }, { account: 'acct_1' })).toEqual(named)
    expect(event('account.external_account.updated', { id: 'ba_1', account: 'acct_1' })).toEqual(named)
    expect(event('account.application.deauthorized', { id: 'ca_1' }).kind).toBe('ignored')
    expect(event('account.updated', { id: 'acct_1' }).kind).toBe('ignored')
  })

  test('a payout to a bank moves nothing of ours', () => {
    expect(event('payout.paid', { id: 'po_1' }, { account: 'acct_1' })).toEqual({
      kind: 'ignored',
      reason: 'payout.paid: from account acct_1 to its bank',
    })
    expect(event('payout.failed', { id: 'po_1' })).toMatchObject({ kind: 'ignored' })
  })
})

test.each([
  ['USD', 1n, true],
  ['USD', 0n, false],
  ['USD', 100_000_000n, false],
  ['JPY', 1n, true],
  ['HUF', 100n, true],
  ['HUF', 150n, false],
  ['TWD', 150n, false],
  ['KWD', 1230n, true],
  ['KWD', 1234n, false],
  ['MGA', 100n, true],
  ['MGA', 150n, false],
  ['XXX', 100n, false],
])('%s %s can be paid out: %s', (currency, amount, can) => {
  expect(canPayOut({ amount, currency })).toBe(can)
})

const folderOfSamples: unknown = import.meta.env.SAMPLES_DIR
const samples = typeof folderOfSamples === 'string' ? join(folderOfSamples, 'stripe') : null

describe.runIf(samples !== null && existsSync(samples))('the samples of all versions', () => {
  const folder = String(samples)
  const read = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'))
  test('of accounts and transfers are understood', () => {
    const versions = readdirSync(join(folder, 'objects', 'by-version'))
    expect(versions.length).toBeGreaterThan(5)
    for (const version of versions) {
      const files = readdirSync(join(folder, 'objects', 'by-version', version))
      if (files.includes('transfer.json'))
        expect(readTransfer(read('objects', 'by-version', version, 'transfer.json')), version).not.toBeNull()
      if (files.includes('account.json'))
        expect(readAccount(read('objects', 'by-version', version, 'account.json')), version).not.toBeNull()
    }
  })
  test('of events name what they are about', () => {
    const names = readdirSync(join(folder, 'events')).filter((name) =>
      /__(account\.updated|transfer\.\w+)__/.test(name),
    )
    expect(names.length).toBeGreaterThan(3)
    for (const name of names)
      expect(readEvent(JSON.stringify(read('events', name))).kind, name).toMatch(/^pay(out|ee-account)$/)
  })
})

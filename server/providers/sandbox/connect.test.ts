import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testClock } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type Harness, startHarness } from './sandbox.harness'

const database = useDatabase()
const clock = testClock()
let h: Harness
beforeAll(async () => {
  h = await startHarness(database.db, clock.now)
})
afterAll(() => h.stop())

const post = async (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) => {
  const answer = await h.api('POST', path, new URLSearchParams(fields).toString(), headers)
  return { status: answer.status, body: await answer.json() }
}
const EXPRESS = {
  'controller[fees][payer]': 'application',
  'controller[losses][payments]': 'application',
  'controller[stripe_dashboard][type]': 'express',
  'capabilities[transfers][requested]': 'true',
}
const givenAccount = async (enabled = true): Promise<string> => {
  const { body } = await post('/v1/accounts', { ...EXPRESS, email: 'p@payee.example' })
  if (enabled) await h.form(`/sandbox/accounts/${body.id}/enable`, {})
  return body.id
}
const transfer = async (changes: Record<string, string> = {}, headers = {}) =>
  post(
    '/v1/transfers',
    { amount: '6000', currency: 'usd', destination: await givenAccount(), transfer_group: 'g', ...changes },
    headers,
  )

describe('the sandbox refuses as Stripe does', () => {
  test.each([
    [{ destination: 'acct_none' }, 'resource_missing', 'destination'],
    [{ amount: '0' }, 'parameter_invalid', 'amount'],
    [{ amount: '100000000' }, 'parameter_invalid', 'amount'],
    [{ currency: 'zzz' }, 'parameter_invalid', 'currency'],
    [{ currency: 'isk', amount: '150' }, 'parameter_invalid', 'currency'],
    [{ withdrawal: 'x' }, 'parameter_unknown', 'withdrawal'],
    [{ 'metadata[a]': 'x'.repeat(501) }, 'parameter_invalid', 'metadata[a]'],
  ])('a transfer with %o', async (changes, code, param) => {
    const { status, body } = await transfer(changes)
    expect([status, body.error.code, body.error.param]).toEqual([400, code, param])
  })

  test('a transfer to an account that may not have any', async () => {
    const { status, body } = await transfer({ destination: await givenAccount(false) })
    expect([status, body.error.code]).toEqual([400, 'insufficient_capabilities_for_transfer'])
  })

  test('the same key with other parameters, and gives the first answer to the same', async () => {
    const destination = await givenAccount()
    const key = { 'idempotency-key': 'one key' }
    const first = await transfer({ destination }, key)
    expect((await transfer({ destination }, key)).body.id).toBe(first.body.id)
    const other = await transfer({ destination, amount: '6001' }, key)
    expect([other.status, other.body.error.type]).toEqual([400, 'idempotency_error'])
  })

  test('an account or a link that makes no sense', async () => {
    const full = await post('/v1/accounts', { ...EXPRESS, 'controller[losses][payments]': 'stripe' })
    expect([full.status, full.body.error.param]).toEqual([400, 'controller[losses][payments]'])
    expect((await post('/v1/accounts', { ...EXPRESS, type: 'express' })).body.error.code).toBe(
      'parameter_unknown',
    )
    const link = {
      account: 'acct_none',
      type: 'account_onboarding',
      return_url: 'https://a.example',
      refresh_url: 'https://a.example',
    }
    expect((await post('/v1/account_links', link)).body.error.param).toBe('account')
    expect((await post('/v1/account_links', { ...link, return_url: 'nowhere' })).body.error.param).toBe(
      'return_url',
    )
  })

  test('a reversal of more than there is, of nothing, and of what is not there', async () => {
    const { body } = await transfer()
    const reverse = (fields: Record<string, string>, id = body.id) =>
      post(`/v1/transfers/${id}/reversals`, fields)
    expect((await reverse({ amount: '6001' })).body.error.param).toBe('amount')
    expect((await reverse({}, 'tr_none')).status).toBe(404)
    expect((await reverse({ amount: '1000' })).body).toMatchObject({
      object: 'transfer_reversal',
      amount: 1000,
    })
    expect((await reverse({})).body.amount).toBe(5000)
    expect((await reverse({})).status).toBe(400)
    const listed = await h.api('GET', `/v1/transfers?destination=${body.destination}&limit=1`)
    expect(await listed.json()).toMatchObject({
      data: [{ id: body.id, amount_reversed: 6000, reversed: true }],
    })
  })
})

test('the inspector says what cannot be done', async () => {
  const { body } = await transfer()
  expect(await h.get('/sandbox')).toContain(body.id)
  expect((await h.form(`/sandbox/transfers/${body.id}/reverse`, {})).status).toBe(303)
  expect((await h.form(`/sandbox/transfers/${body.id}/reverse`, {})).status).toBe(422)
  expect((await h.form('/sandbox/accounts/acct_none/restrict', {})).status).toBe(404)
  expect((await h.form('/sandbox/faults/none/disarm', {})).status).toBe(404)
})

test('events of an account name it on their envelope', async () => {
  const account = await givenAccount()
  await h.form(`/sandbox/accounts/${account}/restrict`, {})
  await expect
    .poll(() =>
      h.received.filter(({ type }) => type === 'account.updated').map(({ body }) => JSON.parse(body).account),
    )
    .toContain(account)
})

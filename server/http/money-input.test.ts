import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import type { ServerBuild } from '@remix-run/node'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../db/testing/factories/identity'
import { BANK, givenBalance, givenMethod, makePayee } from '../../db/testing/factories/payout'
import { signIn } from '../domain/identity'
import { requestWithdrawal } from '../domain/payout'
import { createLog } from '../kit/log'
import { createHttpApp } from './app'

const database = useDatabase()
let ctx: TestContext
let server: ServerType
let url: string
/** Who asks, by their session cookie. */
const cookies: Record<string, string> = {}
let payeeId: string
let theirs: string
let paid: string

beforeAll(async () => {
  ctx = testContext(database.db)
  const app = createHttpApp({
    base: ctx,
    log: createLog('silent', { write: () => {} }),
    build: {
      entry: { module: {} },
      routes: {},
      assets: { routes: {} },
      future: {},
    } as unknown as ServerBuild,
    clientFolder: '.',
    sandboxPages: null,
  })
  server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const payee = await makePayee(ctx, { available: 20_000n })
  payeeId = payee.user.id
  await givenBalance(ctx, payeeId, 90_000n, 'KWD')
  await known('payee', payee.user.email)
  const bare = await makePayee(ctx, { available: 20_000n, method: null })
  await known('without details', bare.user.email)
  const changed = await makePayee(ctx, { available: 20_000n })
  await givenMethod(changed.as, BANK)
  await known('with new details', changed.user.email)
  const other = await makePayee(ctx, { available: 20_000n })
  theirs = (await requestWithdrawal(other.as, { amount: 6_000, currency: 'USD' })).id
  await known('with one open', other.user.email)
  const first = await makePayee(ctx, { available: 20_000n })
  await known('again', first.user.email)
  paid = (await requestWithdrawal(first.as, { amount: 6_000, currency: 'USD', attempt: 'once' })).id
  const admin = await makeUser(ctx, { role: 'ADMIN' })
  await known('admin', admin.email)
  await ask('admin', '/api/admin/adjustments', adjustment({}), 'adjusted')
})
afterAll(async () => {
  server.close()
  await once(server, 'close')
})

const known = async (who: string, email: string) => {
  cookies[who] = `session=${(await signIn(ctx, { email, password: TEST_PASSWORD })).session.id}`
}

/** @param body as JSON is written, so that a number may be what no program can hold */
const ask = async (who: string, path: string, body: string, attempt?: string) => {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Origin: ctx.config.appUrl,
      ...(cookies[who] === undefined ? {} : { Cookie: cookies[who] }),
      ...(attempt === undefined ? {} : { 'Idempotency-Key': attempt }),
    },
    body,
  })
  return { status: answer.status, body: (await answer.json()) as { code?: string; message?: string } }
}

const withdrawal = (more: Readonly<Record<string, string>>): string =>
  written({ amount: '6000', currency: '"USD"', ...more })
const adjustment = (more: Readonly<Record<string, string>>): string =>
  written({ userId: `"${payeeId}"`, amount: '100', currency: '"USD"', reason: '"A gift"', ...more })
/** Members as they are written, not as a program reads them. */
const written = (members: Readonly<Record<string, string>>): string =>
  `{${Object.entries(members)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}}`

/** How many rows there are of what a withdrawal or an adjustment writes, and what the balances are. */
const rows = async (): Promise<unknown> => {
  const [found] = await database.owner.execute(sql`select
    (select count(*) from withdrawals) withdrawals, (select count(*) from ledger_transfers) transfers,
    (select count(*) from ledger_entries) entries, (select count(*) from ledger_accounts) accounts,
    (select string_agg(balance::text, ',' order by id) from ledger_accounts) balances,
    (select count(*) from activity_log) log, (select count(*) from mails) mails, (select count(*) from jobs) jobs,
    (select string_agg(status::text, ',' order by id) from withdrawals) states`)
  return found
}

type Case = [name: string, who: string, body: () => string, status: number, code: string, attempt?: string]

const AMOUNTS: readonly (readonly [name: string, amount: string])[] = [
  ['a fraction of a minor unit', '6000.5'],
  ['2^53, which numbers in JSON no longer hold exactly', '9007199254740992'],
  ['one more than 2^53', '9007199254740993'],
  ['more than the books hold', '9223372036854775808'],
  ['a number beyond all numbers', '1e999'],
  ['text', '"6000"'],
  ['nothing at all', 'null'],
  ['an amount in an object', '{"amount":6000}'],
]
const CURRENCIES: readonly (readonly [name: string, currency: string])[] = [
  ['an unknown currency', '"XQQ"'],
  ['a currency in lower case', '"usd"'],
  ['a currency with a NUL in it', '"US\\u0000"'],
  ['no currency', 'null'],
]

const WITHDRAWALS: readonly Case[] = [
  ...AMOUNTS.map(
    ([name, amount]): Case => [name, 'payee', () => withdrawal({ amount }), 400, 'INVALID_INPUT'],
  ),
  ...CURRENCIES.map(
    ([name, currency]): Case => [name, 'payee', () => withdrawal({ currency }), 400, 'INVALID_INPUT'],
  ),
  ['nothing', 'payee', () => withdrawal({ amount: '0' }), 400, 'INVALID_INPUT'],
  ['less than nothing', 'payee', () => withdrawal({ amount: '-6000' }), 400, 'INVALID_INPUT'],
  ['a member that is not known', 'payee', () => withdrawal({ userId: `"${payeeId}"` }), 400, 'INVALID_INPUT'],
  [
    'a currency the account has nothing in',
    'payee',
    () => withdrawal({ currency: '"EUR"' }),
    422,
    'INSUFFICIENT_BALANCE',
  ],
  ['less than the minimum', 'payee', () => withdrawal({ amount: '4999' }), 422, 'BELOW_MINIMUM'],
  [
    'less than the minimum of a currency of three decimals',
    'payee',
    () => withdrawal({ amount: '49999', currency: '"KWD"' }),
    422,
    'BELOW_MINIMUM',
  ],
  ['one more than the balance', 'payee', () => withdrawal({ amount: '20101' }), 422, 'INSUFFICIENT_BALANCE'],
  ['a fee other than it is now', 'payee', () => withdrawal({ fee: '1' }), 409, 'FEE_CHANGED'],
  ['no payout details', 'without details', () => withdrawal({}), 422, 'NO_PAYOUT_METHOD'],
  ['payout details that are held', 'with new details', () => withdrawal({}), 422, 'PAYOUT_METHOD_ON_HOLD'],
  ['a second one beside an open one', 'with one open', () => withdrawal({}), 409, 'WITHDRAWAL_OPEN'],
  [
    'the key of another attempt, with another amount',
    'again',
    () => withdrawal({ amount: '7000' }),
    409,
    'IDEMPOTENCY_KEY_REUSED',
    'once',
  ],
  ['nobody who is signed in', 'nobody', () => withdrawal({}), 401, 'SIGN_IN_REQUIRED'],
  ['what is no JSON', 'payee', () => '{"amount":6000,', 400, 'INVALID_JSON'],
  ['a list', 'payee', () => '[]', 400, 'INVALID_INPUT'],
]

const ADJUSTMENTS: readonly Case[] = [
  ...AMOUNTS.map(
    ([name, amount]): Case => [name, 'admin', () => adjustment({ amount }), 400, 'INVALID_INPUT'],
  ),
  ...CURRENCIES.map(
    ([name, currency]): Case => [name, 'admin', () => adjustment({ currency }), 400, 'INVALID_INPUT'],
  ),
  ['nothing', 'admin', () => adjustment({ amount: '0' }), 400, 'INVALID_INPUT'],
  ['no reason', 'admin', () => adjustment({ reason: '"  "' }), 400, 'INVALID_INPUT'],
  ['a reason with a NUL in it', 'admin', () => adjustment({ reason: '"a\\u0000b"' }), 400, 'INVALID_INPUT'],
  [
    'a user who is not there',
    'admin',
    () => adjustment({ userId: '"00000000-0000-7000-8000-000000000000"' }),
    404,
    'USER_NOT_FOUND',
  ],
  ['a user by no id', 'admin', () => adjustment({ userId: '"ann"' }), 404, 'USER_NOT_FOUND'],
  [
    'the key of another attempt, with another amount',
    'admin',
    () => adjustment({ amount: '101' }),
    409,
    'IDEMPOTENCY_KEY_REUSED',
    'adjusted',
  ],
  [
    'the key of another attempt, with another currency',
    'admin',
    () => adjustment({ currency: '"KWD"' }),
    409,
    'IDEMPOTENCY_KEY_REUSED',
    'adjusted',
  ],
  ['who is no admin, about themselves', 'payee', () => adjustment({}), 404, 'NOT_FOUND'],
]

const refuses = async (path: string, [, who, body, status, code, attempt]: Case): Promise<void> => {
  const before = await rows()
  const answer = await ask(who, path, body(), attempt)
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
  expect(answer.body.message?.length).toBeGreaterThan(5)
  expect(await rows()).toEqual(before)
}

describe('a withdrawal over HTTP', () => {
  it.each(WITHDRAWALS)('is refused, and nothing is written: %s', (...one) =>
    refuses('/api/balance/withdrawals', one),
  )

  it.each(['cancel'])('of somebody else looks like one that is not there: %s', async (verb) => {
    const before = await rows()
    const [of, none] = [theirs, '00000000-0000-7000-8000-000000000000'].map((id) =>
      ask('payee', `/api/balance/withdrawals/${id}/${verb}`, '{}'),
    )
    const answer = await of
    expect(answer?.status).toBe(404)
    expect(answer).toEqual(await none)
    expect(await rows()).toEqual(before)
  })

  it('asked for again under its key is the first one', async () => {
    const before = await rows()
    expect(await ask('again', '/api/balance/withdrawals', withdrawal({}), 'once')).toMatchObject({
      status: 200,
      body: { id: paid },
    })
    expect(await rows()).toEqual(before)
  })
})

describe('an adjustment over HTTP', () => {
  it.each(ADJUSTMENTS)('is refused, and nothing is written: %s', (...one) =>
    refuses('/api/admin/adjustments', one),
  )

  it('asked for again under its key is the first one', async () => {
    const before = await rows()
    expect(await ask('admin', '/api/admin/adjustments', adjustment({}), 'adjusted')).toMatchObject({
      status: 200,
      body: { amount: { amount: 100, currency: 'USD' } },
    })
    expect(await rows()).toEqual(before)
  })
})

import { eq, like } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectedAccounts, mails, webhookEvents, withdrawals } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { givenAccount } from '../../../db/testing/factories/payee'
import { givenMethod, makePayee } from '../../../db/testing/factories/payout'
import type { PaymentProvider } from '../../kit/ports'
import { type Harness, startHarness } from '../../providers/sandbox/sandbox.harness'
import { verifyLedger } from '../balance'
import { processWebhook, receiveWebhook } from '../webhook'
import {
  approveWithdrawal,
  checkPayee,
  connectPayee,
  payoutTerms,
  requestWithdrawal,
  sendWithdrawal,
  setPayoutMethod,
} from '.'
import { SetPayoutMethodInput } from './schemas'

const database = useDatabase()
const clock = testClock()
let h: Harness
beforeAll(async () => {
  h = await startHarness(database.db, clock.now)
})
afterAll(() => h.stop())

const context = (more: Partial<PaymentProvider> = {}) =>
  testContext(database.db, {
    clock,
    outside: { payments: new Map([['stripe', { ...h.provider, ...more }]]) },
  })
const ANN = { password: TEST_PASSWORD }
const given = async (more: Parameters<typeof makePayee>[1] = {}) => {
  const ctx = context()
  return { ctx, ...(await makePayee(ctx, { method: null, ...more })) }
}
const pathOf = (url: string | null) => (url ?? '').replace(h.appUrl, '')
/** What the payee says on Stripe's page. */
const finish = async (url: string | null, outcome: string) => {
  const answer = await h.form(pathOf(url), { outcome })
  return answer.headers.get('location')
}
/** The application hears what the sandbox sent so far. */
const hearAll = async (ctx: TestContext) => {
  for (const { body, headers } of h.received.splice(0)) {
    await receiveWebhook(ctx, { provider: 'stripe', body, headers })
    const { id } = JSON.parse(body) as { id: string }
    const [row] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.eventId, id))
    await processWebhook(ctx, row?.id ?? '')
  }
}
const accountOf = async (userId: string) => {
  const [row] = await database.db.select().from(connectedAccounts).where(eq(connectedAccounts.userId, userId))
  return row
}

describe('being paid at Stripe', () => {
  it('begins with a password, makes an account once and leads to the page where Stripe asks', async () => {
    const { as, user } = await given()
    await expect(connectPayee(as, { password: 'wrong' })).rejects.toMatchObject({ code: 'WRONG_PASSWORD' })
    const first = await connectPayee(as, ANN)
    expect(first.url).toMatch(`${h.appUrl}/sandbox/connect/acclink_`)
    expect(first.account).toEqual({
      account: expect.stringMatching(/^acct_1/),
      detailsSubmitted: false,
      payoutsEnabled: false,
    })
    const twice = await Promise.all([connectPayee(as, ANN), connectPayee(as, ANN)])
    for (const one of twice) expect(one.account).toEqual(first.account)
    expect(await h.get(pathOf(first.url))).toContain(first.account.account)
    // Nothing else was on file, so it is; but nothing is paid to it yet.
    expect((await payoutTerms(as)).method).toMatchObject({ kind: 'STRIPE', ready: false })
    await expect(requestWithdrawal(as, { amount: 6_000, currency: 'USD' })).rejects.toMatchObject({
      status: 422,
      code: 'PAYOUT_ACCOUNT_NOT_READY',
    })
    expect(await finish(first.url, 'complete')).toBe(
      `${as.config.appUrl}/balance/payout-method?kind=STRIPE&stripe=returned`,
    )
    expect(await checkPayee(as)).toMatchObject({ detailsSubmitted: true, payoutsEnabled: true })
    expect((await payoutTerms(as)).method).toMatchObject({ kind: 'STRIPE', ready: true, holdUntil: null })
    expect(await connectPayee(as, ANN)).toMatchObject({ url: null })
    const told = await database.db.select().from(mails).where(eq(mails.to, user.email))
    expect(told.map(({ template }) => template)).toEqual(['payout-details-changed'])
  })

  it('leaves what is on file until Stripe pays, then holds withdrawals like any change', async () => {
    const { as } = await given({ method: { kind: 'PAYPAL', details: { email: 'p@payee.example' } } })
    const { url } = await connectPayee(as, ANN)
    await finish(url, 'restricted')
    expect(await checkPayee(as)).toMatchObject({ detailsSubmitted: true, payoutsEnabled: false })
    expect((await payoutTerms(as)).method).toMatchObject({ kind: 'PAYPAL', ready: true })
    const again = await connectPayee(as, ANN)
    await finish(again.url, 'complete')
    expect((await payoutTerms(as)).method).toMatchObject({ kind: 'PAYPAL' })
    expect(await connectPayee(as, ANN)).toMatchObject({ url: null })
    expect((await payoutTerms(as)).method).toMatchObject({ kind: 'STRIPE', holdUntil: expect.any(String) })
    await expect(requestWithdrawal(as, { amount: 6_000, currency: 'USD' })).rejects.toMatchObject({
      code: 'PAYOUT_METHOD_ON_HOLD',
    })
  })

  it('an address that was used, or is over, leads back to ask again; whoever leaves has changed nothing', async () => {
    const { as } = await given()
    const { url } = await connectPayee(as, ANN)
    expect(await finish(url, 'leave')).toContain('stripe=returned')
    expect(await checkPayee(as)).toMatchObject({ detailsSubmitted: false })
    expect(await finish(url, 'complete')).toContain('stripe=expired')
    const next = await connectPayee(as, ANN)
    clock.advance(6 * 60_000)
    const late = await fetch(next.url ?? '', { redirect: 'manual' })
    expect(late.headers.get('location')).toContain('stripe=expired')
    expect((await h.form('/sandbox/connect/acclink_none', {})).status).toBe(404)
    expect((await fetch(`${h.appUrl}/sandbox/connect/acclink_none`)).status).toBe(404)
  })

  it('an event tells that it can be paid, and that it cannot any more; an older word changes nothing', async () => {
    const { as, ctx, user } = await given()
    const { url, account } = await connectPayee(as, ANN)
    h.received.length = 0
    await finish(url, 'complete')
    await h.until('account.updated')
    await hearAll(ctx)
    expect(await accountOf(user.id)).toMatchObject({ payoutsEnabled: true })
    await h.form(`/sandbox/accounts/${account.account}/restrict`, {})
    await h.until('account.updated')
    await hearAll(ctx)
    expect(await accountOf(user.id)).toMatchObject({ payoutsEnabled: false })
    await expect(requestWithdrawal(as, { amount: 6_000, currency: 'USD' })).rejects.toMatchObject({
      code: 'PAYOUT_ACCOUNT_NOT_READY',
    })
    await database.db
      .update(connectedAccounts)
      .set({ toldAt: new Date(clock.now().getTime() + 1) })
      .where(eq(connectedAccounts.userId, user.id))
    await h.form(`/sandbox/accounts/${account.account}/enable`, {})
    await h.until('account.updated')
    await hearAll(ctx)
    expect(await accountOf(user.id)).toMatchObject({ payoutsEnabled: false })
  })

  it('somebody else’s account, or one that nobody made here, is refused; one’s own is taken', async () => {
    const { ctx, as, user } = await given()
    const other = await makeUser(ctx)
    const set = (account: string) =>
      setPayoutMethod(as, SetPayoutMethodInput.parse({ kind: 'STRIPE', details: { account }, ...ANN }))
    for (const account of [await givenAccount(ctx, other.id), 'acct_1032D82eZvKYlo2C'])
      await expect(set(account)).rejects.toMatchObject({ status: 422, code: 'NOT_YOUR_ACCOUNT' })
    const own = await givenAccount(ctx, user.id)
    expect(await set(own)).toMatchObject({ kind: 'STRIPE', ready: true })
  })

  it('is not offered where Stripe pays nobody', async () => {
    const { user } = await given()
    const off = testContext(database.db, { clock }).as(user.actor)
    await expect(connectPayee(off, ANN)).rejects.toMatchObject({ status: 422, code: 'STRIPE_OFF' })
    expect(await checkPayee(off)).toBeNull()
    expect(await checkPayee(context().as(user.actor))).toBeNull()
  })
})

describe('a withdrawal to Stripe', () => {
  const givenApproved = async () => {
    const world = await given()
    const { url, account } = await connectPayee(world.as, ANN)
    await finish(url, 'complete')
    await checkPayee(world.as)
    const { id } = await requestWithdrawal(world.as, { amount: 6_000, currency: 'USD' })
    const admin = world.ctx.as((await makeUser(world.ctx, { role: 'ADMIN' })).actor)
    await approveWithdrawal(admin, { id })
    h.received.length = 0
    return { ...world, id, account: account.account }
  }
  const rowOf = async (id: string) => {
    const [row] = await database.db.select().from(withdrawals).where(eq(withdrawals.id, id))
    return row
  }
  const transfersOf = async (id: string) => {
    const listed = await h.api('GET', `/v1/transfers?transfer_group=withdrawal_${id}`)
    return ((await listed.json()) as { data: { id: string; metadata: object }[] }).data
  }

  it('is one transfer, told by an event too, and comes back when it is reversed', async () => {
    const { ctx, id, user } = await givenApproved()
    await sendWithdrawal(ctx, id)
    const [transfer, ...more] = await transfersOf(id)
    expect(more).toEqual([])
    expect(transfer?.metadata).toEqual({ withdrawalId: id })
    expect(await rowOf(id)).toMatchObject({ status: 'PAID', providerRef: transfer?.id, providerFee: 0n })
    await h.until('transfer.created')
    await hearAll(ctx)
    await h.form(`/sandbox/transfers/${transfer?.id}/reverse-part`, {})
    await h.until('transfer.reversed')
    await hearAll(ctx)
    expect(await rowOf(id)).toMatchObject({ status: 'PAID' })
    const [event] = await database.db
      .select()
      .from(webhookEvents)
      .where(like(webhookEvents.outcome, `withdrawal ${id} came back in part%`))
    expect(event).toMatchObject({ type: 'transfer.reversed', status: 'QUARANTINED' })
    await h.form(`/sandbox/transfers/${transfer?.id}/reverse`, {})
    await h.until('transfer.reversed')
    await hearAll(ctx)
    expect(await rowOf(id)).toMatchObject({ status: 'RETURNED', reason: 'Stripe took the payment back.' })
    const told = await database.db.select().from(mails).where(eq(mails.to, user.email))
    expect(told.map(({ key }) => key)).toEqual(
      expect.arrayContaining([`withdrawal:${id}:PAID`, `withdrawal:${id}:RETURNED`]),
    )
    expect((await verifyLedger(ctx)).violations).toEqual([])
  })

  it.each([
    ['answered with an error', 'error-after'],
    ['never answered', 'no-answer'],
  ])('that was made and %s is found again, and not made twice', async (_, fault) => {
    const { ctx, id } = await givenApproved()
    // As often as the package asks, else its own repetition would get the answer and nobody would see it lost.
    await h.arm(fault, { kind: 'transfers', times: fault === 'no-answer' ? '3' : '1' })
    await expect(sendWithdrawal(ctx, id)).rejects.toMatchObject({ status: 503 })
    expect(await rowOf(id)).toMatchObject({ status: 'PROCESSING', providerRef: null })
    clock.advance(3 * 60_000)
    await sendWithdrawal(ctx, id)
    expect(await rowOf(id)).toMatchObject({ status: 'PAID' })
    expect(await transfersOf(id)).toHaveLength(1)
  })

  it.each([
    ['the platform has not enough', 'balance', "platform's balance at Stripe does not cover it"],
    ['the account was restricted', 'restrict', 'does not pay to this account at present'],
  ])('fails when %s, and the money is back', async (_, what, words) => {
    const { ctx, id, account } = await givenApproved()
    if (what === 'balance') await h.arm('balance', { kind: 'transfers' })
    else await h.form(`/sandbox/accounts/${account}/restrict`, {})
    await sendWithdrawal(ctx, id)
    expect(await rowOf(id)).toMatchObject({ status: 'FAILED', reason: expect.stringContaining(words) })
    expect(await transfersOf(id)).toEqual([])
  })

  it('of an amount that Stripe cannot pay is refused when it is asked for', async () => {
    const { as, ctx, user } = await given({ available: 10_000_000n, currency: 'HUF' })
    await givenAccount(ctx, user.id).then((account) =>
      givenMethod(as, { kind: 'STRIPE', details: { account } }),
    )
    await expect(requestWithdrawal(as, { amount: 5_000_050, currency: 'HUF' })).rejects.toMatchObject({
      status: 422,
      code: 'AMOUNT_NOT_PAYABLE',
    })
    expect(await requestWithdrawal(as, { amount: 5_000_100, currency: 'HUF' })).toMatchObject({
      status: 'REQUESTED',
    })
  })
})

import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  activityLog,
  affiliates,
  commissions,
  orders,
  payments,
  payoutDocuments,
  payoutMethods,
  sessions,
  taxProfiles,
  users,
  withdrawals,
  workspaces,
} from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { brokenBooks, MONTHLY, makeOffer, makeOrder, paidFacts } from '../../../db/testing/factories/payment'
import { BANK, givenBalance, givenMethod, PAYPAL } from '../../../db/testing/factories/payout'
import { verifiedStatement } from '../../../db/testing/verify-statement'
import { type Context, inTransaction, newId } from '../../kit/context'
import { sqlState } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'
import { affiliateOfCode, approveAffiliate } from '../affiliate'
import { createBalanceTransaction, readStatement, statementFile } from '../balance'
import { actorOfSession, requestPasswordReset, signIn, signUp } from '../identity'
import { applyDispute, createPaymentLink, settleOrder } from '../payment'
import {
  approveWithdrawal,
  cancelWithdrawal,
  closeAccount,
  closingObstacles,
  createAdjustment,
  markPaid,
  requestWithdrawal,
} from '.'
import { addPayoutDocument } from './documents'
import { exportWithdrawals } from './export-withdrawals'
import { SetTaxDetailsInput } from './schemas'
import { setPayoutMethod } from './set-payout-method'
import { setTaxDetails } from './tax-details'

const database = useDatabase({ max: 8 })
const DAY = 86_400_000
const given = () => testContext(database.db, { clock: testClock(new Date('2025-11-20T12:00:00.000Z')) })
const close = (as: Context) => closeAccount(as, { password: TEST_PASSWORD })
const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown as { status: number; code: string; message: string },
  )
  return error === null ? null : [error.status, error.code]
}
const settle = (ctx: Context, ...args: Parameters<typeof paidFacts>) =>
  inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(...args)))
const rowOf = async (id: string) => {
  const [user] = await database.db.select().from(users).where(eq(users.id, id))
  if (user === undefined) throw new Error('the row is gone')
  return user
}

/** Somebody with a name that is nobody else's, who sold a copy and was paid all of it. */
const givenSeller = async (ctx: TestContext) => {
  const mark = newId(ctx).slice(-8)
  const offer = await makeOffer(ctx)
  const { seller } = offer
  await database.db
    .update(users)
    .set({ firstName: `Zoraide${mark}`, lastName: 'O’Neil (x+y)' })
    .where(eq(users.id, seller.id))
  const as = ctx.as(seller.actor)
  await givenMethod(as, PAYPAL)
  return { ...offer, as, name: `Zoraide${mark} O’Neil (x+y)` }
}

const paidOut = async (ctx: TestContext, as: TestContext, amount: number) => {
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  const { id } = await requestWithdrawal(as, { amount, currency: 'USD' })
  await approveWithdrawal(admin, { id })
  await markPaid(admin, { id, reference: 'batch 7' })
  return { id, admin }
}

describe('closing an account', () => {
  it('removes what names the person and keeps the books, which still add up', async () => {
    const ctx = given()
    const { seller, link, as, name } = await givenSeller(ctx)
    await addPayoutDocument(as, {
      name: 'confirmation.pdf',
      content: Buffer.from('%PDF-1.7').toString('base64'),
    })
    await givenMethod(as, BANK)
    const order = await makeOrder(ctx, { link })
    await settle(ctx, order)
    await givenBalance(ctx, seller.id, 10_000n)
    ctx.clock.advance(3 * DAY)
    const [{ balance }] = (await database.db.execute(
      sql`select balance::text from ledger_accounts where user_id = ${seller.id} and kind = 'available'`,
    )) as unknown as [{ balance: string }]
    const { id } = await paidOut(ctx, as, Number(balance))
    await enqueueMail(ctx, {
      key: `note:${id}`,
      to: 'somebody-else@example.test',
      template: 'admin-alert',
      data: { title: 'About', text: `Write to ${seller.email}` },
    })
    const before = await database.db.select().from(payments).where(eq(payments.sellerId, seller.id))

    await close(as)

    const row = await rowOf(seller.id)
    expect(row).toMatchObject({
      firstName: 'Closed',
      lastName: 'account',
      email: expect.stringMatching(/^closed-[0-9a-f]{16}@closed\.invalid$/),
      passwordHash: null,
      closedAt: ctx.now(),
    })
    expect(await traces(seller.email)).toEqual([])
    expect(await traces(name)).toEqual([])
    expect(await traces('a•••@')).toEqual([])
    expect(await database.db.select().from(payments).where(eq(payments.sellerId, seller.id))).toEqual(before)
    expect(await database.db.select().from(withdrawals).where(eq(withdrawals.id, id))).toMatchObject([
      { status: 'PAID', amount: BigInt(balance) },
    ])
    const methods = await database.db.select().from(payoutMethods).where(eq(payoutMethods.userId, seller.id))
    expect(methods.map(({ kind, masked }) => [kind, masked]).sort()).toEqual([
      ['BANK', '•••'],
      ['PAYPAL', '•••'],
    ])
    expect(methods.every(({ replacedAt }) => replacedAt !== null)).toBe(true)
    const documents = await database.db.select().from(payoutDocuments)
    expect(documents.filter(({ name }) => name === 'confirmation.pdf')).toEqual([])
    expect(
      (await database.db.select().from(activityLog).where(eq(activityLog.userId, seller.id))).map(
        ({ action }) => action,
      ),
    ).toContain('account_closed')
    expect(await brokenBooks(ctx)).toEqual([])
  })

  it('leaves a list of paid withdrawals that says nothing of where they went', async () => {
    const ctx = given()
    const { seller, as } = await givenSeller(ctx)
    await givenBalance(ctx, seller.id, 10_000n)
    const { admin } = await paidOut(ctx, as, 10_000)
    await close(as)
    const csv = await exportWithdrawals(admin, { status: 'PAID' })
    const { email } = await rowOf(seller.id)
    expect(csv).toContain(`Closed account,${email},USD,10000,100.00,PAYPAL,${email}`)
    expect(csv).not.toContain('paid.here@payee.example')
  })

  it('keeps the tax details, as the law wants them', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    const as = ctx.as(user.actor)
    await setTaxDetails(
      as,
      SetTaxDetailsInput.parse({
        form: 'W8BEN',
        country: 'DE',
        name: 'Ann Example',
        taxId: '12345678901',
        address: 'Way 1',
        city: 'Bonn',
        postalCode: '53111',
        dateOfBirth: '1990-01-01',
        signature: 'Ann Example',
        certified: true,
      }),
    )
    const before = await database.db.select().from(taxProfiles).where(eq(taxProfiles.userId, user.id))
    await close(as)
    expect(before).toHaveLength(1)
    expect(await database.db.select().from(taxProfiles).where(eq(taxProfiles.userId, user.id))).toEqual(
      before,
    )
  })

  it('leaves its issued statement as it was, and it verifies before and after', async () => {
    const ctx = given()
    const { seller, as } = await givenSeller(ctx)
    await givenBalance(ctx, seller.id, 10_000n)
    await paidOut(ctx, as, 10_000)
    ctx.clock.advance(15 * DAY)
    const asked = { currency: 'USD', month: '2025-11', timezone: 'UTC' }
    const file = statementFile(await readStatement(as, asked))
    expect(verifiedStatement(ctx, file)).toMatchObject({ status: 0 })
    await close(as)
    const after = statementFile(await readStatement(as, asked))
    expect(after).toBe(file)
    expect(verifiedStatement(ctx, after)).toMatchObject({ status: 0 })
    expect(await brokenBooks(ctx)).toEqual([])
  })

  it('signs out everywhere, and the old address is like one that was never known', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    const { session } = await signIn(ctx, { email: user.email, password: TEST_PASSWORD })
    await close(ctx.as(user.actor))
    expect((await actorOfSession(ctx, session.id)).actor).toEqual({ kind: 'visitor' })
    expect(await database.db.select().from(sessions).where(eq(sessions.userId, user.id))).toEqual([])
    expect(await refusal(signIn(ctx, { email: user.email, password: TEST_PASSWORD }))).toEqual([
      401,
      'INVALID_CREDENTIALS',
    ])
    await requestPasswordReset(ctx, { email: user.email })
    expect(await traces(user.email)).toEqual([])
  })

  it('lets the same address sign up anew, into an account of its own', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    await close(ctx.as(user.actor))
    await signUp(ctx, { email: user.email, password: TEST_PASSWORD, firstName: 'Ann', lastName: 'Again' })
    const [anew] = await database.db.select().from(users).where(eq(users.email, user.email))
    expect(anew).toMatchObject({ firstName: 'Ann', closedAt: null })
    expect(anew?.id).not.toBe(user.id)
    expect(anew?.organizationId).not.toBe(user.organizationId)
  })

  it('does not let a session begin that was asked for while it was closed', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    await close(ctx.as(user.actor))
    const id = Buffer.alloc(32, 7).toString('base64url')
    await database.db.execute(sql`insert into sessions (id_hash, user_id, expires_at, absolute_expires_at, created_at)
      values (encode(sha256(${id}::text::bytea), 'hex'), ${user.id}, ${'2025-12-01T00:00:00Z'}::timestamptz,
        ${'2025-12-01T00:00:00Z'}::timestamptz, ${'2025-11-20T00:00:00Z'}::timestamptz)`)
    expect((await actorOfSession(ctx, id)).actor).toEqual({ kind: 'visitor' })
  })

  it('deletes one’s workspaces softly and revokes the links; copies that were sold are their buyers’', async () => {
    const ctx = given()
    const { seller, link, as, token } = await givenSeller(ctx)
    const order = await makeOrder(ctx, { link })
    await settle(ctx, order)
    const { buyerId } = (await database.db.select().from(orders).where(eq(orders.id, order.id)))[0] as {
      buyerId: string
    }
    await clear(ctx, seller)
    await close(as)
    expect(
      await database.db.select().from(workspaces).where(eq(workspaces.ownerId, seller.id)),
    ).toMatchObject([{ status: 'DELETED' }])
    expect(await database.db.select().from(workspaces).where(eq(workspaces.ownerId, buyerId))).toMatchObject([
      { status: 'ACTIVE' },
    ])
    expect(
      await refusal(
        createPaymentLink(ctx, {
          paymentType: 'WORKSPACE_PURCHASE',
          email: 'new@example.test',
          firstName: 'New',
          lastName: 'Buyer',
          affiliateToken: token,
          attempt: null,
        }),
      ),
    ).toEqual([422, 'LINK_NOT_AVAILABLE'])
  })

  it('keeps an affiliate’s code taken, and no admin can let the account earn again', async () => {
    const ctx = given()
    const [affiliate, customer] = [await makeUser(ctx), await makeUser(ctx)]
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: customer.id })
    const [{ id, code } = { id: '', code: '' }] = await database.db
      .select()
      .from(affiliates)
      .where(eq(affiliates.userId, affiliate.id))
    await close(ctx.as(affiliate.actor))
    expect(await database.db.select().from(affiliates).where(eq(affiliates.id, id))).toMatchObject([
      { status: 'SUSPENDED', code, paymentEmail: null },
    ])
    expect(await affiliateOfCode(ctx, code)).not.toBeNull()
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    expect(await refusal(approveAffiliate(admin, { id }))).toEqual([409, 'AFFILIATE_STATE'])
  })

  it('puts a pseudonym into the orders of who bought, and into the mails to others', async () => {
    const ctx = given()
    const { link } = await makeOffer(ctx)
    const buyer = await makeUser(ctx, { firstName: 'Wilhelmine', lastName: `Buys-${newId(ctx).slice(-6)}` })
    const order = await makeOrder(ctx, { link }, {
      buyerId: buyer.id,
      email: buyer.email,
      firstName: buyer.firstName,
      lastName: buyer.lastName,
    })
    await settle(ctx, order)
    await close(ctx.as(buyer.actor))
    expect(await database.db.select().from(orders).where(eq(orders.id, order.id))).toMatchObject([
      { firstName: 'Closed', lastName: 'account', email: (await rowOf(buyer.id)).email, status: 'FULFILLED' },
    ])
    expect(await traces(buyer.email)).toEqual([])
    expect(await traces(buyer.lastName)).toEqual([])
    expect(await brokenBooks(ctx)).toEqual([])
  })

  it('asks for the password, and closing twice is closing once', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    const as = ctx.as(user.actor)
    expect(await refusal(closeAccount(as, { password: 'something-else-1' }))).toEqual([403, 'WRONG_PASSWORD'])
    expect(await rowOf(user.id)).toMatchObject({ email: user.email, closedAt: null })
    const both = await Promise.allSettled([close(as), close(as)])
    expect(both.map(({ status }) => status)).toContain('fulfilled')
    const closings = await database.db.select().from(activityLog).where(eq(activityLog.userId, user.id))
    expect(closings.filter(({ action }) => action === 'account_closed')).toHaveLength(1)
  })

  it('lets nobody put payout details on file afterwards', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    const as = ctx.as(user.actor)
    await close(as)
    const { putPayoutMethod } = await import('./set-payout-method')
    expect(await refusal(putPayoutMethod(as, PAYPAL))).toEqual([401, 'SIGN_IN_REQUIRED'])
    expect(await refusal(setPayoutMethod(as, { method: PAYPAL, password: TEST_PASSWORD }))).toEqual([
      403,
      'WRONG_PASSWORD',
    ])
  })
})

describe('an account is not closed', () => {
  const refused = async (ctx: TestContext, user: MadeUser, code: string) => {
    const as = ctx.as(user.actor)
    expect((await closingObstacles(as)).map((one) => one.code)).toContain(code)
    expect((await refusal(close(as)))?.[0]).toBe(422)
    expect(await rowOf(user.id)).toMatchObject({ email: user.email, closedAt: null })
  }

  it('while there is a balance, even of one cent, in any currency', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    await givenBalance(ctx, user.id, 1n, 'KWD')
    await refused(ctx, user, 'BALANCE_LEFT')
    expect((await closingObstacles(ctx.as(user.actor)))[0]?.message).toBe(
      'You have 0.001 KWD left. Withdraw it first. If it is less than is paid out, ask us to settle it.',
    )
  })

  it('while the balance is below zero', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    await createBalanceTransaction(ctx, {
      userId: user.id,
      type: 'REFUND',
      amount: -500n,
      currency: 'USD',
      referenceType: 'payment',
      referenceId: 'test',
      notes: 'Refund',
      idempotencyKey: randomUUID(),
    })
    await refused(ctx, user, 'BALANCE_NEGATIVE')
  })

  it('while a commission is not credited', async () => {
    const ctx = given()
    const { seller, link } = await givenSeller(ctx)
    const held = testContext(database.db, { clock: ctx.clock, env: { COMMISSION_HOLD_DAYS: '14' } })
    await settle(held, await makeOrder(ctx, { link }))
    await refused(ctx, seller, 'COMMISSION_PENDING')
  })

  it('while a withdrawal is open; after it was taken back, the money is in the way', async () => {
    const ctx = given()
    const { seller, as } = await givenSeller(ctx)
    await givenBalance(ctx, seller.id, 10_000n)
    const { id } = await requestWithdrawal(as, { amount: 10_000, currency: 'USD' })
    await refused(ctx, seller, 'WITHDRAWAL_OPEN')
    await cancelWithdrawal(as, { id })
    await refused(ctx, seller, 'BALANCE_LEFT')
  })

  it('while a sale is disputed, though its commission was paid out', async () => {
    const ctx = given()
    const { seller, link } = await givenSeller(ctx)
    const order = await makeOrder(ctx, { link })
    await settle(ctx, order)
    await inTransaction(ctx, (tx) =>
      applyDispute(tx, {
        provider: 'stripe',
        mode: 'sandbox',
        paymentIntentId: `pi_${order.id}`,
        chargeId: `ch_${order.id}`,
        dispute: { ref: `dp_${order.id}`, amount: { amount: 10_000n, currency: 'USD' }, state: 'open' },
      } as never),
    )
    await refused(ctx, seller, 'DISPUTE_OPEN')
  })

  it('while a subscription of one’s own runs', async () => {
    const ctx = given()
    const { link } = await makeOffer(ctx, { planType: 'BUSINESS', offer: MONTHLY })
    const buyer = await makeUser(ctx)
    const order = await makeOrder(ctx, { link }, { buyerId: buyer.id })
    await settle(ctx, order, { subscriptionId: `sub_${order.id}`, invoiceId: `in_${order.id}` })
    await refused(ctx, buyer, 'SUBSCRIPTION_RUNNING')
  })

  it('while a checkout of one’s own is open', async () => {
    const ctx = given()
    const { link } = await makeOffer(ctx)
    const buyer = await makeUser(ctx)
    await makeOrder(ctx, { link }, { buyerId: buyer.id })
    await refused(ctx, buyer, 'CHECKOUT_OPEN')
  })

  it('of an admin', async () => {
    const ctx = given()
    const admin = await makeUser(ctx, { role: 'ADMIN' })
    expect(await refusal(close(ctx.as(admin.actor)))).toEqual([422, 'ADMIN_ACCOUNT'])
  })
})

describe('closing an account beside a sale', () => {
  it('ends in one of two ways: the sale earns and the account stays, or it is closed and the sale earns nothing', async () => {
    for (let round = 0; round < 6; round += 1) {
      const ctx = given()
      const { seller, link, as } = await givenSeller(ctx)
      const order = await makeOrder(ctx, { link })
      const sale = () => settle(ctx, order)
      const [closing, sold] = await Promise.allSettled(
        round % 2 === 0 ? [close(as), sale()] : [sale(), close(as)].reverse(),
      )
      expect(sold).toMatchObject({ status: 'fulfilled', value: { status: 'PROCESSED' } })
      const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, order.id))
      const earned = await database.db
        .select()
        .from(commissions)
        .where(eq(commissions.paymentId, payment?.id ?? ''))
      const isClosed = (await rowOf(seller.id)).closedAt !== null
      expect(isClosed).toBe(closing?.status === 'fulfilled')
      expect(earned).toHaveLength(isClosed ? 0 : 1)
      if (isClosed)
        expect(payment?.withheld).toEqual([{ kind: 'SALE', userId: seller.id, reason: 'ACCOUNT_CLOSED' }])
    }
    expect(await brokenBooks(given())).toEqual([])
  })

  it('waits for a sale that is under way, and then sees what it earned', async () => {
    const ctx = given()
    const { seller, link, as } = await givenSeller(ctx)
    const order = await makeOrder(ctx, { link })
    let closing: Promise<unknown> = Promise.resolve()
    await inTransaction(ctx, async (tx) => {
      await settleOrder(tx, paidFacts(order))
      closing = refusal(close(as))
      await waiting()
    })
    expect(await closing).toEqual([422, 'BALANCE_LEFT'])
    expect((await rowOf(seller.id)).closedAt).toBeNull()
  })

  it('holds back a referral’s commission of a payment that comes after it', async () => {
    const ctx = given()
    const { link } = await makeOffer(ctx)
    const [affiliate, buyer] = [await makeUser(ctx), await makeUser(ctx)]
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id })
    await close(ctx.as(affiliate.actor))
    const order = await makeOrder(ctx, { link }, { buyerId: buyer.id })
    await settle(ctx, order)
    const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, order.id))
    expect(payment?.withheld).toEqual([{ kind: 'REFERRAL', userId: affiliate.id, reason: 'ACCOUNT_CLOSED' }])
    expect(await brokenBooks(ctx)).toEqual([])
  })

  it('waits for an adjustment, and one that comes after it is an admin’s to make', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    let closing: Promise<unknown> = Promise.resolve()
    await inTransaction(admin, async (tx) => {
      await createAdjustment(tx, { userId: user.id, amount: 100, currency: 'USD', reason: 'A gift' })
      closing = refusal(close(ctx.as(user.actor)))
      await waiting()
    })
    expect(await closing).toEqual([422, 'BALANCE_LEFT'])
  })
})

describe('what is written once', () => {
  it('is not erased for an account that is open, nor for a word of the application', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    await givenMethod(ctx.as(user.actor), PAYPAL)
    const erase = database.db.execute(
      sql`select erase_person(${user.id}, 'a@b.c', array['x']::text[], 'y@closed.invalid', 'y', '[]')`,
    )
    expect(sqlState(await erase.catch((error: unknown) => error))).toBe('23001')
    for (const change of [
      sql`update payout_methods set masked = 'x' where user_id = ${user.id}`,
      sql`update activity_log set description = 'x' where user_id = ${user.id}`,
    ]) {
      const said = database.db.transaction(async (tx) => {
        await tx.execute(sql`select set_config('offshoot.erasing', 'yes', true)`)
        await tx.execute(change)
      })
      expect(['23001', '42501']).toContain(sqlState(await said.catch((error: unknown) => error)))
    }
  })
})

/** Takes all that somebody has out of their balance, as an admin would who paid it by hand. */
const clear = async (ctx: TestContext, user: MadeUser) => {
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  const rows = await database.db.execute<{ currency: string; balance: string }>(
    sql`select currency, balance::text from ledger_accounts where user_id = ${user.id} and kind = 'available' and balance <> 0`,
  )
  for (const { currency, balance } of rows)
    await createAdjustment(admin, {
      userId: user.id,
      amount: -Number(balance),
      currency,
      reason: 'Paid by hand',
    })
}

/** Every table in which a text still stands; issued statements are kept as they are. */
const traces = async (text: string): Promise<string[]> => {
  const tables = await database.db.execute<{ name: string }>(
    sql`select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not in ('issued_statements', 'state_transitions')
        and has_table_privilege(format('%I.%I', table_schema, table_name), 'select')`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const rows = await database.db.execute(
      sql`select 1 from ${sql.identifier(name)} t where position(lower(${text}) in lower(t::text)) > 0 limit 1`,
    )
    if (rows.length > 0) found.push(name)
  }
  return found
}

/** Until somebody stands at a lock. */
const waiting = async (): Promise<void> => {
  for (;;) {
    const [row] = await database.owner.execute<{ n: number }>(
      sql`select count(*)::int n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if ((row?.n ?? 0) > 0) return
  }
}

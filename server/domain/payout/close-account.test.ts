import { and, eq, like, ne, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  activityLog,
  mails,
  orders,
  payments,
  payoutDocuments,
  payoutMethods,
  sessions,
  taxProfiles,
  users,
  webhookEvents,
  withdrawals,
  workspaces,
} from '../../../db/schema'
import { useDatabase } from '../../../db/testing/database'
import { closingWorld, refusalOf } from '../../../db/testing/factories/closing'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { brokenBooks, makeOffer, makeOrder, paidFacts } from '../../../db/testing/factories/payment'
import { BANK, givenBalance, givenMethod, makePayee, PAYPAL } from '../../../db/testing/factories/payout'
import { verifiedStatement } from '../../../db/testing/verify-statement'
import { type Context, inTransaction, newId } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { sqlState } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { issueStatement, readStatement, statementFile } from '../balance'
import { actorOfSession, requestPasswordReset, signIn, signUp } from '../identity'
import { CloseAccountInput } from '../identity/schemas'
import { giveUpMail } from '../notification'
import { createPaymentLink, settleOrder } from '../payment'
import { closeAccount } from '.'
import { addPayoutDocument } from './documents'
import { exportWithdrawals } from './export-withdrawals'
import { SetTaxDetailsInput } from './schemas'
import { putPayoutMethod, setPayoutMethod } from './set-payout-method'
import { setTaxDetails } from './tax-details'

const database = useDatabase({ max: 8 })
const DAY = 86_400_000
const { given, close, rowOf, givenSeller, paidOut, clear, traces } = closingWorld(database)
const settle = (ctx: Context, ...args: Parameters<typeof paidFacts>) =>
  inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(...args)))

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
    for (const part of [name, name.split(' ')[0] ?? '']) expect(await traces(part)).toEqual([])
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
    expect(csv).toContain(`,Closed account,${email},`)
    expect(csv).not.toContain('paid.here@payee.example')
  })

  it.each([
    ['keeps the tax details of whom it paid sealed, as the tax office wants them', 10_000],
    ['removes the tax details of whom it never paid', 0],
  ])('%s', async (_name, amount) => {
    const ctx = given()
    const { user, as } = await makePayee(ctx, { available: BigInt(amount) })
    const tax = SetTaxDetailsInput.parse({
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
    })
    await setTaxDetails(as, tax)
    const profiles = () => database.db.select().from(taxProfiles).where(eq(taxProfiles.userId, user.id))
    const [before] = await profiles()
    if (amount > 0) await paidOut(ctx, as, amount)
    await close(as)
    const [after] = await profiles()
    expect(after).toMatchObject({ masked: '•••', replacedAt: amount > 0 ? null : ctx.now() })
    expect(after?.sealed.length).toBe(amount > 0 ? before?.sealed.length : 0)
  })

  it('leaves its issued statement as it was, and it verifies before and after', async () => {
    const ctx = given()
    const { seller, as } = await givenSeller(ctx)
    await givenBalance(ctx, seller.id, 10_000n)
    await paidOut(ctx, as, 10_000)
    ctx.clock.advance(15 * DAY)
    const asked = { currency: 'USD', month: '2025-11', timezone: 'UTC' }
    const file = statementFile(await issueStatement(as, asked))
    expect(await verifiedStatement(ctx, file)).toMatchObject({ status: 0 })
    await close(as)
    const after = statementFile(await readStatement(as, asked))
    expect(after).toBe(file)
    expect(await verifiedStatement(ctx, after)).toMatchObject({ status: 0 })
    expect(await brokenBooks(ctx)).toEqual([])
  })

  it('signs out everywhere, and the old address is like one that was never known', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    const { session } = await signIn(ctx, { email: user.email, password: TEST_PASSWORD })
    await close(ctx.as(user.actor))
    expect((await actorOfSession(ctx, session.id)).actor).toEqual({ kind: 'visitor' })
    expect(await database.db.select().from(sessions).where(eq(sessions.userId, user.id))).toEqual([])
    expect(await refusalOf(signIn(ctx, { email: user.email, password: TEST_PASSWORD }))).toEqual([
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
      await database.db
        .select()
        .from(workspaces)
        .where(and(eq(workspaces.ownerId, seller.id), ne(workspaces.status, 'RELEASE'))),
    ).toMatchObject([{ status: 'DELETED' }])
    expect(await database.db.select().from(workspaces).where(eq(workspaces.ownerId, buyerId))).toMatchObject([
      { status: 'ACTIVE' },
    ])
    expect(
      await refusalOf(
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

  it('puts a pseudonym into the orders of who bought, and into the mails to others', async () => {
    const ctx = given()
    const { link } = await makeOffer(ctx)
    const buyer = await makeUser(ctx, { firstName: 'Wilhelmine', lastName: `Buys-${newId(ctx).slice(-6)}` })
    const order = await makeOrder(
      ctx,
      { link },
      {
        buyerId: buyer.id,
        email: buyer.email,
        firstName: buyer.firstName,
        lastName: buyer.lastName,
      },
    )
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
    expect(
      await refusalOf(closeAccount(as, { password: 'something-else-1', confirmation: 'close my account' })),
    ).toEqual([403, 'WRONG_PASSWORD'])
    expect(await rowOf(user.id)).toMatchObject({ email: user.email, closedAt: null })
    const both = await Promise.allSettled([close(as), close(as)])
    expect(both.map(({ status }) => status)).toContain('fulfilled')
    const closings = await database.db.select().from(activityLog).where(eq(activityLog.userId, user.id))
    expect(closings.filter(({ action }) => action === 'account_closed')).toHaveLength(1)
  })

  it('takes the person out of what the providers told, and leaves what happened', async () => {
    const ctx = given()
    const buyer = await makeUser(ctx)
    const order = await makeOrder(ctx, await makeOffer(ctx), { buyerId: buyer.id, email: buyer.email })
    await settle(ctx, order)
    const told = async (name: string, body: object) => {
      const id = newId(ctx)
      await database.db.insert(webhookEvents).values({
        id,
        provider: 'stripe',
        eventId: `evt_${name}_${id}`,
        type: name,
        livemode: false,
        status: 'PROCESSED',
        body: JSON.stringify(body),
        bodySha256: sha256(JSON.stringify(body)),
        occurredAt: ctx.now(),
        receivedAt: ctx.now(),
        processedAt: ctx.now(),
      })
      return async () => {
        const [row] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.id, id))
        return JSON.parse(row?.body ?? '') as unknown
      }
    }
    const person = {
      name: 'Another Name',
      email: buyer.email.toUpperCase(),
      phone: '+1 555',
      address: { city: 'Bonn' },
    }
    const byAddress = await told('by.address', {
      data: { object: { id: 'cs_1', amount: 10_000, customer_details: person } },
    })
    const byPayment = await told('by.payment', {
      data: { object: { payment_intent: `pi_${order.id}`, billing_details: { name: 'Card Holder' } } },
    })
    const neighbour = { data: { object: { customer_email: `x.${buyer.email}`, name: 'Status' } } }
    const ofAnother = await told('of.another', neighbour)
    await close(ctx.as(buyer.actor))
    expect(await byAddress()).toEqual({
      data: { object: { id: 'cs_1', amount: 10_000, customer_details: null } },
    })
    expect(await byPayment()).toEqual({
      data: { object: { payment_intent: `pi_${order.id}`, billing_details: null } },
    })
    expect(await ofAnother()).toEqual(neighbour)
  })

  it('forgets what a guest typed with that address; a payment that still comes in is given back', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    const offer = await makeOffer(ctx)
    const order = await makeOrder(ctx, offer, {
      email: user.email,
      buyerKey: `email:${user.email}`,
      firstName: 'Typed',
    })
    await close(ctx.as(user.actor))
    expect(await traces(user.email)).toEqual([])
    const [forgotten] = await database.db.select().from(orders).where(eq(orders.id, order.id))
    expect(forgotten).toMatchObject({ firstName: 'Closed', buyerKey: `closed:${order.id}` })
    const paid = forgotten === undefined ? order : forgotten
    expect(await settle(ctx, paid)).toMatchObject({
      outcome: expect.stringContaining('could not be fulfilled'),
    })
    expect(await database.db.select().from(workspaces).where(eq(workspaces.ownerId, user.id))).toEqual([])
    expect(await database.db.select().from(mails).where(like(mails.key, 'refunded:%:buyer'))).toEqual([])
  })

  it('tells so in a last mail, whose address is forgotten once it is sent or given up', async () => {
    const ctx = given()
    const [sent, lost] = [await makeUser(ctx), await makeUser(ctx)]
    await close(ctx.as(sent.actor))
    expect(ctx.sent.at(-1)).toMatchObject({
      to: { name: '', address: sent.email },
      subject: 'Your account is closed',
    })
    await closeAccount(ctx.as(lost.actor), { password: TEST_PASSWORD, confirmation: 'close my account' })
    const [waits] = await database.db
      .select()
      .from(mails)
      .where(eq(mails.key, `closed:${lost.id}`))
    await giveUpMail(ctx, waits?.id ?? '')
    expect(await traces(sent.email)).toEqual([])
    expect(await traces(lost.email)).toEqual([])
  })

  it('needs the words typed', () => {
    for (const confirmation of ['', 'close', 'close my account!', 'x'.repeat(200)])
      expect(CloseAccountInput.safeParse({ password: 'x', confirmation }).success).toBe(false)
    expect(CloseAccountInput.safeParse({ password: 'x', confirmation: ' Close my account ' }).success).toBe(
      true,
    )
  })

  it('lets nobody put payout details on file afterwards', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    const as = ctx.as(user.actor)
    await close(as)
    expect(await refusalOf(putPayoutMethod(as, PAYPAL, { confirmed: true }))).toEqual([
      401,
      'SIGN_IN_REQUIRED',
    ])
    expect(await refusalOf(setPayoutMethod(as, { method: PAYPAL, password: TEST_PASSWORD }))).toEqual([
      403,
      'WRONG_PASSWORD',
    ])
  })
})

describe('what is written once', () => {
  const erase = (userId: string, methods: object[] = []) =>
    database.db
      .execute(
        sql`select erase_person(${userId}, now(), ${`closed-${userId}@closed.invalid`}, 'Nobody', ${JSON.stringify(methods)}::text::jsonb)`,
      )
      .then(
        () => null,
        (error: unknown) => sqlState(error),
      )

  it('is erased of one person only: not of others who name them, nor of their colleagues', async () => {
    const ctx = given()
    const [user, other] = [await makeUser(ctx), await makeUser(ctx)]
    const colleague = await makeUser(ctx)
    await database.db
      .update(users)
      .set({ organizationId: user.organizationId })
      .where(eq(users.id, colleague.id))
    const said = (userId: string, organizationId: string) =>
      recordActivity(ctx, {
        action: 'said',
        description: `About ${user.email}`,
        userId,
        organizationId,
        after: { name: 'kept' },
      })
    await said(other.id, other.organizationId)
    await said(colleague.id, user.organizationId)
    await said(user.id, user.organizationId)
    await givenMethod(ctx.as(other.actor), PAYPAL)
    const [theirs] = await database.db.select().from(payoutMethods).where(eq(payoutMethods.userId, other.id))
    expect(await erase(user.id, [{ id: theirs?.id, sealed: '' }])).toBeNull()
    const lines = await database.db.select().from(activityLog).where(eq(activityLog.action, 'said'))
    expect(Object.fromEntries(lines.map((line) => [line.userId, [line.description, line.after]]))).toEqual({
      [other.id]: [`About ${user.email}`, { name: 'kept' }],
      [colleague.id]: [`About ${user.email}`, { name: 'kept' }],
      [user.id]: [`About closed-${user.id}@closed.invalid`, {}],
    })
    expect(await database.db.select().from(payoutMethods).where(eq(payoutMethods.userId, other.id))).toEqual([
      theirs,
    ])
  })

  it('is erased once: by closing an account, which stays closed, and never of an admin or of nobody', async () => {
    const ctx = given()
    const [user, admin] = [await makeUser(ctx), await makeUser(ctx, { role: 'ADMIN' })]
    await close(ctx.as(user.actor))
    expect(await erase(user.id)).toBe('23001')
    expect(await erase(admin.id)).toBe('23001')
    expect(await erase(newId(ctx))).toBe('23001')
    const reopen = database.db.update(users).set({ closedAt: null }).where(eq(users.id, user.id))
    expect(sqlState(await reopen.catch((error: unknown) => error))).toBe('23001')
  })

  it('is not changed for a word of the application', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    await givenMethod(ctx.as(user.actor), PAYPAL)
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

import { and, eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { affiliateLinks, jobs, orders, organizations, workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import {
  brokenBooks,
  type MadeOffer,
  MONTHLY,
  makeOffer,
  paidFacts,
} from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { type Harness, startHarness } from '../../providers/sandbox/sandbox.harness'
import { createStripeProvider } from '../../providers/stripe'
import { createPaymentLink, endCheckout, settleOrder } from '.'
import { CreatePaymentLinkInput, type WorkspacePurchaseInput } from './schemas'

const database = useDatabase()
let h: Harness
let ctx: TestContext
let offer: MadeOffer

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = testContext(database.db, { outside: { payments: new Map([['stripe', h.provider]]) } })
  offer = await makeOffer(ctx)
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

let guests = 0
const guest = () => {
  guests += 1
  return `guest-${guests}@example.test`
}
const inputOf = (email: string, more: Partial<WorkspacePurchaseInput> = {}): WorkspacePurchaseInput => ({
  paymentType: 'WORKSPACE_PURCHASE',
  email,
  firstName: 'Gus',
  lastName: 'Guest',
  affiliateToken: offer.token,
  ...more,
})
const ask = (
  email: string,
  more: Partial<WorkspacePurchaseInput> & { attempt?: string | null } = {},
  as: TestContext = ctx,
) => {
  const { attempt = null, ...input } = more
  return createPaymentLink(as, { ...inputOf(email, input), attempt })
}
const orderOf = async (id: string) => {
  const [row] = await database.db.select().from(orders).where(eq(orders.id, id))
  if (row === undefined) throw new Error('no such order')
  return row
}
const ordersOf = (email: string) => database.db.select().from(orders).where(eq(orders.email, email))
const sessionsFor = async (orderId: string) => {
  const rows = await database.db.execute<{ body: Record<string, unknown> }>(
    sql`select body from sandbox_objects where type = 'checkout.session' and body->'metadata'->>'orderId' = ${orderId}`,
  )
  return rows.map(({ body }) => body)
}
const settle = async (id: string) => {
  const order = await orderOf(id)
  await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
}
const withProvider = (apiBase: string): TestContext =>
  testContext(database.db, {
    clock: ctx.clock,
    outside: {
      payments: new Map([
        [
          'stripe',
          createStripeProvider({
            secretKey: 'sk_test_sandbox',
            webhookSecrets: [],
            apiBase,
            mode: 'sandbox',
          }),
        ],
      ]),
    },
  })

describe('a checkout', () => {
  it('for a guest is an order with everything frozen, then a session that names it', async () => {
    const email = guest()
    const { id, url } = await ask(email)
    expect(url).toMatch(new RegExp(`^${h.appUrl}/sandbox/checkout/cs_`))
    expect(await orderOf(id)).toMatchObject({
      status: 'OPEN',
      provider: 'stripe',
      mode: 'sandbox',
      buyerId: null,
      email,
      firstName: 'Gus',
      buyerKey: `email:${email}`,
      attempt: null,
      affiliateLinkId: offer.link.id,
      workspaceId: offer.link.workspaceId,
      sellerId: offer.seller.id,
      commissionPercentage: '20.00',
      planType: 'FREE',
      offerMode: 'ONE_OFF',
      priceAmount: 10_000n,
      priceCurrency: 'USD',
      checkoutUrl: url,
      expiresAt: new Date(ctx.now().getTime() + 23 * 3_600_000),
    })
    const [session] = await sessionsFor(id)
    expect(session).toMatchObject({
      amount_total: 10_000,
      currency: 'usd',
      mode: 'payment',
      customer_email: email,
      customer: null,
      success_url: `http://localhost:3000/buy/success?order=${id}&session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: `http://localhost:3000/buy/${offer.token}?cancelled=1`,
      metadata: {
        orderId: id,
        paymentType: 'WORKSPACE_PURCHASE',
        planType: 'FREE',
        workspaceId: offer.workspaceId,
        affiliateLinkId: offer.link.id,
      },
    })
    expect(JSON.stringify(session?.metadata)).not.toContain(offer.token)
    const waiting = await database.db
      .select()
      .from(jobs)
      .where(eq(jobs.key, `checkout:${id}`))
    expect(waiting.map(({ kind }) => kind)).toEqual(['checkout.expire'])
  })

  it('for who is signed in is theirs, whatever was typed, with one customer at the provider', async () => {
    const buyer = await makeUser(ctx, { firstName: 'Sue', lastName: 'Signed' })
    const signed = ctx.as(buyer.actor)
    const { id } = await ask('someone.else@example.test', {}, signed)
    expect(await orderOf(id)).toMatchObject({
      buyerId: buyer.id,
      email: buyer.email,
      firstName: 'Sue',
      buyerKey: `user:${buyer.id}`,
    })
    const [first] = await sessionsFor(id)
    expect(first).toMatchObject({ customer: expect.stringMatching(/^cus_/), customer_email: null })
    expect(first?.metadata).toMatchObject({
      userId: buyer.id,
      organizationId: buyer.actor.organizationId,
    })
    expect(first?.metadata).not.toHaveProperty('billingCycle')
    const other = await makeOffer(ctx)
    const again = await ask('x@example.test', { affiliateToken: other.token }, signed)
    expect((await sessionsFor(again.id))[0]?.customer).toBe(first?.customer)
  })

  it('of a subscription has its rhythm and its trial', async () => {
    const trial = await makeOffer(ctx, { offer: { ...MONTHLY, freeTrialPeriodInDays: 14 } })
    const { id } = await ask(guest(), { affiliateToken: trial.token })
    expect(await orderOf(id)).toMatchObject({
      planType: 'BUSINESS',
      frequency: 'MONTHLY',
      freeTrialPeriodInDays: 14,
    })
    const sessions = await sessionsFor(id)
    expect(sessions).toMatchObject([
      { mode: 'subscription', amount_total: 0, metadata: { planType: 'BUSINESS', billingCycle: 'MONTHLY' } },
    ])
    expect(sessions[0]?.metadata).not.toHaveProperty('userId')
    expect(sessions[0]?.metadata).not.toHaveProperty('organizationId')
  })

  it('is one for a double click, signed in or not', async () => {
    const buyer = await makeUser(ctx)
    for (const as of [ctx, ctx.as(buyer.actor)]) {
      const email = as === ctx ? guest() : buyer.email
      const both = await Promise.all([ask(email, {}, as), ask(email, {}, as), ask(email, {}, as)])
      expect(new Set(both.map(({ id }) => id)).size).toBe(1)
      expect(new Set(both.map(({ url }) => url)).size).toBe(1)
      expect(await ordersOf(email)).toHaveLength(1)
      expect(await sessionsFor(both[0]?.id ?? '')).toHaveLength(1)
    }
  })

  it('is the same for the same attempt, also at once, and after it was paid', async () => {
    const email = guest()
    const both = await Promise.all([ask(email, { attempt: 'a' }), ask(email, { attempt: 'a' })])
    expect(both[0]).toEqual(both[1])
    expect(await ask(email, { attempt: 'b' })).not.toEqual(both[0])
    await settle(both[0].id)
    expect(await ask(email, { attempt: 'a' })).toEqual(both[0])
    // Another buyer's attempt of that name is another.
    expect(await ask(guest(), { attempt: 'a' })).not.toEqual(both[0])
  })

  it('without an attempt is the open one, a new one after it was paid, and a new one after it expired', async () => {
    const email = guest()
    const first = await ask(email)
    ctx.clock.advance(3_600_000)
    expect(await ask(email)).toEqual(first)
    await settle(first.id)
    const second = await ask(email)
    expect(second.id).not.toBe(first.id)
    ctx.clock.advance(23 * 3_600_000)
    const third = await ask(email)
    expect(third.id).not.toBe(second.id)
    expect(await orderOf(second.id)).toMatchObject({ status: 'EXPIRED' })
    await inTransaction(ctx, (tx) => endCheckout(tx, third.id))
    await inTransaction(ctx, (tx) => endCheckout(tx, first.id))
    expect((await orderOf(third.id)).status).toBe('EXPIRED')
    expect((await orderOf(first.id)).status).toBe('FULFILLED')
    expect((await ask(email)).id).not.toBe(third.id)
  })

  it('keeps what was frozen in the link, whatever the seller has changed', async () => {
    await database.db.execute(sql`update users set commission_percentage = 77 where id = ${offer.seller.id}`)
    const { id } = await ask(guest())
    expect(await orderOf(id)).toMatchObject({ commissionPercentage: '20.00', priceAmount: 10_000n })
  })

  it('is a new one when the open order ends in the same instant', async () => {
    const email = guest()
    const { id } = await ask(email)
    let next: Promise<{ id: string }> = Promise.resolve({ id })
    await database.owner.transaction(async (holder) => {
      // The insert waits for whether the open order stays open; it does not.
      await holder.execute(sql`update orders set status = 'FAILED' where id = ${id}`)
      next = ask(email)
      await expect
        .poll(async () => {
          const waiting = await database.owner.execute(
            sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          )
          return waiting.length
        })
        .toBe(1)
    })
    expect((await next).id).not.toBe(id)
  })

  it('sends nobody anywhere but to the checkout that was kept first', async () => {
    const email = guest()
    const { id, url } = await ask(email)
    await database.db.execute(sql`delete from sandbox_idempotency_keys`)
    let made = 0
    const slow: TestContext = {
      ...ctx,
      outside: {
        ...ctx.outside,
        payments: new Map([
          [
            'stripe',
            {
              ...h.provider,
              // The answer of a provider that has forgotten the key, come while another request was kept.
              createCheckout: async () => {
                made += 1
                await database.db
                  .update(orders)
                  .set({ checkoutRef: 'cs_kept', checkoutUrl: url })
                  .where(eq(orders.id, id))
                return { ref: 'cs_forgotten', url: 'https://elsewhere.example', expiresAt: null }
              },
            },
          ],
        ]),
      },
    }
    await database.db.update(orders).set({ checkoutRef: null, checkoutUrl: null }).where(eq(orders.id, id))
    expect(await ask(email, {}, slow)).toEqual({ id, url })
    expect(made).toBe(1)
    expect(await orderOf(id)).toMatchObject({ checkoutRef: 'cs_kept' })
  })
})

describe('is refused', () => {
  const refusal = (status: number, code: string) => ({ status, code })

  it('for a token that is forged, cut, or of another key', async () => {
    const [head, body, signature] = offer.token.split('.') as [string, string, string]
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const affiliateToken of [
      'x',
      `${head}.${body}`,
      `${head}.${encoded({ ...claims, commissionPercentage: '99.00' })}.${signature}`,
      `${encoded({ alg: 'none', typ: 'JWT' })}.${body}.`,
    ])
      await expect(ask(guest(), { affiliateToken })).rejects.toMatchObject(refusal(400, 'LINK_INVALID'))
  })

  it.each<[string, () => Promise<unknown>]>([
    [
      'revoked',
      () =>
        database.db
          .update(affiliateLinks)
          .set({ status: 'REVOKED' })
          .where(eq(affiliateLinks.id, offer.link.id)),
    ],
    [
      'used up',
      () =>
        database.db
          .update(affiliateLinks)
          .set({ maxUses: 1, uses: 1 })
          .where(eq(affiliateLinks.id, offer.link.id)),
    ],
    [
      'expired',
      () =>
        database.db
          .update(affiliateLinks)
          .set({ expiresAt: ctx.now() })
          .where(eq(affiliateLinks.id, offer.link.id)),
    ],
    [
      'of a deleted workspace',
      () =>
        database.db
          .update(workspaces)
          .set({ status: 'DELETED' })
          .where(eq(workspaces.id, offer.link.workspaceId)),
    ],
    [
      'of a frozen workspace',
      () =>
        database.db
          .update(workspaces)
          .set({ status: 'FROZEN' })
          .where(eq(workspaces.id, offer.link.workspaceId)),
    ],
    [
      'of a seller who is not on AGENCY any more',
      () =>
        database.db
          .update(organizations)
          .set({ grantedPlan: 'BUSINESS' })
          .where(eq(organizations.id, offer.seller.organizationId)),
    ],
  ])('for a link that is %s', async (_name, change) => {
    const email = guest()
    await change()
    await expect(ask(email)).rejects.toMatchObject(refusal(422, 'LINK_NOT_AVAILABLE'))
    expect(await ordersOf(email)).toEqual([])
  })

  it('for another workspace than the link’s, and taken for its own', async () => {
    await expect(ask(guest(), { workspaceId: 'another' })).rejects.toMatchObject(
      refusal(422, 'WORKSPACE_MISMATCH'),
    )
    await ask(guest(), { workspaceId: offer.workspaceId, provider: 'stripe' })
  })

  it('with a provider that is off, or with none', async () => {
    await expect(ask(guest(), { provider: 'mamopay' })).rejects.toMatchObject(refusal(422, 'PROVIDER_OFF'))
    const none = testContext(database.db, { clock: ctx.clock })
    await expect(ask(guest(), {}, none)).rejects.toMatchObject(refusal(422, 'PROVIDER_OFF'))
  })

  it('for an account that is gone', async () => {
    const actor = {
      kind: 'user' as const,
      userId: '00000000-0000-7000-8000-000000000000',
      organizationId: 'o',
      email: 'e',
    }
    await expect(ask(guest(), {}, ctx.as(actor))).rejects.toMatchObject(refusal(401, 'SIGN_IN_REQUIRED'))
  })

  it.each([
    { price: 1 },
    { priceAmount: 1 },
    { commissionPercentage: '99' },
    { planType: 'AGENCY' },
    { paymentType: 'PLAN_RENEWAL' },
    { email: 'x' },
  ])('with %o in the form', (more) => {
    expect(CreatePaymentLinkInput.safeParse({ ...inputOf('a@example.test'), ...more }).success).toBe(false)
  })
})

describe('while the provider is down', () => {
  it('the order waits, and goes on at the next try', async () => {
    const email = guest()
    const down = withProvider('http://127.0.0.1:9')
    await expect(ask(email, {}, down)).rejects.toMatchObject({ status: 503, code: 'PROVIDER_UNAVAILABLE' })
    const [waiting] = await ordersOf(email)
    expect(waiting).toMatchObject({ status: 'OPEN', checkoutUrl: null })
    const { id } = await ask(email)
    expect(id).toBe(waiting?.id)
    expect(await ordersOf(email)).toHaveLength(1)
  })

  it('so long that the checkout could not last any more, a new order is made', async () => {
    const email = guest()
    const down = withProvider('http://127.0.0.1:9')
    await expect(ask(email, {}, down)).rejects.toMatchObject({ status: 503 })
    ctx.clock.advance(22.6 * 3_600_000)
    const { id } = await ask(email)
    const open = await database.db
      .select()
      .from(orders)
      .where(and(eq(orders.email, email), eq(orders.status, 'OPEN')))
    expect(open.map((order) => order.id)).toEqual([id])
  })
})

describe('who buys', () => {
  it.each([
    ['firstName', '\u200b\u200d', 'Fill this in.'],
    ['lastName', '', 'Fill this in.'],
    ['firstName', 'A\r\nB', 'No line breaks or control characters.'],
    ['lastName', 'A\u202eB', 'No line breaks or control characters.'],
    ['lastName', 'x'.repeat(101), 'At most 100 characters.'],
    ['email', `${'a'.repeat(70)}@example.test`, 'Enter an e-mail address, such as ann@example.com.'],
    ['email', `${'a'.repeat(250)}@example.test`, 'An e-mail address has at most 254 characters.'],
  ])('has to be named as in an account: %s %j is not', (member, value, message) => {
    const parsed = CreatePaymentLinkInput.safeParse({ ...inputOf('a@example.test'), [member]: value })
    expect(parsed.error?.issues[0]).toMatchObject({ path: [member], message })
  })
})

it('a token that is empty or endless is no valid link; a missing one is no valid input', async () => {
  for (const affiliateToken of ['', 'x'.repeat(16_385)]) {
    const input = CreatePaymentLinkInput.parse({ ...inputOf('a@example.test'), affiliateToken })
    await expect(createPaymentLink(ctx, { ...input, attempt: null })).rejects.toMatchObject({
      status: 400,
      code: 'LINK_INVALID',
    })
  }
  const { affiliateToken: _, ...without } = inputOf('a@example.test')
  expect(CreatePaymentLinkInput.safeParse(without).success).toBe(false)
})

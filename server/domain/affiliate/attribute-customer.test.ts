import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  activityLog,
  affiliateCodes,
  attributions,
  commissions,
  type orders,
  payments,
  users,
} from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeAffiliate, visit } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeOffer, makeOrder, paidFacts } from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { settleOrder } from '../payment'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import { attributeCustomer, clickedReferral, readReferral, referralCookie, signUpReferred } from '.'

const database = useDatabase()
const DAY = 86_400_000

const given = async (status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'SUSPENDED' = 'APPROVED') => {
  const ctx = testContext(database.db)
  const user = await makeUser(ctx)
  const { id, code } = await makeAffiliate(ctx, { userId: user.id, status })
  return { ctx, user, id, code }
}
/** The cookie a browser would send back after a click. */
const clicked = async (ctx: TestContext, code: string): Promise<string> => {
  return (await clickedReferral(ctx, visit(code))) ?? ''
}
let people = 0
const signUp = async (ctx: TestContext, cookie: string | null) => {
  people += 1
  const email = `referred-${people}@example.test`
  await signUpReferred(
    ctx,
    { email, password: 'lantern-orbit-meadow-42', firstName: 'Ref', lastName: 'Erred' },
    cookie,
  )
  const [user] = await database.db.select().from(users).where(eq(users.email, email))
  if (user === undefined) throw new Error('nobody signed up')
  return user
}
const attributionOf = async (customerId: string) => {
  const [row] = await database.db.select().from(attributions).where(eq(attributions.customerId, customerId))
  return row
}

describe('a sign-up', () => {
  it('after a click is the affiliate’s, for life, under the terms of that day', async () => {
    const { ctx, id, code, user } = await given()
    const customer = await signUp(ctx, await clicked(ctx, code))
    expect(await attributionOf(customer.id)).toMatchObject({
      affiliateId: id,
      ratePercentage: '15.00',
      holdDays: 0,
      earnsUntil: null,
      code,
      clickedAt: ctx.now(),
      origin: { source: 'news', medium: 'mail', campaign: 'summer', landingPage: '/auth/sign-up' },
    })
    const said = and(eq(activityLog.userId, user.id), eq(activityLog.action, 'customer_referred'))
    expect(await database.db.$count(activityLog, said)).toBe(1)
  })

  it('keeps its terms when the programme changes; who comes later comes under the new ones', async () => {
    const { ctx, user, code } = await given()
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    const before = await signUp(ctx, await clicked(ctx, code))
    ctx.clock.advance(1_000)
    await changeProgram(
      admin,
      ChangeProgramInput.parse({ referralCommissionPercentage: 10, commissionHoldDays: 30, reason: 'Less' }),
    )
    ctx.clock.advance(1_000)
    const after = await signUp(ctx, await clicked(ctx, code))
    const earned = async (buyerId: string) => {
      const order = await makeOrder(ctx, await makeOffer(ctx), { buyerId })
      await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
      const [row] = await database.db
        .select({ rate: commissions.ratePercentage, holdUntil: commissions.holdUntil })
        .from(commissions)
        .innerJoin(payments, eq(payments.id, commissions.paymentId))
        .where(and(eq(payments.buyerId, buyerId), eq(commissions.beneficiaryId, user.id)))
      return [row?.rate, ((row?.holdUntil.getTime() ?? 0) - ctx.now().getTime()) / DAY]
    }
    expect(await earned(before.id)).toEqual(['15.00', 0])
    expect(await earned(after.id)).toEqual(['10.00', 30])
  })

  it('counts a pending affiliate’s click, and none of one who is rejected or suspended', async () => {
    for (const [status, counts] of [
      ['PENDING', true],
      ['REJECTED', false],
      ['SUSPENDED', false],
    ] as const) {
      const { ctx, code } = await given(status)
      const customer = await signUp(ctx, await clicked(ctx, code))
      expect((await attributionOf(customer.id)) !== undefined).toBe(counts)
    }
  })

  it('through an old code of a renamed affiliate is theirs too, in whatever case it is written', async () => {
    const { ctx, id, code } = await given()
    const renamed = `${code.slice(0, 20)}-new`
    await database.db.insert(affiliateCodes).values({ code: renamed, affiliateId: id, createdAt: ctx.now() })
    for (const text of [code.toUpperCase(), renamed])
      expect(await attributionOf((await signUp(ctx, await clicked(ctx, text))).id)).toMatchObject({
        affiliateId: id,
      })
  })

  it('counts a click for thirty days by the click’s own time, not a moment longer', async () => {
    const { ctx, code } = await given()
    const cookie = await clicked(ctx, code)
    ctx.clock.advance(30 * DAY)
    expect(await attributionOf((await signUp(ctx, cookie)).id)).toBeDefined()
    ctx.clock.advance(1)
    expect(await attributionOf((await signUp(ctx, cookie)).id)).toBeUndefined()
  })

  it.each(['', 'mira', 'mira.x.y', 'a.b.c.d', 'mira.zzzzzzzzzzzzzzz.sig', '.0.'])(
    'with the forged cookie %j is nobody’s, and works',
    async (cookie) => {
      const { ctx } = await given()
      expect(readReferral(ctx, cookie)).toBeNull()
      expect(await attributionOf((await signUp(ctx, cookie)).id)).toBeUndefined()
    },
  )

  it('with another affiliate’s name put into a signed cookie is nobody’s', async () => {
    const { ctx, code } = await given()
    const other = await given()
    const [, ...rest] = (await clicked(ctx, code)).split('.')
    expect(readReferral(ctx, [other.code, ...rest].join('.'))).toBeNull()
    // Nor does a cookie of the future count.
    const cookie = await clicked(ctx, code)
    ctx.clock.advance(-DAY)
    expect(readReferral(ctx, cookie)).toBeNull()
  })
})

describe('a click', () => {
  it('on one’s own link never counts', async () => {
    const { ctx, user, code } = await given()
    expect(await clickedReferral(ctx.as(user.actor), visit(code))).toBeNull()
  })

  it.each(['', 'no-such-code', 'a', '../etc', 'x'.repeat(300), 'mira\u0000'])(
    'on the unknown code %j gets no cookie',
    async (code) => {
      expect(await clickedReferral(testContext(database.db), visit(code))).toBeNull()
    },
  )

  it('leaves a cookie that scripts cannot read, Secure where the site is', async () => {
    const plain = referralCookie(testContext(database.db), 'proof')
    expect(plain).toMatch(/^referral_code=proof; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/)
    const secure = testContext(database.db, { env: { APP_URL: 'https://shop.example' } })
    expect(referralCookie(secure, 'proof')).toMatch(/; Secure$/)
  })
})

describe('a customer', () => {
  it('who existed before the click is not referred by it', async () => {
    const { ctx, code } = await given()
    const customer = await makeUser(ctx)
    ctx.clock.advance(1)
    const referral = { code, clickedAt: ctx.now(), origin: null }
    expect(await attributeCustomer(ctx, { customerId: customer.id, referral })).toBe('EXISTED_BEFORE')
    expect(await attributionOf(customer.id)).toBeUndefined()
  })

  it('who has an affiliate keeps them, whoever’s link they come by later, also at once', async () => {
    const [first, second] = [await given(), await given()]
    const customer = await signUp(first.ctx, await clicked(first.ctx, first.code))
    const later = {
      customerId: customer.id,
      referral: { code: second.code, clickedAt: first.ctx.now(), origin: null },
    }
    expect(await attributeCustomer(first.ctx, later)).toBe('ALREADY')
    expect(await attributionOf(customer.id)).toMatchObject({ affiliateId: first.id })
    const fresh = await makeUser(first.ctx)
    const both = await Promise.all(
      [first, second].map(({ code }) =>
        inTransaction(first.ctx, (tx) =>
          attributeCustomer(tx, {
            customerId: fresh.id,
            referral: { code, clickedAt: first.ctx.now(), origin: null },
          }),
        ),
      ),
    )
    expect(both.sort()).toEqual(['ALREADY', 'ATTRIBUTED'])
  })

  it('who is the affiliate, or of their organization, is not referred', async () => {
    const { ctx, user, code } = await given()
    const colleague = await makeUser(ctx)
    await database.owner
      .update(users)
      .set({ organizationId: user.organizationId })
      .where(eq(users.id, colleague.id))
    const referral = { code, clickedAt: ctx.now(), origin: null }
    for (const customerId of [user.id, colleague.id])
      expect(await attributeCustomer(ctx, { customerId, referral })).toBe('SELF')
  })
})

describe('a guest’s purchase', () => {
  const bought = async (more: Partial<typeof orders.$inferInsert>) => {
    const ctx = testContext(database.db)
    const order = await makeOrder(ctx, await makeOffer(ctx), more)
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
    const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, order.id))
    const earned = await database.db
      .select()
      .from(commissions)
      .where(and(eq(commissions.paymentId, payment?.id ?? ''), eq(commissions.kind, 'REFERRAL')))
    return { buyerId: payment?.buyerId ?? '', earned }
  }

  it('through an affiliate’s link makes the new account theirs, and earns at once', async () => {
    const { ctx, id, code } = await given()
    const { buyerId, earned } = await bought({ referralCode: code, referralClickedAt: ctx.now() })
    expect(await attributionOf(buyerId)).toMatchObject({ affiliateId: id })
    expect(earned).toMatchObject([{ amount: 1_500n }])
  })

  it('counts by the day of its checkout, however late it is paid', async () => {
    const { ctx, id, code } = await given()
    const day = (days: number) => new Date(ctx.now().getTime() + days * DAY)
    const late = { referralCode: code, referralClickedAt: day(-32) }
    const { buyerId } = await bought({ ...late, createdAt: day(-3) })
    expect(await attributionOf(buyerId)).toMatchObject({ affiliateId: id })
    expect(await attributionOf((await bought({ ...late, createdAt: day(-1) })).buyerId)).toBeUndefined()
  })

  it('by somebody who has an account already is nobody’s', async () => {
    const { ctx, code } = await given()
    const known = await makeUser(ctx)
    const more = { email: known.email, referralCode: code, referralClickedAt: ctx.now() }
    const { buyerId, earned } = await bought(more)
    expect(buyerId).toBe(known.id)
    expect(earned).toEqual([])
  })
})

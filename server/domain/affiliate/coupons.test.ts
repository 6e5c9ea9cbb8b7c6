import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { affiliateCodes, affiliates, coupons } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeAffiliate } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { changeProgram } from '../program'
import { applyCoupon, endCoupon, listCoupons, makeCoupon, makeOwnCoupon } from '.'
import type { Discounted } from './apply-coupon'
import { MakeCouponInput, MakeOwnCouponInput } from './schemas'

const database = useDatabase()
let ctx: TestContext
let admin: TestContext
let anna: TestContext
let annaCode: string
let count = 0
/** A code nobody has had. */
const fresh = () => {
  count += 1
  return `Code-${count}-${ctx.now().getTime().toString(36)}`
}

beforeEach(async () => {
  ctx = testContext(database.db)
  admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  const user = await makeUser(ctx)
  anna = ctx.as(user.actor)
  annaCode = (await makeAffiliate(ctx, { userId: user.id })).code
})

const make = (more: Partial<MakeCouponInput> = {}) =>
  makeCoupon(
    admin,
    MakeCouponInput.parse({
      affiliate: annaCode,
      code: fresh(),
      ...(more.amount === undefined ? { percentage: '20' } : {}),
      ...more,
    }),
  )
const enter = (code: string, more: Partial<Discounted> = {}) =>
  applyCoupon(ctx, {
    code,
    price: { amount: 999n, currency: 'USD' },
    what: 'PLANS',
    recurring: true,
    buyer: null,
    ...more,
  })
const allowOwn = (more: object = {}) =>
  changeProgram(admin, { couponPercentage: '25.00', couponMonths: 3, reason: '', ...more })

describe('a code of an admin’s', () => {
  it('is shown in capitals, entered in any case, and takes off a part rounded half up', async () => {
    const made = await make({ code: ' Anna20X ' })
    expect(made).toMatchObject({
      code: 'ANNA20X',
      percentage: '20.00',
      months: 0,
      words: '20 % off the first payment',
      state: 'ACTIVE',
      uses: 0,
    })
    expect(await enter('  aNNa20x')).toMatchObject({ code: made.code, discount: 200n, months: 0 })
  })

  it('takes off an amount, never more than the price, and only in its currency', async () => {
    const { code, words } = await make({ amount: { amount: 1_500, currency: 'USD' }, months: null })
    expect(words).toBe('15.00 USD off every payment')
    expect((await enter(code)).discount).toBe(999n)
    expect((await enter(code, { price: { amount: 4_000n, currency: 'USD' } })).discount).toBe(1_500n)
    await expect(enter(code, { price: { amount: 4_000n, currency: 'EUR' } })).rejects.toMatchObject({
      status: 422,
      code: 'COUPON_NOT_FOR_THIS',
    })
  })

  it('lasts for one payment where there is only one', async () => {
    const { code } = await make({ months: 6 })
    expect(await enter(code, { recurring: false })).toMatchObject({ months: 0, lastsWhole: true })
    expect(await enter(code)).toMatchObject({ months: 6, lastsWhole: false })
  })

  it('leads to its affiliate as their other codes do, and is nobody else’s ever again', async () => {
    const made = await make()
    const [known] = await database.db
      .select()
      .from(affiliateCodes)
      .where(eq(affiliateCodes.code, made.code.toLowerCase()))
    expect(known?.affiliateId).toBe(annaCode)
    await endCoupon(admin, { id: made.id }, { own: false })
    const other = await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id })
    for (const affiliate of [annaCode, other.code])
      await expect(make({ affiliate, code: made.code })).rejects.toMatchObject({
        status: 409,
        code: 'CODE_TAKEN',
      })
    await expect(make({ code: other.code })).rejects.toMatchObject({ code: 'CODE_TAKEN' })
  })

  it('is made once of two at once', async () => {
    const code = fresh()
    const results = await Promise.allSettled([make({ code }), make({ code })])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it.each(['admin', 'Coupon', 'SUPPORT', 'sign-up'])('is not the reserved word %s', async (code) => {
    await expect(make({ code })).rejects.toMatchObject({ status: 422, code: 'CODE_RESERVED' })
  })

  it('goes to an approved affiliate only', async () => {
    const waiting = await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id, status: 'PENDING' })
    await expect(make({ affiliate: waiting.code })).rejects.toMatchObject({ code: 'AFFILIATE_NOT_APPROVED' })
    await expect(make({ affiliate: 'nobody-has-this' })).rejects.toMatchObject({ status: 404 })
    await expect(make({ affiliate: '%%' })).rejects.toMatchObject({ status: 404 })
  })

  it('cannot begin in the past', async () => {
    await expect(make({ expiresAt: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({ status: 400 })
  })
})

describe('a code that counts no more', () => {
  it('is refused when its time is over, when it was ended, and while its affiliate is suspended', async () => {
    const soon = await make({ expiresAt: new Date(ctx.now().getTime() + 1_000).toISOString() })
    const ended = await make()
    const held = await make()
    await endCoupon(admin, { id: ended.id }, { own: false })
    await database.db.update(affiliates).set({ status: 'SUSPENDED' }).where(eq(affiliates.id, annaCode))
    ctx.clock.advance(1_000)
    for (const { code } of [soon, ended, held])
      await expect(enter(code)).rejects.toMatchObject({ status: 422, code: 'COUPON_OVER' })
    await expect(enter('no-such-code')).rejects.toMatchObject({
      status: 422,
      code: 'COUPON_UNKNOWN',
      issues: [{ path: ['coupon'] }],
    })
    const { items } = await listCoupons(anna, { limit: 3, own: true })
    expect(items.map(({ state }) => state).sort()).toEqual(['ACTIVE', 'ENDED', 'EXPIRED'])
  })

  it('for plans takes nothing off a workspace', async () => {
    const { code } = await make({ scope: 'PLANS' })
    await expect(enter(code, { what: 'WORKSPACES' })).rejects.toMatchObject({ code: 'COUPON_NOT_FOR_THIS' })
  })

  it('keeps its terms: the database changes nothing of them', async () => {
    const { id } = await make()
    await expect(
      database.db.update(coupons).set({ percentage: '90.00' }).where(eq(coupons.id, id)),
    ).rejects.toMatchObject({ cause: { code: '42501' } })
  })
})

describe('a code an affiliate makes', () => {
  const own = (more: object = {}) =>
    makeOwnCoupon(anna, MakeOwnCouponInput.parse({ code: fresh(), percentage: '10', ...more }))

  it('is refused until the programme allows it, and then within its limits', async () => {
    await changeProgram(admin, { couponPercentage: '0.00', couponCount: 3, reason: '' })
    await expect(own()).rejects.toMatchObject({ status: 422, code: 'COUPONS_OFF' })
    await allowOwn()
    expect(await own({ percentage: '25', months: 3 })).toMatchObject({ scope: 'ALL', percentage: '25.00' })
    await expect(own({ percentage: '25.01' })).rejects.toMatchObject({ code: 'COUPON_LIMIT' })
    await expect(own({ months: 4 })).rejects.toMatchObject({ code: 'COUPON_LIMIT' })
    await expect(own({ months: null })).rejects.toMatchObject({ code: 'COUPON_LIMIT' })
  })

  it('is one too many for the second of two at once', async () => {
    await allowOwn({ couponCount: 1 })
    const results = await Promise.allSettled([own(), own()])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const { items } = await listCoupons(anna, { limit: 10, own: true })
    expect(items).toHaveLength(1)
    await endCoupon(anna, { id: items[0]?.id ?? '' }, { own: true })
    expect(await own()).toMatchObject({ state: 'ACTIVE' })
  })

  it('is ended by them, and by nobody else but an admin', async () => {
    const { id } = await make()
    const stranger = ctx.as((await makeUser(ctx)).actor)
    await expect(endCoupon(stranger, { id }, { own: true })).rejects.toMatchObject({ status: 404 })
    expect(await endCoupon(anna, { id }, { own: true })).toMatchObject({ state: 'ENDED' })
    expect(await endCoupon(anna, { id }, { own: true })).toMatchObject({ state: 'ENDED' })
  })

  it.each([
    { percentage: 0 },
    { percentage: -5 },
    { percentage: '10.005' },
    { percentage: 101 },
    { percentage: '=1+1' },
    { months: 0.5 },
    { months: -1 },
    { maxUses: 0 },
    { maxUses: 1e12 },
    { expiresAt: 'tomorrow' },
    { code: 'a b' },
    { code: '=cmd' },
    { code: 'x'.repeat(65) },
    { code: '<script>' },
    { more: 1 },
  ])('is refused as $0', (wrong) => {
    expect(MakeOwnCouponInput.safeParse({ code: 'FINE', percentage: '10', ...wrong }).success).toBe(false)
    expect(
      MakeCouponInput.safeParse({ affiliate: 'x', code: 'FINE', percentage: '10', ...wrong }).success,
    ).toBe(false)
  })

  it('of an admin’s takes a percentage or an amount, and not both', () => {
    const amount = { amount: 500, currency: 'USD' }
    const one = { affiliate: 'x', code: 'FINE' }
    expect(MakeCouponInput.safeParse(one).success).toBe(false)
    expect(MakeCouponInput.safeParse({ ...one, amount, percentage: 5 }).success).toBe(false)
    expect(MakeCouponInput.safeParse({ ...one, amount }).success).toBe(true)
    for (const wrong of [
      { amount: 0.5, currency: 'USD' },
      { amount: 5, currency: 'XXQ' },
      { amount: -5, currency: 'USD' },
    ])
      expect(MakeCouponInput.safeParse({ ...one, amount: wrong }).success).toBe(false)
  })
})

import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { commissions } from '../../../db/schema'
import { useDatabase } from '../../../db/testing/database'
import { makeAffiliate } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { useMamoHouse } from '../../../db/testing/factories/mamopay'
import { MONTHLY, makeOffer } from '../../../db/testing/factories/payment'
import { makeCoupon } from '../affiliate'
import { MakeCouponInput } from '../affiliate/schemas'
import { createPaymentLink } from '.'

const database = useDatabase()
const house = useMamoHouse(database)
let affiliate: string
let count = 0

beforeEach(async () => {
  const { ctx } = house.now()
  affiliate = (await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id })).code
})

const make = async (more: Partial<MakeCouponInput> = {}) => {
  const { ctx } = house.now()
  count += 1
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  const terms = { affiliate, code: `MAMO-${count}`, percentage: '25', ...more }
  return (await makeCoupon(admin, MakeCouponInput.parse(terms))).code
}
const ask = (coupon: string, affiliateToken: string) =>
  createPaymentLink(house.now().ctx, {
    paymentType: 'WORKSPACE_PURCHASE',
    affiliateToken,
    email: `mamo-${count}@example.test`,
    firstName: 'Bo',
    lastName: 'Buyer',
    attempt: null,
    coupon,
    provider: 'mamopay',
  })

describe('a code where one amount is all there is', () => {
  it('lowers the link’s amount, and what is captured settles the order and is shared', async () => {
    const { h, offer } = house.now()
    const { id, url } = await ask(await make(), offer.token)
    await h.pay(url)
    for (const { body } of await house.hooksOf(url)) await house.deliver(body)
    expect(await house.orderNow(id)).toMatchObject({ status: 'FULFILLED', discountAmount: 2_500n })
    const [payment] = await house.paymentsOf(id)
    expect(payment).toMatchObject({ capturedAmount: 7_500n, baseAmount: 7_500n })
    const shares = await database.db
      .select({ kind: commissions.kind, amount: commissions.amount })
      .from(commissions)
      .where(eq(commissions.paymentId, payment?.id ?? ''))
      .orderBy(commissions.kind)
    expect(shares).toEqual([
      { kind: 'SALE', amount: 1_500n },
      { kind: 'REFERRAL', amount: 1_125n },
    ])
  })

  it('lowers every payment of a subscription or none: a code for some is refused there', async () => {
    const { ctx } = house.now()
    const { token } = await makeOffer(ctx, { offer: MONTHLY, planType: 'BUSINESS' })
    await expect(ask(await make(), token)).rejects.toMatchObject({ code: 'PROVIDER_CANNOT_CHARGE' })
    const { id } = await ask(await make({ months: null }), token)
    expect(await house.orderNow(id)).toMatchObject({ discountAmount: 1_250n, discountMonths: null })
  })

  it('that leaves less than can be charged is refused', async () => {
    const { offer } = house.now()
    await expect(ask(await make({ percentage: '99' }), offer.token)).rejects.toMatchObject({
      code: 'PROVIDER_CANNOT_CHARGE',
    })
  })
})

import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { affiliates, attributions } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeAffiliate, visit } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { clickedReferral, joinProgram, readReferral, trackingCookies } from '.'

const database = useDatabase()

describe('the cookies of a visitor’s choice', () => {
  it('say “no” for a year and take the referral’s away, or are taken away themselves', () => {
    const ctx = testContext(database.db)
    expect(trackingCookies(ctx, false)).toEqual([
      'tracking=no; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax',
      'referral_code=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
    ])
    expect(trackingCookies(ctx, true)).toEqual(['tracking=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax'])
    const secure = testContext(database.db, { env: { APP_URL: 'https://shop.example' } })
    for (const cookie of trackingCookies(secure, false)) expect(cookie).toMatch(/; Secure$/)
  })
})

describe('whoever joins', () => {
  const given = async () => {
    const ctx = testContext(database.db)
    const user = await makeUser(ctx)
    const { id, code } = await makeAffiliate(ctx, { userId: user.id })
    const proof = await clickedReferral(ctx, visit(code))
    return { ctx, user, id, referral: readReferral(ctx, proof) }
  }
  const recruiterOf = async (userId: string) => {
    const [row] = await database.db.select().from(affiliates).where(eq(affiliates.userId, userId))
    return row?.recruiterId
  }

  it('by somebody’s link is recruited by them', async () => {
    const { ctx, id, referral } = await given()
    const fresh = await makeUser(ctx)
    await joinProgram(ctx.as(fresh.actor), { paymentEmail: 'pay@fresh.example', referral })
    expect(await recruiterOf(fresh.id)).toBe(id)
  })

  it('as somebody’s customer is recruited by them, whosever link came last', async () => {
    const [first, last] = [await given(), await given()]
    const customer = await makeUser(first.ctx)
    await database.db.insert(attributions).values({
      customerId: customer.id,
      affiliateId: first.id,
      ratePercentage: '15.00',
      createdAt: first.ctx.now(),
    })
    const as = first.ctx.as(customer.actor)
    await joinProgram(as, { paymentEmail: 'pay@customer.example', referral: last.referral })
    expect(await recruiterOf(customer.id)).toBe(first.id)
  })

  it('without a link, or by one of who takes part no longer, is recruited by nobody', async () => {
    const { ctx, id, referral } = await given()
    const alone = await makeUser(ctx)
    await joinProgram(ctx.as(alone.actor), { paymentEmail: 'pay@alone.example' })
    expect(await recruiterOf(alone.id)).toBeNull()
    await database.db.update(affiliates).set({ status: 'SUSPENDED' }).where(eq(affiliates.id, id))
    const late = await makeUser(ctx)
    await joinProgram(ctx.as(late.actor), { paymentEmail: 'pay@late.example', referral })
    expect(await recruiterOf(late.id)).toBeNull()
  })
})

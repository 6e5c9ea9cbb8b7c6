import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, affiliates, attributions, mails } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import {
  makeAffiliate,
  makeBareWorkspace,
  makePayment,
  makeSeller,
  visit,
} from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import {
  answerReview,
  askForReview,
  listReferrals,
  listReviews,
  moveAttribution,
  recordCommissions,
  referralTimeline,
} from '.'

const database = useDatabase()

const given = async () => {
  const ctx = testContext(database.db)
  const user = await makeUser(ctx)
  const { id, code } = await makeAffiliate(ctx, { userId: user.id })
  const refer = async (more: Partial<typeof attributions.$inferInsert> = {}) => {
    const customer = await makeUser(ctx, { firstName: 'Zoë' })
    await database.db.insert(attributions).values({
      customerId: customer.id,
      affiliateId: id,
      ratePercentage: '15.00',
      clickedAt: ctx.now(),
      code,
      origin: visit(code).origin,
      createdAt: ctx.now(),
      ...more,
    })
    return customer
  }
  const pay = async (customer: { id: string; organizationId: string }) => {
    const seller = await makeSeller(ctx)
    const workspace = await makeBareWorkspace(ctx, seller.id)
    const facts = { buyerId: customer.id, sellerId: seller.id, workspaceId: workspace.id }
    const payment = await makePayment(ctx, facts)
    await recordCommissions(ctx, {
      ...facts,
      paymentId: payment.id,
      baseAmount: payment.baseAmount,
      taxAmount: 0n,
      capturedAmount: payment.capturedAmount,
      currency: 'USD',
      paidAt: ctx.now(),
      buyerOrganizationId: customer.organizationId,
      saleRate: '20.00',
      saleRateSource: 'link',
    })
  }
  const admin = async () => ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  return { ctx, as: ctx.as(user.actor), user, id, code, refer, pay, admin }
}

describe('an affiliate’s referrals', () => {
  it('are listed newest first, masked, each once, whatever comes meanwhile', async () => {
    const { ctx, as, refer, pay } = await given()
    const customers = []
    for (let i = 0; i < 5; i += 1) {
      // Two in the same millisecond.
      if (i !== 3) ctx.clock.advance(1_000)
      customers.push(await refer())
    }
    const [first] = customers
    if (first !== undefined) await pay(first)
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await listReferrals(as, { limit: 2, cursor })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
      ctx.clock.advance(1_000)
      await refer()
    } while (cursor !== undefined)
    expect([...seen].sort()).toEqual(customers.map(({ id }) => id).sort())
    const oldest = (await listReferrals(as, { limit: 100 })).items.at(-1)
    expect(oldest).toMatchObject({
      id: first?.id,
      customer: { name: 'Z•••', email: expect.stringMatching(/^.•••@/) },
      click: { source: 'news', campaign: 'summer' },
      earned: [{ amount: 1_500, currency: 'USD' }],
    })
    expect(JSON.stringify(oldest)).not.toContain(first?.email)
  })

  it('tell what led to each: click, sign-up, payments, and which rule won', async () => {
    const { ctx, as, refer, pay } = await given()
    const customer = await refer()
    ctx.clock.advance(60_000)
    await pay(customer)
    expect(await referralTimeline(as, { id: customer.id })).toMatchObject({
      rule: 'The last click before the sign-up, within 30 days.',
      events: [
        { kind: 'CLICK' },
        { kind: 'SIGN_UP' },
        { kind: 'PAYMENT', commission: { amount: { amount: 1_500 }, status: 'CREDITED' }, withheld: null },
      ],
    })
  })

  it('that nothing is kept of have no click, and a currency each', async () => {
    const { as, refer, pay, ctx } = await given()
    const until = new Date(ctx.now().getTime() + 1_000)
    const customer = await refer({ clickedAt: null, code: null, origin: null, earnsUntil: until })
    await pay(customer)
    expect(await referralTimeline(as, { id: customer.id })).toMatchObject({
      click: null,
      rule: 'It was set when the account was made; no click is kept of it.',
      earnsUntil: until.toISOString(),
      events: [{ kind: 'SIGN_UP' }, { kind: 'PAYMENT' }],
    })
    const bare = await refer({ origin: null, code: null })
    const row = (await listReferrals(as, { limit: 10 })).items.find(({ id }) => id === bare.id)
    expect(row?.click).toMatchObject({ code: '', source: '', medium: '', campaign: '', landingPage: '' })
    expect(row?.earned).toEqual([])
  })

  it('say why a payment earned nothing', async () => {
    const { as, refer, pay, id } = await given()
    const customer = await refer()
    await database.db.update(affiliates).set({ status: 'SUSPENDED' }).where(eq(affiliates.id, id))
    await pay(customer)
    const { events } = await referralTimeline(as, { id: customer.id })
    expect(events.at(-1)).toMatchObject({ kind: 'PAYMENT', commission: null })
  })

  it('are nobody else’s: another’s looks like a missing one', async () => {
    const [mine, other] = [await given(), await given()]
    const customer = await mine.refer()
    for (const id of [customer.id, 'nonsense', mine.user.id])
      await expect(referralTimeline(other.as, { id })).rejects.toMatchObject({
        status: 404,
        code: 'REFERRAL_NOT_FOUND',
      })
    const stranger = mine.ctx.as((await makeUser(mine.ctx)).actor)
    await expect(listReferrals(stranger, { limit: 1 })).rejects.toMatchObject({ code: 'AFFILIATE_NOT_FOUND' })
  })
})

describe('a question about an attribution', () => {
  it('is seen by its affiliate and by admins, and answered once, by two at once too, with one mail', async () => {
    const { as, refer, admin } = await given()
    const customer = await refer()
    const asked = await askForReview(as, { referralId: customer.id, message: 'They came twice, I think.' })
    const [one, two] = [await admin(), await admin()]
    expect((await listReviews(one, { limit: 100, own: false, status: 'OPEN' })).items).toContainEqual(asked)
    const answers = await Promise.allSettled(
      [one, two].map((ctx) => answerReview(ctx, { id: asked.id, answer: 'They are yours.' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await database.db.$count(mails, eq(mails.key, `review:${asked.id}`))).toBe(1)
    expect((await listReviews(as, { limit: 1, own: true })).items).toMatchObject([
      { status: 'ANSWERED', answer: 'They are yours.' },
    ])
  })

  it('is refused about somebody else’s customer, by who is no affiliate, and beyond ten', async () => {
    const [mine, other] = [await given(), await given()]
    const customer = await mine.refer()
    const message = 'Somebody is missing here.'
    await expect(askForReview(other.as, { referralId: customer.id, message })).rejects.toMatchObject({
      status: 404,
    })
    const stranger = mine.ctx.as((await makeUser(mine.ctx)).actor)
    await expect(askForReview(stranger, { message })).rejects.toMatchObject({ status: 404 })
    const many = await Promise.allSettled(
      Array.from({ length: 13 }, () => askForReview(mine.as, { message })),
    )
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    expect((await listReviews(other.as, { limit: 100, own: true })).items).toEqual([])
  })
})

describe('the list of questions', () => {
  it('goes on where it ended, by state, and refuses the cursor of another list', async () => {
    const { ctx, as, admin } = await given()
    const chief = await admin()
    const asked: string[] = []
    for (const message of ['The first question.', 'The second question.', 'The third question.']) {
      ctx.clock.advance(1_000)
      asked.push((await askForReview(as, { message })).id)
    }
    await answerReview(chief, { id: asked[0] ?? '', answer: 'Seen.' })
    await expect(answerReview(chief, { id: asked[0] ?? '', answer: 'Again.' })).rejects.toMatchObject({
      status: 409,
      code: 'REVIEW_ANSWERED',
    })
    for (const id of ['nonsense', '00000000-0000-7000-8000-000000000000'])
      await expect(answerReview(chief, { id, answer: 'Whose?' })).rejects.toMatchObject({ status: 404 })
    const first = await listReviews(as, { limit: 2, own: true })
    const rest = await listReviews(as, { limit: 2, own: true, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual([...asked].reverse())
    const open = await listReviews(as, { limit: 9, own: true, status: 'OPEN' })
    expect(open.items.map(({ id }) => id)).toEqual(asked.slice(1).reverse())
    const foreign = Buffer.from(`${ctx.now().toISOString()}|no-id`).toString('base64url')
    await expect(listReviews(as, { limit: 1, own: true, cursor: foreign })).rejects.toMatchObject({
      status: 400,
    })
    await expect(askForReview(as, { referralId: 'nonsense', message: 'Whose is it?' })).rejects.toMatchObject(
      {
        code: 'REFERRAL_NOT_FOUND',
      },
    )
  })
})

describe('a customer', () => {
  it('moves to another affiliate by an admin only, from the next payment on, and it is in the log', async () => {
    const [from, to] = [await given(), await given()]
    const customer = await from.refer()
    await from.pay(customer)
    const admin = await from.admin()
    const input = { referralId: customer.id, code: to.code.toUpperCase(), reason: 'Both agreed' }
    from.ctx.clock.advance(1)
    expect(await moveAttribution(admin, input)).toEqual({ moved: true })
    expect(await moveAttribution(admin, input)).toEqual({ moved: false })
    from.ctx.clock.advance(1)
    await from.pay(customer)
    expect((await listReferrals(from.as, { limit: 10 })).items).toEqual([])
    expect((await listReferrals(to.as, { limit: 10 })).items).toMatchObject([
      { id: customer.id, earned: [{ amount: 1_500 }] },
    ])
    expect(await referralTimeline(to.as, { id: customer.id })).toMatchObject({
      rule: 'An admin gave them to you.',
      click: null,
      events: [{ kind: 'PAYMENT', commission: { amount: { amount: 1_500 } } }],
    })
    const logged = and(eq(activityLog.action, 'attribution_moved'), eq(activityLog.subjectId, customer.id))
    expect(await database.db.$count(activityLog, logged)).toBe(1)
  })

  it('moves to no code of the admin’s own', async () => {
    const [from, to] = [await given(), await given()]
    const customer = await from.refer()
    const self = to.ctx.as({ ...to.user.actor, kind: 'admin' })
    await expect(
      moveAttribution(self, { referralId: customer.id, code: to.code, reason: 'Mine' }),
    ).rejects.toMatchObject({ status: 422, code: 'OWN_CODE' })
    expect((await listReferrals(from.as, { limit: 10 })).items).toHaveLength(1)
  })

  it('moves to nobody who does not take part, and not to themselves', async () => {
    const { ctx, refer, admin } = await given()
    const customer = await refer()
    const own = await makeAffiliate(ctx, { userId: customer.id })
    const as = await admin()
    const move = (code: string, referralId = customer.id) =>
      moveAttribution(as, { referralId, code, reason: 'Because' })
    await expect(move('nobody-has-it')).rejects.toMatchObject({ code: 'CODE_UNKNOWN' })
    await expect(move('../x')).rejects.toMatchObject({ code: 'CODE_UNKNOWN' })
    await expect(move(own.code)).rejects.toMatchObject({ code: 'SELF_REFERRAL' })
    await expect(move(own.code, 'nonsense')).rejects.toMatchObject({ status: 404 })
  })
})

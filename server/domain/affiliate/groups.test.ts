import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { activityLog, affiliateGroupTerms, affiliates, attributions } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeAffiliate, visit } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { givenBalance, givenMethod, PAYPAL } from '../../../db/testing/factories/payout'
import { inTransaction } from '../../kit/context'
import { payoutTerms, requestWithdrawal } from '../payout'
import { changeProgram } from '../program'
import {
  attributeCustomer,
  changeGroup,
  clickedReferral,
  joinProgram,
  listGroups,
  makeGroup,
  moveToGroup,
  openGroup,
  programTerms,
  readReferral,
} from '.'
import { MakeGroupInput } from './schemas'

const database = useDatabase()
const DAY = 86_400_000
let ctx: TestContext
let admin: TestContext
let count = 0

beforeEach(async () => {
  ctx = testContext(database.db)
  admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
})

const TERMS = {
  rate: '25.00',
  windowDays: 7,
  holdDays: 14,
  minWithdrawals: { USD: 1_000 },
  reason: 'Partners',
}
const make = (more: Partial<MakeGroupInput> = {}) => {
  count += 1
  return makeGroup(admin, MakeGroupInput.parse({ name: `Group ${count}`, ...TERMS, ...more }))
}
const inviteOf = (link: string) => new URL(link).searchParams.get('invite') ?? ''
const member = async (groupId: string) => {
  const user = await makeUser(ctx)
  const affiliate = await makeAffiliate(ctx, { userId: user.id })
  await moveToGroup(admin, { id: affiliate.id, groupId, reason: 'Theirs' })
  return { user, ...affiliate }
}
/** Somebody signs up so many days after a click. */
const referred = async (code: string, daysLater = 0) => {
  const referral = readReferral(ctx, await clickedReferral(ctx, visit(code)))
  if (referral === null) throw new Error('no click')
  ctx.clock.advance(daysLater * DAY)
  const customer = await makeUser(ctx)
  const outcome = await inTransaction(ctx, (tx) =>
    attributeCustomer(tx, { customerId: customer.id, referral }),
  )
  const [row] = await database.db.select().from(attributions).where(eq(attributions.customerId, customer.id))
  return { outcome, row }
}

describe('the terms of a group', () => {
  it('are shown by its invite before one joins, and are theirs afterwards', async () => {
    const group = await make()
    const invite = inviteOf(group.inviteLink)
    const shown = { rate: '25.00', cookieDays: 7, holdDays: 14, group: group.name }
    expect(await programTerms(ctx, { invite })).toMatchObject({
      ...shown,
      minWithdrawals: [{ amount: 1_000, currency: 'USD' }],
    })
    const user = await makeUser(ctx)
    const joined = await joinProgram(ctx.as(user.actor), { paymentEmail: user.email, invite })
    expect(await programTerms(ctx.as(user.actor))).toMatchObject(shown)
    expect((await listGroups(admin)).items.find(({ id }) => id === group.id)?.members).toBe(1)
    const [audit] = await database.db.select().from(activityLog).where(eq(activityLog.subjectId, joined.id))
    expect(audit?.after).toMatchObject({ accepted: { rate: '25.00', windowDays: 7 } })
  })

  it('are no longer joined by an invite that is closed, or that never was', async () => {
    const group = await make()
    await openGroup(admin, { id: group.id, open: false })
    const user = await makeUser(ctx)
    for (const invite of [inviteOf(group.inviteLink), 'nothing', ''])
      await expect(
        joinProgram(ctx.as(user.actor), { paymentEmail: user.email, invite }),
      ).rejects.toMatchObject({ status: 422, code: 'INVITE_OVER' })
    expect(await database.db.$count(affiliates, eq(affiliates.userId, user.id))).toBe(0)
  })

  it('are pinned to who comes: later ones count for who comes later', async () => {
    const group = await make()
    const { code } = await member(group.id)
    const first = await referred(code)
    await changeGroup(admin, { id: group.id, ...TERMS, rate: '10.00', holdDays: 0, reason: 'Less' })
    const second = await referred(code)
    expect(first.row).toMatchObject({ ratePercentage: '25.00', holdDays: 14 })
    expect(second.row).toMatchObject({ ratePercentage: '10.00', holdDays: 0 })
    const { history } = (await listGroups(admin)).items.find(({ id }) => id === group.id) ?? {}
    expect(history).toHaveLength(2)
  })

  it('say how long a click counts', async () => {
    const { code } = await member((await make()).id)
    expect((await referred(code, 7)).outcome).toBe('ATTRIBUTED')
    expect((await referred(code, 7.01)).outcome).toBe('OVER')
  })

  it('are no longer an affiliate’s who was moved out', async () => {
    const { id, code } = await member((await make()).id)
    await moveToGroup(admin, { id, groupId: null, reason: 'Over' })
    expect((await referred(code)).row).toMatchObject({ ratePercentage: '15.00', holdDays: 0 })
  })

  it('say from what on they are paid out', async () => {
    const { user } = await member((await make()).id)
    const them = ctx.as(user.actor)
    await givenMethod(them, PAYPAL)
    await givenBalance(them, user.id, 2_000n)
    expect((await payoutTerms(them)).minimums).toEqual([{ amount: 1_000, currency: 'USD' }])
    await expect(requestWithdrawal(them, { amount: 999, currency: 'USD' })).rejects.toMatchObject({
      code: 'BELOW_MINIMUM',
    })
    await requestWithdrawal(them, { amount: 1_000, currency: 'USD' })
  })
})

describe('a group', () => {
  it('cannot bring the shares of a payment above all of it, nor can the programme then', async () => {
    await expect(make({ rate: '80.01' })).rejects.toMatchObject({
      status: 422,
      code: 'SHARES_TOO_HIGH',
      issues: [{ path: ['rate'] }],
    })
    const group = await make({ rate: '80.00' })
    await expect(
      changeProgram(admin, { overrideCommissionPercentage: '0.01', reason: '' }),
    ).rejects.toMatchObject({ code: 'SHARES_TOO_HIGH' })
    await changeGroup(admin, { id: group.id, ...TERMS, rate: '20.00' })
  })

  it('is one of two made at once under a name', async () => {
    const results = await Promise.allSettled([make({ name: 'Twins' }), make({ name: 'Twins' })])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('that is not there is 404', async () => {
    const id = '00000000-0000-7000-8000-000000000000'
    for (const asked of [
      () => changeGroup(admin, { id, ...TERMS }),
      () => openGroup(admin, { id: 'x', open: true }),
      () => moveToGroup(admin, { id, groupId: null, reason: 'x' }),
    ])
      await expect(asked()).rejects.toMatchObject({ status: 404 })
  })

  it('keeps its history: the database neither changes nor removes a version', async () => {
    const { id } = await make()
    const rows = eq(affiliateGroupTerms.groupId, id)
    for (const change of [
      database.db.update(affiliateGroupTerms).set({ ratePercentage: '1.00' }).where(rows),
      database.db.delete(affiliateGroupTerms).where(rows),
    ])
      await expect(change).rejects.toMatchObject({ cause: { code: '42501' } })
  })

  it.each([
    { rate: '100.01' },
    { rate: -1 },
    { rate: '=1' },
    { windowDays: 0 },
    { windowDays: 31 },
    { holdDays: 366 },
    { holdDays: 1.5 },
    { minWithdrawals: { XXQ: 1 } },
    { minWithdrawals: { USD: 0.5 } },
    { minWithdrawals: { USD: -1 } },
    { reason: ' ' },
    { name: '' },
    { name: 'x'.repeat(61) },
    { more: 1 },
  ])('is refused as $0', (wrong) => {
    expect(MakeGroupInput.safeParse({ name: 'Fine', ...TERMS, ...wrong }).success).toBe(false)
  })
})

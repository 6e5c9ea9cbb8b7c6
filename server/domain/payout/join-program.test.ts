import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, affiliateCodes, affiliates, mails, payoutMethods } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { visit } from '../../../db/testing/factories/affiliate'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { givenBalance } from '../../../db/testing/factories/payout'
import {
  approveAffiliate,
  clickedReferral,
  listAffiliates,
  ownAffiliate,
  rejectAffiliate,
  suspendAffiliate,
} from '../affiliate'
import { joinProgram, payoutTerms, setPayoutMethod } from '.'
import { JoinProgramInput } from './schemas'

const database = useDatabase()

const given = async (name: { firstName?: string; lastName?: string } = {}) => {
  const ctx = testContext(database.db)
  const user = await makeUser(ctx, name)
  return { ctx, user, as: ctx.as(user.actor), admin: ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor) }
}
const PAYPAL = { paymentEmail: 'Pay@payee.example', paymentMethod: 'PAYPAL' as const }
const join = (as: TestContext, input: unknown) => joinProgram(as, JoinProgramInput.parse(input))
const methodOf = (as: TestContext) => payoutTerms(as).then(({ method }) => method)

describe('joining the programme', () => {
  it('gives a code of one’s own and waits for approval', async () => {
    const { as } = await given({ firstName: 'Zoë', lastName: 'O’Hara' })
    const { affiliate } = await join(as, PAYPAL)
    expect(affiliate).toMatchObject({ affiliateCode: 'zoe-ohara', status: 'PENDING', reason: null })
    expect(affiliate.referralLink).toBe(`${as.config.appUrl}/?ref=zoe-ohara`)
    expect(await ownAffiliate(as)).toEqual(affiliate)
    expect(await clickedReferral(testContext(database.db), visit(' ZOE-OHara '))).toContain('zoe-ohara')
  })

  it('holds withdrawals for 48 hours where there is money already: no password was asked for', async () => {
    const { as, user } = await given()
    await givenBalance(as, user.id, 10_000n)
    await join(as, PAYPAL)
    const { holdUntil } = (await methodOf(as)) ?? {}
    expect(holdUntil).toBe(new Date(as.now().getTime() + 48 * 3_600_000).toISOString())
  })

  it('puts the payout details on file, so that the first withdrawal waits for nothing', async () => {
    const { as } = await given()
    await join(as, PAYPAL)
    expect(await methodOf(as)).toMatchObject({
      kind: 'PAYPAL',
      masked: 'p•••@payee.example',
      holdUntil: null,
    })
  })

  it.each([
    [{ paymentMethod: 'PAYPAL', paymentDetails: { email: 'till@payee.example' } }, 't•••@payee.example'],
    [{ paymentMethod: 'BANK', paymentDetails: { iban: 'DE89 3704 0044 0532 0130 00' } }, 'DE•• •••• 3000'],
    [{ paymentMethod: 'BANK', paymentDetails: { accountNumber: 12_345, bank: 'First' } }, '•••'],
    [{ paymentMethod: 'BANK', paymentDetails: 'Account 12345 at First Bank' }, '•••'],
    [{ paymentMethod: 'MAMOPAY', paymentDetails: { iban: 'AE070331234567890123456' } }, 'AE•• •••• 3456'],
  ])('takes %j', async (more, masked) => {
    const { as } = await given()
    await join(as, { paymentEmail: 'a@payee.example', ...more })
    expect(await methodOf(as)).toMatchObject({ masked })
  })

  it.each(['STRIPE', 'BANK', 'MAMOPAY'])(
    'by %s without details leaves them for later',
    async (paymentMethod) => {
      const { as } = await given()
      await join(as, { paymentEmail: 'a@payee.example', paymentMethod })
      expect(await methodOf(as)).toBeNull()
    },
  )

  it.each([
    [{ paymentMethod: 'PAYPAL', paymentDetails: { email: 'nobody' } }, ['paymentDetails', 'email']],
    [{ paymentMethod: 'BANK', paymentDetails: { iban: 'DE00' } }, ['paymentDetails', 'iban']],
    [{ paymentMethod: 'BANK', paymentDetails: {} }, ['paymentDetails', 'iban']],
    [{ paymentMethod: 'MAMOPAY', paymentDetails: 'nothing' }, ['paymentDetails', 'iban']],
  ])('with %j is refused and leaves nothing', async (more, path) => {
    const { as, user } = await given()
    await expect(join(as, { paymentEmail: 'a@payee.example', ...more })).rejects.toMatchObject({
      status: 400,
      issues: expect.arrayContaining([expect.objectContaining({ path })]),
    })
    expect(await ownAffiliate(as)).toBeNull()
    expect(await database.db.$count(payoutMethods, eq(payoutMethods.userId, user.id))).toBe(0)
  })

  it.each([
    [{}, 'paymentEmail'],
    [{ ...PAYPAL, paymentEmail: 'a@b, c@d' }, 'paymentEmail'],
    [{ ...PAYPAL, paymentMethod: 'MANUAL' }, 'paymentMethod'],
    [{ ...PAYPAL, status: 'APPROVED' }, ''],
    [{ ...PAYPAL, paymentDetails: ['a'] }, 'paymentDetails'],
    [{ ...PAYPAL, paymentDetails: { a: { b: 1 } } }, 'paymentDetails'],
  ])('refuses the input %j', (input, field) => {
    const { error } = JoinProgramInput.safeParse(input)
    expect(error?.issues.map(({ path }) => String(path[0] ?? ''))).toContain(field)
  })

  it('never replaces details that are on file: those change by password only', async () => {
    const { as } = await given()
    await setPayoutMethod(as, {
      method: { kind: 'PAYPAL', details: { email: 'first@payee.example' } },
      password: TEST_PASSWORD,
    })
    await join(as, PAYPAL)
    expect(await methodOf(as)).toMatchObject({ masked: 'f•••@payee.example' })
  })

  it('twice, also at once, makes one account and one code', async () => {
    const { as, user } = await given()
    const settled = await Promise.allSettled([join(as, PAYPAL), join(as, PAYPAL), join(as, PAYPAL)])
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const one of settled)
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ status: 409, code: 'ALREADY_AFFILIATE' })
    const [row] = await database.db.select().from(affiliates).where(eq(affiliates.userId, user.id))
    expect(await database.db.$count(affiliateCodes, eq(affiliateCodes.affiliateId, row?.id ?? ''))).toBe(1)
  })

  it('gives people of one name codes of their own, also at once', async () => {
    const people = await Promise.all(
      Array.from({ length: 8 }, () => given({ firstName: 'Sam', lastName: 'Same' })),
    )
    const joined = await Promise.all(people.map(({ as }) => join(as, PAYPAL)))
    const codes = joined.map(({ affiliate }) => affiliate.affiliateCode)
    expect(new Set(codes).size).toBe(8)
    expect(codes).toContain('sam-same')
  })

  it.each([
    ['Admin', '', /^admin-/],
    ['李', '小龙', /^partner-/],
    ['a', 'b', /^a-b/],
  ])('names nobody %s %s by a reserved or empty word', async (firstName, lastName, form) => {
    const { as } = await given({ firstName, lastName })
    expect((await join(as, PAYPAL)).affiliate.affiliateCode).toMatch(form)
  })
})

describe('an affiliate', () => {
  const joined = async () => {
    const world = await given()
    const { affiliate } = await join(world.as, PAYPAL)
    return { ...world, id: affiliate.id }
  }
  const mailsTo = ({ email }: { email: string }) =>
    database.db
      .select()
      .from(mails)
      .where(and(eq(mails.to, email), eq(mails.template, 'affiliate-reviewed')))

  it('approved by two admins at once is one change and one mail', async () => {
    const { id, user, admin, ctx } = await joined()
    const other = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    const both = await Promise.all([approveAffiliate(admin, { id }), approveAffiliate(other, { id })])
    expect(both.map(({ status }) => status)).toEqual(['APPROVED', 'APPROVED'])
    expect(await mailsTo(user)).toHaveLength(1)
    expect(
      await database.db.$count(
        activityLog,
        and(eq(activityLog.subjectId, id), eq(activityLog.action, 'affiliate_approved')),
      ),
    ).toBe(1)
  })

  it('is decided on by another admin where it is an admin’s own', async () => {
    const { id, ctx, user, as } = await joined()
    const self = ctx.as({ ...user.actor, kind: 'admin' })
    for (const attempt of [
      () => approveAffiliate(self, { id }),
      () => rejectAffiliate(self, { id, reason: 'Mine' }),
      () => suspendAffiliate(self, { id, reason: 'Mine' }),
    ])
      await expect(attempt()).rejects.toMatchObject({ status: 422, code: 'OWN_APPLICATION' })
    expect(await ownAffiliate(as)).toMatchObject({ status: 'PENDING' })
  })

  it('is rejected and suspended with a reason they can read', async () => {
    const { id, as, admin, user } = await joined()
    await rejectAffiliate(admin, { id, reason: 'No website' })
    expect(await ownAffiliate(as)).toMatchObject({ status: 'REJECTED', reason: 'No website' })
    await approveAffiliate(admin, { id })
    await suspendAffiliate(admin, { id, reason: 'Bids on our name' })
    expect(await ownAffiliate(as)).toMatchObject({ status: 'SUSPENDED', reason: 'Bids on our name' })
    await approveAffiliate(admin, { id })
    expect(await ownAffiliate(as)).toMatchObject({ status: 'APPROVED', reason: null })
    expect(await mailsTo(user)).toHaveLength(4)
  })

  it('goes only where their state leads', async () => {
    const { id, admin } = await joined()
    await expect(suspendAffiliate(admin, { id, reason: 'x' })).rejects.toMatchObject({ status: 409 })
    await approveAffiliate(admin, { id })
    await expect(rejectAffiliate(admin, { id, reason: 'x' })).rejects.toMatchObject({
      status: 409,
      code: 'AFFILIATE_STATE',
    })
    for (const unknown of ['nobody', '0198c0de-0000-7000-8000-000000000000'])
      await expect(approveAffiliate(admin, { id: unknown })).rejects.toMatchObject({ status: 404 })
  })

  it('stands in the list of their state, nothing repeated or skipped', async () => {
    const { admin } = await joined()
    await joined()
    const seen: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await listAffiliates(admin, { status: 'PENDING', limit: 2, cursor })
      expect(page.items.every(({ status }) => status === 'PENDING')).toBe(true)
      seen.push(...page.items.map(({ id }) => id))
      if (page.nextCursor === null) break
      cursor = page.nextCursor
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toHaveLength(await database.db.$count(affiliates, eq(affiliates.status, 'PENDING')))
    await expect(
      listAffiliates(admin, {
        limit: 2,
        cursor: Buffer.from('2026-01-01T00:00:00.000Z|x').toString('base64url'),
      }),
    ).rejects.toMatchObject({ status: 400 })
  })

  it('keeps a code for good: nobody else ever gets it', async () => {
    const { id } = await joined()
    await expect(
      database.db.delete(affiliateCodes).where(eq(affiliateCodes.affiliateId, id)),
    ).rejects.toThrow()
  })
})

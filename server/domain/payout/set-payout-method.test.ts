import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, mails, payoutMethods } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { BANK, givenMethod, makePayee, PAYPAL } from '../../../db/testing/factories/payout'
import { payoutTerms, setPayoutMethod } from '.'
import { maskDetails, openDetails, sealDetails } from './details'
import { readIban } from './iban'
import { type PayoutDetails, SetPayoutMethodInput } from './schemas'

const database = useDatabase()
const HOUR = 3_600_000

const parse = (kind: string, details: Record<string, unknown>) =>
  SetPayoutMethodInput.safeParse({ kind, details, password: 'x' })

describe('payout details', () => {
  it.each([
    ['PAYPAL', { email: 'Ann@Payee.example' }, { email: 'ann@payee.example' }],
    [
      'BANK',
      { name: 'Ann', iban: 'de89 3704 0044 0532 0130 00', bic: 'cobadeffxxx' },
      { name: 'Ann', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' },
    ],
    [
      'MAMOPAY',
      { name: 'Ann', iban: 'AE07 0331 2345 6789 0123 456' },
      { name: 'Ann', iban: 'AE070331234567890123456' },
    ],
    ['STRIPE', { account: 'acct_1032D82eZvKYlo2C' }, { account: 'acct_1032D82eZvKYlo2C' }],
    ['MANUAL', { note: ' Cash, please. ' }, { note: 'Cash, please.' }],
  ])('of %s are read', (kind, typed, details) => {
    expect(parse(kind, typed).data).toEqual({ method: { kind, details }, password: 'x' })
  })

  it.each([
    ['PAYPAL', { email: 'nobody' }, 'email'],
    ['PAYPAL', {}, 'email'],
    ['BANK', { name: 'Ann', iban: 'DE88370400440532013000' }, 'iban'],
    ['BANK', { name: '', iban: 'DE89370400440532013000' }, 'name'],
    ['BANK', { name: 'Ann', iban: 'DE89370400440532013000', bic: 'X' }, 'bic'],
    ['MAMOPAY', { name: 'Ann', iban: 'DE89370400440532013000' }, 'iban'],
    ['STRIPE', { account: 'cus_123456789' }, 'account'],
    ['MANUAL', { note: '' }, 'note'],
  ])('of %s that are wrong are refused at their field: %j', (kind, typed, field) => {
    expect(parse(kind, typed).error?.issues.map(({ path }) => path)).toContainEqual(['details', field])
  })

  it('take nothing that belongs to another kind, or to none', () => {
    expect(parse('PAYPAL', { email: 'a@b.example', iban: 'DE89370400440532013000' }).success).toBe(false)
    expect(parse('PAYPAL', { email: 'a@b.example', more: 'x' }).success).toBe(false)
    expect(parse('CASH', {}).success).toBe(false)
  })

  it('know a wrong digit of an IBAN, wherever it is', () => {
    const right = 'DE89370400440532013000'
    expect(readIban(right)).toBe(right)
    for (let at = 2; at < right.length; at += 1) {
      const wrong = right.slice(0, at) + ((Number(right[at]) + 1) % 10) + right.slice(at + 1)
      expect(readIban(wrong)).toBeNull()
    }
    for (const text of ['', 'DE', 'not an iban', 'DE89-3704-0044']) expect(readIban(text)).toBeNull()
  })

  it.each<[PayoutDetails, string]>([
    [PAYPAL, 'p•••@payee.example'],
    [BANK, 'DE•• •••• 3000'],
    [{ kind: 'STRIPE', details: { account: 'acct_1032D82eZvKYlo2C' } }, 'acct_•••lo2C'],
    [{ kind: 'MAMOPAY', details: { name: 'Ann', iban: 'AE070331234567890123456' } }, 'AE•• •••• 3456'],
    [{ kind: 'MANUAL', details: { note: 'Under the third stone' } }, '•••'],
  ])('are shown masked: %j', (method, masked) => {
    expect(maskDetails(method)).toBe(masked)
  })

  it('are sealed for one row and one secret, and not readable once altered', () => {
    const ctx = testContext(database.db)
    const sealed = sealDetails(ctx, 'row-1', BANK)
    expect(openDetails(ctx, 'row-1', sealed)).toEqual(BANK)
    expect(sealDetails(ctx, 'row-1', BANK).equals(sealed)).toBe(false)
    expect(() => openDetails(ctx, 'row-2', sealed)).toThrow()
    const other = testContext(database.db, {
      env: { APP_SECRET: 'another-secret-of-more-than-32-bytes!' },
    })
    expect(() => openDetails(other, 'row-1', sealed)).toThrow()
    for (const at of [0, 12, sealed.length - 1]) {
      const altered = Buffer.from(sealed)
      altered[at] = (altered[at] ?? 0) ^ 1
      expect(() => openDetails(ctx, 'row-1', altered)).toThrow()
    }
  })
})

describe('setting where one is paid', () => {
  it('holds nothing the first time, tells the user, and keeps only what is masked in the open', async () => {
    const ctx = testContext(database.db)
    const user = await makeUser(ctx)
    const as = ctx.as(user.actor)
    expect(await payoutTerms(as)).toMatchObject({ method: null, minimums: [] })
    const set = await givenMethod(as, BANK)
    expect(set).toEqual({
      kind: 'BANK',
      masked: 'DE•• •••• 3000',
      createdAt: ctx.now().toISOString(),
      holdUntil: null,
      ready: true,
    })
    expect((await payoutTerms(as)).method).toEqual(set)
    const [mail] = await database.db.select().from(mails).where(eq(mails.to, user.email))
    expect(mail).toMatchObject({
      template: 'payout-details-changed',
      data: { masked: set.masked, holdUntil: null },
    })
    const [line] = await database.db.select().from(activityLog).where(eq(activityLog.userId, user.id))
    expect(line).toMatchObject({
      action: 'payout_details_set',
      before: null,
      after: { kind: 'BANK', masked: set.masked, holdUntil: null },
    })
  })

  it('holds withdrawals for 48 hours after a change, anew after each, and says so', async () => {
    const ctx = testContext(database.db)
    const { user, as } = await makePayee(ctx)
    await givenMethod(as, BANK)
    ctx.clock.advance(HOUR)
    const again = await givenMethod(as, PAYPAL)
    expect(again.holdUntil).toBe(new Date(ctx.now().getTime() + 48 * HOUR).toISOString())
    ctx.clock.advance(48 * HOUR)
    expect((await payoutTerms(as)).method?.holdUntil).toBeNull()
    const sent = await database.db.select().from(mails).where(eq(mails.to, user.email))
    expect(sent).toHaveLength(3)
    const lines = await database.db.select().from(activityLog).where(eq(activityLog.userId, user.id))
    expect(lines.filter(({ action }) => action === 'payout_details_changed')).toHaveLength(2)
  })

  it('to what it is already changes nothing', async () => {
    const ctx = testContext(database.db)
    const { as, user } = await makePayee(ctx, { method: BANK })
    expect((await givenMethod(as, BANK)).holdUntil).toBeNull()
    expect(
      await database.db.select().from(payoutMethods).where(eq(payoutMethods.userId, user.id)),
    ).toHaveLength(1)
  })

  it('wants the password', async () => {
    const ctx = testContext(database.db)
    const { user, as } = await makePayee(ctx)
    const attempt = (who: typeof as, password: string) =>
      setPayoutMethod(who, SetPayoutMethodInput.parse({ ...BANK, password }))
    await expect(attempt(as, 'wrong')).rejects.toMatchObject({
      status: 403,
      code: 'WRONG_PASSWORD',
      issues: [{ path: ['password'] }],
    })
    await expect(attempt(ctx, TEST_PASSWORD)).rejects.toMatchObject({ status: 401 })
    const without = ctx.as((await makeUser(ctx, { password: false })).actor)
    await expect(attempt(without, TEST_PASSWORD)).rejects.toMatchObject({ code: 'WRONG_PASSWORD' })
    expect((await payoutTerms(ctx.as(user.actor))).method?.kind).toBe('PAYPAL')
  })

  it('by two at once leaves one on file, and the second as a change', async () => {
    const ctx = testContext(database.db)
    const user = await makeUser(ctx)
    const as = ctx.as(user.actor)
    await Promise.all([givenMethod(as, BANK), givenMethod(as, PAYPAL)])
    const rows = await database.db.select().from(payoutMethods).where(eq(payoutMethods.userId, user.id))
    expect(rows.filter(({ replacedAt }) => replacedAt === null)).toHaveLength(1)
    expect(rows.filter(({ holdUntil }) => holdUntil !== null)).toHaveLength(1)
  })

  it('cannot be done behind its back: a row on file is not altered', async () => {
    const ctx = testContext(database.db)
    const { user } = await makePayee(ctx)
    for (const change of [sql`masked = 'x'`, sql`hold_until = null`, sql`sealed = sealed`])
      await expect(
        database.db.execute(sql`update payout_methods set ${change} where user_id = ${user.id}`),
      ).rejects.toThrow()
    await expect(
      database.db.execute(sql`delete from payout_methods where user_id = ${user.id}`),
    ).rejects.toThrow()
  })
})

import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, taxProfiles, withdrawals } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { givenBalance, makePayee } from '../../../db/testing/factories/payout'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import {
  approveWithdrawal,
  exportTaxSummary,
  markPaid,
  markReturned,
  payoutTerms,
  requestWithdrawal,
  setTaxDetails,
  taxProfile,
} from '.'
import { SetTaxDetailsInput } from './tax-schemas'

const database = useDatabase()
const USD = (amount: number) => ({ amount, currency: 'USD' })

const AMERICAN = {
  form: 'W9',
  country: 'US',
  name: 'Ann Example',
  classification: 'INDIVIDUAL',
  taxId: '123-45-6789',
  address: '1 Main Street',
  city: 'Springfield',
  region: 'IL',
  postalCode: '62701',
  signature: 'Ann Example',
  certified: true,
}
const GERMAN = {
  form: 'W8BEN',
  country: 'DE',
  name: 'Änne Beispiel',
  taxId: '12 345 678 901',
  address: 'Hauptstraße 1',
  city: 'Köln',
  dateOfBirth: '1990-12-31',
  signature: 'Änne Beispiel',
  certified: true,
}
const parsed = (details: unknown) => SetTaxDetailsInput.parse(details)
const issuesOf = (details: unknown) => {
  const read = SetTaxDetailsInput.safeParse(details)
  return read.success ? [] : read.error.issues.map(({ path }) => path.join('.'))
}

/** The programme is one for all tests of this file: each begins ten years later. */
let year = 2100
const given = async (more: Parameters<typeof makePayee>[1] = {}) => {
  year += 10
  const ctx = testContext(database.db, { clock: testClock(new Date(Date.UTC(year, 10, 1, 12))) })
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  return { ctx, admin, year, ...(await makePayee(ctx, more)) }
}
const set = (admin: TestContext, input: unknown) => changeProgram(admin, ChangeProgramInput.parse(input))
const paid = async (as: TestContext, admin: TestContext, amount: number, currency = 'USD') => {
  const { id } = await requestWithdrawal(as, { amount, currency })
  await approveWithdrawal(admin, { id })
  await markPaid(admin, { id, reference: 'R' })
  return id
}

describe('tax details', () => {
  it('are kept sealed and shown masked; the same again changes nothing, others replace them', async () => {
    const { as, user } = await given()
    expect(await taxProfile(as)).toBeNull()
    const profile = await setTaxDetails(as, parsed(AMERICAN))
    expect(profile).toMatchObject({ form: 'W9', country: 'US', masked: '•••89' })
    await setTaxDetails(as, parsed(AMERICAN))
    await setTaxDetails(as, parsed(GERMAN))
    expect(await taxProfile(as)).toMatchObject({ form: 'W8BEN', masked: '•••01' })
    const rows = await database.db.select().from(taxProfiles).where(eq(taxProfiles.userId, user.id))
    expect(rows.map(({ replacedAt }) => replacedAt === null).sort()).toEqual([false, true])
    for (const { sealed } of rows) expect(sealed.toString('latin1')).not.toMatch(/6789|8901|Main/)
    const lines = await database.db.select().from(activityLog).where(eq(activityLog.userId, user.id))
    expect(JSON.stringify(lines)).not.toMatch(/123-45|6789|Example|Beispiel/)
    const short = await setTaxDetails(as, parsed({ ...GERMAN, taxId: '12 34' }))
    expect(short.masked).toBe('•••4')
    expect(lines.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['tax_details_set', 'tax_details_changed']),
    )
    expect((await payoutTerms(as)).hasTaxDetails).toBe(true)
    await expect(database.db.update(taxProfiles).set({ masked: 'x' })).rejects.toThrow()
  })

  it('set at once, twice, leave one on file', async () => {
    const { as, user } = await given()
    await Promise.all([setTaxDetails(as, parsed(AMERICAN)), setTaxDetails(as, parsed(GERMAN))])
    const rows = await database.db.select().from(taxProfiles).where(eq(taxProfiles.userId, user.id))
    expect(rows.filter(({ replacedAt }) => replacedAt === null)).toHaveLength(1)
    expect(rows).toHaveLength(2)
  })

  it.each<[string, object, string[]]>([
    ['a W-9 from abroad', { ...AMERICAN, country: 'DE' }, ['country']],
    ['a W-8 from the United States', { ...GERMAN, country: 'US' }, ['country']],
    ['a tax id of eight digits', { ...AMERICAN, taxId: '12345678' }, ['taxId']],
    ['a tax id of noughts', { ...AMERICAN, taxId: '000-00-0000' }, ['taxId']],
    ['full-width digits', { ...AMERICAN, taxId: '１２３４５６７８９' }, ['taxId']],
    ['a formula', { ...GERMAN, taxId: '=1+1' }, ['taxId']],
    ['no classification', { ...AMERICAN, classification: '' }, ['classification']],
    ['a classification of a W-8', { ...GERMAN, classification: 'LLC' }, ['classification']],
    ['a date of birth that is none', { ...GERMAN, dateOfBirth: '1990-02-30' }, ['dateOfBirth']],
    ['a date of birth of a company', { ...GERMAN, form: 'W8BENE' }, ['dateOfBirth']],
    ['no certification', { ...GERMAN, certified: false }, ['certified']],
    ['no signature', { ...GERMAN, signature: ' ' }, ['signature']],
    ['a line break in the address', { ...GERMAN, address: 'a\nb' }, ['address']],
    ['what nobody asked for', { ...GERMAN, salary: 1 }, ['']],
    ['a name that is a list', { ...GERMAN, name: ['x'] }, ['name']],
  ])('are refused with the place: %s', (_, details, places) => {
    expect([...new Set(issuesOf(details))]).toEqual(places)
  })
})

describe('past the threshold of a calendar year', () => {
  const required = { status: 422, code: 'TAX_DETAILS_REQUIRED' }

  it('a withdrawal needs tax details: what was paid and what is under way count, in its currency', async () => {
    const { ctx, as, user, admin } = await given({ available: 40_000n })
    await set(admin, { taxThresholds: { USD: 12_000 } })
    await givenBalance(ctx, user.id, 50_000n, 'EUR')
    await paid(as, admin, 6_000)
    await paid(as, admin, 6_000)
    await expect(requestWithdrawal(as, USD(5_000))).rejects.toMatchObject({
      ...required,
      message: expect.stringContaining('/balance/tax'),
    })
    await requestWithdrawal(as, { amount: 50_000, currency: 'EUR' })
    await setTaxDetails(as, parsed(GERMAN))
    await requestWithdrawal(as, USD(5_000))
    await set(admin, { taxThresholds: {} })
  })

  it('one single withdrawal may be too much, one of exactly the threshold is not', async () => {
    const { as, admin } = await given()
    await set(admin, { taxThresholds: { USD: 9_000 } })
    await expect(requestWithdrawal(as, USD(9_001))).rejects.toMatchObject(required)
    await requestWithdrawal(as, USD(9_000))
    await set(admin, { taxThresholds: {} })
  })

  it('counts by the threshold of the day, anew each year, without what came back', async () => {
    const { ctx, as, admin, year } = await given({ available: 40_000n })
    const next = `${year}-12-01T00:00:00Z`
    await set(admin, { taxThresholds: { USD: 5_000 }, effectiveFrom: next })
    await paid(as, admin, 10_000)
    const returned = await paid(as, admin, 10_000)
    await markReturned(admin, { id: returned, reason: 'Closed' })
    ctx.clock.set(new Date(next))
    await expect(requestWithdrawal(as, USD(5_000))).rejects.toMatchObject(required)
    ctx.clock.set(new Date(Date.UTC(year + 1, 0, 1)))
    await requestWithdrawal(as, USD(5_000))
    await set(admin, { taxThresholds: {} })
  })
})

describe('the yearly summary', () => {
  const linesFor = async (admin: TestContext, of: number, userId: string) =>
    (await exportTaxSummary(admin, { year: of })).split('\r\n').filter((line) => line.includes(userId))

  it('holds what each was paid, by currency, with the columns of a 1099-NEC; formulas are disarmed', async () => {
    const { ctx, as, user, admin, year } = await given({ available: 40_000n })
    await givenBalance(ctx, user.id, 10_000n, 'JPY')
    await setTaxDetails(as, parsed({ ...AMERICAN, businessName: '=SUM(A1)' }))
    await paid(as, admin, 10_000)
    await paid(as, admin, 5_050)
    await paid(as, admin, 10_000, 'JPY')
    await requestWithdrawal(as, USD(5_000))
    const other = await makePayee(ctx)
    await paid(other.as, admin, 6_000)
    const csv = await exportTaxSummary(admin, { year })
    expect(csv.split('\r\n')[0]).toBe(
      'year,recipient_name,recipient_business_name,recipient_tin,address,city,region,postal_code,country,form,box_1_nonemployee_compensation,currency,paid_minor,paid,account_id,account_email',
    )
    const common = `${year},Ann Example,'=SUM(A1),123-45-6789,1 Main Street,Springfield,IL,62701,US,W9`
    expect(await linesFor(admin, year, user.id)).toEqual([
      `${common},,JPY,10000,10000,${user.id},${user.email}`,
      `${common},150.50,USD,15050,150.50,${user.id},${user.email}`,
    ])
    expect(await linesFor(admin, year, other.user.id)).toEqual([
      `${year},Ann Example,,,,,,,,,60.00,USD,6000,60.00,${other.user.id},${other.user.email}`,
    ])
    expect(await linesFor(admin, year + 1, user.id)).toEqual([])
    const [log] = await database.db
      .select()
      .from(activityLog)
      .where(eq(activityLog.action, 'tax_summary_exported'))
      .limit(1)
    expect(log?.after).toMatchObject({ year, payees: expect.arrayContaining([user.id]) })
    expect(JSON.stringify(log)).not.toContain('6789')
  })

  it('names the details in force when the year ended, and the first ones given after where there were none', async () => {
    const { ctx, as, user, admin, year } = await given({ available: 40_000n })
    const late = await makePayee(ctx)
    await setTaxDetails(as, parsed(AMERICAN))
    await paid(as, admin, 10_000)
    await paid(late.as, admin, 6_000)
    const before = await linesFor(admin, year, user.id)
    ctx.clock.set(new Date(Date.UTC(year + 1, 0, 2)))
    await setTaxDetails(as, parsed({ ...AMERICAN, name: 'Ann Married' }))
    await setTaxDetails(late.as, parsed(GERMAN))
    expect(await linesFor(admin, year, user.id)).toEqual(before)
    expect((await linesFor(admin, year, late.user.id))[0]).toContain('W8BEN')
    ctx.clock.advance(1000)
    await setTaxDetails(late.as, parsed(AMERICAN))
    expect((await linesFor(admin, year, late.user.id))[0]).toContain('W8BEN')
  })

  it('of a year that is over stays as it was: what comes back later counts when it comes back', async () => {
    const { ctx, as, user, admin, year } = await given({ available: 40_000n })
    const late = await paid(as, admin, 10_000)
    const soon = await paid(as, admin, 7_000)
    await markReturned(admin, { id: soon, reason: 'Closed' })
    const before = await linesFor(admin, year, user.id)
    expect(before[0]).toContain(',100.00,USD,10000,')
    ctx.clock.set(new Date(Date.UTC(year + 1, 0, 1)))
    await markReturned(admin, { id: late, reason: 'Closed' })
    expect(await linesFor(admin, year, user.id)).toEqual(before)
    expect((await linesFor(admin, year + 1, user.id))[0]).toContain(',-100.00,USD,-10000,-100.00,')
    const rows = await database.db.select().from(withdrawals).where(eq(withdrawals.userId, user.id))
    expect(rows.every(({ status }) => status === 'RETURNED')).toBe(true)
  })
})

import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { taxProfiles } from '../../../db/schema'
import { useDatabase } from '../../../db/testing/database'
import { closingWorld } from '../../../db/testing/factories/closing'
import { makePayee } from '../../../db/testing/factories/payout'
import { exportTaxSummary, markReturned, setTaxDetails } from '.'
import { SetTaxDetailsInput } from './tax-schemas'

const database = useDatabase()
const { given, close, paidOut, clear } = closingWorld(database)
const DAY = 86_400_000

const detailsOf = (name: string) =>
  SetTaxDetailsInput.parse({
    form: 'W8BEN',
    country: 'DE',
    name,
    taxId: '12345678901',
    address: 'Way 1',
    city: 'Bonn',
    postalCode: '53111',
    dateOfBirth: '1990-01-01',
    signature: name,
    certified: true,
  })

describe('closing the account of somebody who was paid', () => {
  it('keeps the tax details of each year in which they were paid, and no others', async () => {
    const ctx = given()
    const { user, as } = await makePayee(ctx, { available: 20_000n })
    const set = async (name: string) => {
      await setTaxDetails(as, detailsOf(name))
      ctx.clock.advance(DAY)
    }
    await set('Mistyped')
    await set('Of The First Year')
    const { admin } = await paidOut(ctx, as, 10_000)
    ctx.clock.set(new Date('2026-02-01T00:00:00Z'))
    await set('Between')
    await set('Of The Second Year')
    await paidOut(ctx, as, 10_000)
    await close(as)
    const year = async (of: number) =>
      (await exportTaxSummary(admin, { year: of })).split('\r\n').filter((line) => line.includes(user.id))
    expect(await year(2025)).toEqual([expect.stringContaining('2025,Of The First Year,')])
    expect(await year(2026)).toEqual([expect.stringContaining('2026,Of The Second Year,')])
    const rows = await database.db.select().from(taxProfiles).where(eq(taxProfiles.userId, user.id))
    expect(
      rows
        .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
        .map(({ sealed }) => sealed.length > 0),
    ).toEqual([false, true, false, true])
  })

  it('keeps those of the year in which a payment came back, and those given after the year of the first', async () => {
    const ctx = given()
    const { user, as } = await makePayee(ctx, { available: 10_000n })
    const { id, admin } = await paidOut(ctx, as, 10_000)
    ctx.clock.set(new Date('2026-02-01T00:00:00Z'))
    await setTaxDetails(as, detailsOf('Given Late'))
    ctx.clock.set(new Date('2027-02-01T00:00:00Z'))
    await setTaxDetails(as, detailsOf('Of The Return'))
    await markReturned(admin, { id, reason: 'account closed' })
    ctx.clock.set(new Date('2028-02-01T00:00:00Z'))
    await setTaxDetails(as, detailsOf('The Last'))
    await clear(ctx, user)
    await close(as)
    const year = async (of: number) => exportTaxSummary(admin, { year: of })
    expect(await year(2025)).toContain('2025,Given Late,')
    expect(await year(2027)).toContain('2027,Of The Return,')
  })

  it('leaves a summary of the others when details are gone', async () => {
    const ctx = given()
    const { user, as } = await makePayee(ctx, { available: 10_000n })
    await setTaxDetails(as, detailsOf('Gone'))
    const { admin } = await paidOut(ctx, as, 10_000)
    await close(as)
    await database.owner.transaction(async (tx) => {
      await tx.execute(`select set_config('offshoot.erasing', 'yes', true)`)
      await tx
        .update(taxProfiles)
        .set({ sealed: Buffer.alloc(0) })
        .where(eq(taxProfiles.userId, user.id))
    })
    expect(await exportTaxSummary(admin, { year: 2025 })).toContain('2025,Closed account,,,')
  })
})

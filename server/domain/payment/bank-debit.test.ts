import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { orders, payments, workspaceClones } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeOffer } from '../../../db/testing/factories/payment'
import { plansOf } from '../../../db/testing/plans'
import { type Harness, startHarness } from '../../providers/sandbox/sandbox.harness'
import { createPaymentLink, orderProgress } from '.'

const database = useDatabase()
const clock = testClock()
let h: Harness
let ctx: TestContext
let plans: ReturnType<typeof plansOf>

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(() => {
  ctx = testContext(database.db, { clock, outside: { payments: new Map([['stripe', h.provider]]) } })
  plans ??= plansOf(h, () => ctx)
})

const EMPTY = { do: 'debit', email: 'bo@example.test' }
const checkout = async () => {
  const offer = await makeOffer(ctx)
  const email = `buyer-${crypto.randomUUID()}@example.test`
  const { id, url } = await createPaymentLink(ctx, {
    paymentType: 'WORKSPACE_PURCHASE',
    affiliateToken: offer.token,
    email,
    firstName: 'Bo',
    lastName: 'Buyer',
    attempt: null,
    provider: 'stripe',
  })
  const [order] = await database.db.select().from(orders).where(eq(orders.id, id))
  return { id, email, path: new URL(url).pathname, ref: order?.checkoutRef ?? '' }
}
const debited = async (account: string) => {
  const made = await checkout()
  const answer = await h.form(made.path, { ...EMPTY, account })
  expect(answer.status).toBe(303)
  await plans.deliver()
  const progress = () => orderProgress(ctx, { orderId: made.id, checkoutRef: made.ref })
  const press = async (what: string) => {
    const { status } = await h.form(`/sandbox/debits/${made.ref}/${what}`, {})
    await plans.deliver()
    return status
  }
  return { ...made, progress, press }
}
const rowsOf = async (id: string) => {
  const paid = await database.db.select().from(payments).where(eq(payments.orderId, id))
  const copies = await database.db
    .select()
    .from(workspaceClones)
    .where(eq(workspaceClones.paymentId, paid[0]?.id ?? id))
  return [paid.length, copies.length]
}

describe('a purchase by bank debit', () => {
  it('is complete and unpaid, gives nothing yet, and is fulfilled when the bank pays, once', async () => {
    const { id, email, progress, press } = await debited('000123456789')
    expect(await progress()).toMatchObject({ status: 'OPEN', atBank: true })
    expect(await rowsOf(id)).toEqual([0, 0])
    expect(await plans.mailsTo(email)).toEqual([])
    expect(await h.get('/sandbox')).toContain('The bank pays')
    // Longer than any checkout stays open by itself.
    clock.advance(3 * 86_400_000)
    expect(await progress()).toMatchObject({ status: 'OPEN', atBank: true })
    expect(await press('pays')).toBe(303)
    expect(await progress()).toMatchObject({ status: 'FULFILLED', atBank: false })
    expect(await rowsOf(id)).toEqual([1, 1])
    expect(await plans.mailsTo(email)).toEqual(['purchase-ready'])
    expect([await press('pays'), await press('fails')]).toEqual([422, 422])
    expect(await rowsOf(id)).toEqual([1, 1])
  }, 30_000)

  it('that the bank does not pay fails in words, and nothing was given', async () => {
    const { id, email, progress, press } = await debited('000 1234 56789')
    expect(await press('fails')).toBe(303)
    expect(await progress()).toMatchObject({ status: 'FAILED', atBank: false })
    expect(await rowsOf(id)).toEqual([0, 0])
    expect(await plans.mailsTo(email)).toEqual(['payment-failed'])
  }, 30_000)

  it('is answered by the clock as the account’s number says', async () => {
    const [good, bad] = [await debited('000123456789'), await debited('000111111116')]
    for (let days = 0; days < 3; days += 1) await plans.advance('day')
    expect([(await good.progress()).status, (await bad.progress()).status]).toEqual(['OPEN', 'OPEN'])
    await plans.advance('day')
    expect([(await good.progress()).status, (await bad.progress()).status]).toEqual(['FULFILLED', 'FAILED'])
    expect(await rowsOf(good.id)).toEqual([1, 1])
  }, 30_000)

  it('takes test accounts only', async () => {
    const { path } = await checkout()
    const answer = await h.form(path, { ...EMPTY, account: '12345678' })
    expect([answer.status, (await answer.text()).includes('use one of the test accounts')]).toEqual([
      422,
      true,
    ])
    expect((await h.form('/sandbox/debits/cs_none/pays', {})).status).toBe(404)
  })

  it('is not offered for a plan', async () => {
    const { url } = await plans.open(await plans.buyer())
    expect(await h.get(new URL(url).pathname)).not.toContain('bank debit')
    const answer = await h.form(new URL(url).pathname, { ...EMPTY, account: '000123456789' })
    expect(answer.headers.get('location')).toContain('/sandbox/checkout/')
  })
})

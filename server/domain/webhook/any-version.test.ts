import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commissions, orders } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { makeOffer } from '../../../db/testing/factories/payment'
import { plansOf } from '../../../db/testing/plans'
import { type Harness, PAYMENT, startHarness } from '../../providers/sandbox/sandbox.harness'
import { createPaymentLink, openPlanInvoice, setPlanCancellation } from '../payment'

/** Whatever version of Stripe's interface the events are told in, what they leave behind is the same. */
const VERSIONS = [
  '2026-10-28.endive',
  '2025-03-31.basil',
  '2025-02-24.acacia',
  '2024-06-20',
  '2022-11-15',
  '2022-11-15 dual',
  '2020-08-27',
]

const database = useDatabase()
const clock = testClock()
let h: Harness
let ctx: TestContext
let plans: ReturnType<typeof plansOf>

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
  ctx = testContext(database.db, { clock, outside: { payments: new Map([['stripe', h.provider]]) } })
  plans = plansOf(h, () => ctx)
})
afterAll(() => h.stop())

const use = async (version: string) =>
  expect((await h.form('/sandbox/version', { version })).status).toBe(303)
const press = (path: string) => h.form(`/sandbox/${path}`, {})
const amounts = (rows: readonly { readonly amount: bigint; readonly reversedAmount: bigint }[]) =>
  rows
    .map(({ amount, reversedAmount }) => [amount, reversedAmount])
    .sort((a, b) => Number(a[1]) - Number(b[1]))

/** The charge that came since it was last asked; all are made at one time here. */
const newestOf = (user: MadeUser) => {
  const seen = new Set<string>()
  return async () => {
    const all = (await plans.paymentsOf(user)).map(({ chargeId }) => String(chargeId))
    const fresh = all.find((charge) => !seen.has(charge))
    for (const charge of all) seen.add(charge)
    return fresh
  }
}

/** First payment, renewal, its refund, a failed renewal that is paid by hand, a lost dispute over that, the end. */
const planLife = async () => {
  const user = await plans.buyer()
  const affiliate = await makeUser(ctx)
  await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: user.id })
  await plans.subscribed({ user })
  const newest = newestOf(user)
  await newest()
  await plans.advance('month')
  await press(`charges/${await newest()}/refund`)
  await plans.deliver()
  await plans.useCard(user, '4000 0000 0000 0341')
  await plans.advance('month')
  await plans.advance('hour')
  const late = await plans.planOf(user)
  const { url } = await openPlanInvoice(ctx.as(user.actor))
  await h.form(new URL(url ?? '').pathname, PAYMENT)
  await plans.deliver()
  await press(`charges/${await newest()}/dispute`)
  await plans.deliver()
  const [, dispute = ''] = /disputes\/(d[a-z]+_[A-Za-z0-9]+)\/lost/.exec(await h.get('/sandbox')) ?? []
  await press(`disputes/${dispute}/lost`)
  await plans.deliver()
  await setPlanCancellation(ctx.as(user.actor), { cancel: true })
  await plans.deliver()
  await plans.advance('month')
  await plans.advance('day')
  const earned = await database.db
    .select()
    .from(commissions)
    .where(eq(commissions.beneficiaryId, affiliate.id))
  return {
    late: late?.status,
    status: (await plans.planOf(user))?.status,
    plan: await plans.paidPlanOf(user),
    payments: (await plans.paymentsOf(user))
      .map((one) => [
        one.status,
        one.capturedAmount,
        one.refundedAmount,
        one.paymentIntentId !== null,
        one.invoiceId !== null,
      ])
      .sort(),
    earned: amounts(earned),
    mails: (await plans.mailsTo(user.email)).sort(),
  }
}

const sale = async () => {
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
  await plans.pay(url)
  await plans.deliver()
  const payment = () => database.db.query.payments.findFirst({ where: (row) => eq(row.orderId, id) })
  await press(`charges/${(await payment())?.chargeId}/refund`)
  await plans.deliver()
  const [order] = await database.db.select().from(orders).where(eq(orders.id, id))
  const made = await payment()
  const earned = await database.db
    .select()
    .from(commissions)
    .where(eq(commissions.paymentId, made?.id ?? id))
  return {
    order: order?.status,
    payment: [made?.status, made?.capturedAmount, made?.refundedAmount],
    earned: amounts(earned),
    mails: (await plans.mailsTo(email)).sort(),
  }
}

const told = new Map<string, Record<string, unknown>[]>()
const live = async (version: string) => {
  await use(version)
  const before = h.received.length
  const rows = { plan: await planLife(), sale: await sale() }
  const versions = new Set(
    h.received.slice(before).map(({ body }) => (JSON.parse(body) as { api_version: string }).api_version),
  )
  expect([...versions]).toEqual([version.split(' ')[0]])
  told.set(
    version,
    h.received.slice(before).map(({ object }) => object),
  )
  return rows
}
let known: ReturnType<typeof live> | undefined
const newest = () => {
  known ??= live('2026-10-28.endive')
  return known
}

describe('a plan and a sale', () => {
  it('live their lives in the newest version', async () => {
    expect(await newest()).toMatchObject({
      plan: {
        late: 'PAST_DUE',
        status: 'CANCELLED',
        plan: 'FREE',
        payments: [
          ['CAPTURED', 2_900n, 0n, true, true],
          ['REFUNDED', 2_900n, 0n, true, true],
          ['REFUNDED', 2_900n, 2_900n, true, true],
        ],
        earned: [
          [435n, 0n],
          [435n, 435n],
          [435n, 435n],
        ],
      },
      sale: { order: 'FULFILLED', payment: ['REFUNDED', 10_000n, 10_000n], earned: [[2_000n, 2_000n]] },
    })
  }, 60_000)

  it.each(VERSIONS.slice(1))(
    'end in the same rows in %s',
    async (version) => {
      const expected = await newest()
      expect(await live(version)).toEqual(expected)
    },
    60_000,
  )

  it('go on when the version is changed between one event and the next', async () => {
    const expected = await newest()
    await use('2020-08-27')
    const user = await plans.subscribed()
    await use('2026-10-28.endive')
    await plans.advance('month')
    expect((await plans.paymentsOf(user)).map(({ status }) => status)).toEqual(['CAPTURED', 'CAPTURED'])
    expect(expected.plan.status).toBe('CANCELLED')
  }, 60_000)

  it('that there is none of cannot be chosen', async () => {
    expect((await h.form('/sandbox/version', { version: '1999-01-01' })).status).toBe(404)
    expect((await h.form('/sandbox/version', {})).status).toBe(404)
  })
})

const folder: unknown = import.meta.env.SAMPLES_DIR
const samples = typeof folder === 'string' ? join(folder, 'stripe') : null

describe.runIf(samples !== null && existsSync(samples))('what is told', () => {
  it.each([
    ['2025-02-24.acacia', (name: string) => name < '2025-03' && /^\d/.test(name)],
    [
      '2025-03-31.basil',
      (name: string) => /^(\d{4}-\d\d-\d\d\.(basil|clover)|2022-11-15__charge)/.test(name),
    ],
  ])(
    'in %s has no member that its samples lack',
    async (version, isOf) => {
      await newest()
      if (!told.has(version)) await live(version)
      const members = new Map<string, Set<string>>()
      for (const object of samplesOf(String(samples), isOf))
        for (const [kind, names] of membersOf(object))
          members.set(kind, new Set([...(members.get(kind) ?? []), ...names]))
      const strange = (told.get(version) ?? []).flatMap((object) =>
        membersOf(object).flatMap(([kind, names]) => {
          const allowed = members.get(kind)
          return allowed === undefined
            ? []
            : names.filter((name) => !allowed.has(name)).map((n) => `${kind}.${n}`)
        }),
      )
      expect([...new Set(strange)].sort()).toEqual([])
    },
    60_000,
  )
})

/** Objects of events and of the interface itself, by the name of the version they begin with. */
const samplesOf = (folder: string, isOf: (name: string) => boolean): Record<string, unknown>[] => {
  const read = (...path: string[]) =>
    JSON.parse(readFileSync(join(folder, ...path), 'utf8')) as Record<string, unknown>
  const events = readdirSync(join(folder, 'events')).filter(isOf)
  const versions = readdirSync(join(folder, 'objects', 'by-version')).filter(isOf)
  return [
    ...events.map((file) => (read('events', file).data as { object: Record<string, unknown> }).object),
    ...versions.flatMap((version) =>
      readdirSync(join(folder, 'objects', 'by-version', version)).map((file) =>
        read('objects', 'by-version', version, file),
      ),
    ),
  ].filter((object) => object.deleted !== true)
}

/** Of an object and what it lists, the names of its members. */
const membersOf = (object: Record<string, unknown>): [string, string[]][] => {
  const lists = [object.lines, object.items] as ({ data?: Record<string, unknown>[] } | undefined)[]
  const listed = lists.flatMap((list) => (Array.isArray(list?.data) ? list.data : []))
  return [[String(object.object), Object.keys(object)], ...listed.flatMap(membersOf)]
}

import { isDeepStrictEqual } from 'node:util'
import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { orders } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeBareWorkspace, makeReferral, makeSeller } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { brokenBooks, paidFacts } from '../../../db/testing/factories/payment'
import { givenMethod, PAYPAL } from '../../../db/testing/factories/payout'
import {
  type Books,
  type Decision,
  emptyBooks,
  type Person,
  REFERRERS,
  type Sale,
  type Step,
  take,
  type View,
  viewOf,
} from '../../../db/testing/model/books'
import { inTransaction, newId } from '../../kit/context'
import { DomainError } from '../../kit/errors'
import { percentage } from '../../kit/money'
import { processUnpaidCommissions } from '../affiliate'
import { applyDispute, applyRefund, settleOrder } from '../payment'
import {
  approveWithdrawal,
  cancelWithdrawal,
  createAdjustment,
  holdWithdrawal,
  markFailed,
  markPaid,
  markReturned,
  rejectWithdrawal,
  releaseWithdrawal,
  requestWithdrawal,
} from '.'

/** Runs of each property; a failure prints its seed and the shortest sequence that fails. */
const SEQUENCES = 20
const INTERLEAVINGS = 12

const database = useDatabase({ max: 12 })
const DAY = 86_400_000

const amount = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt({ min: 1n, max: 2_000n }) },
  { weight: 2, arbitrary: fc.bigInt({ min: 1n, max: 1_000_000n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 1n, max: 10n ** 13n }) },
)
/** Of two, none and three digits, and the two that a provider writes with two though they have none. */
const currency = fc.constantFrom('USD', 'USD', 'JPY', 'KWD', 'UGX', 'ISK')

const sale = fc
  .record({
    buyer: fc.nat(2),
    seller: fc.nat(1),
    currency,
    captured: fc.oneof({ weight: 9, arbitrary: amount }, { weight: 1, arbitrary: fc.constant(0n) }),
    taxPart: fc.constantFrom(0n, 0n, 5n, 19n, 100n),
    fee: fc.option(fc.bigInt({ min: 1n, max: 300n })),
    rate: fc.oneof(fc.constantFrom(0, 1_500, 2_000, 9_000, 10_000), fc.nat(10_000)),
    held: fc.boolean(),
  })
  .map(({ taxPart, ...rest }): Sale => ({ ...rest, tax: (rest.captured * taxPart) / 100n }))

const SALES = 3
const which = fc.nat(SALES - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('sale' as const), sale: which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      sale: which,
      ref: fc.nat(2),
      amount,
      status: fc.constantFrom('pending', 'succeeded', 'succeeded', 'failed', 'canceled'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reported' as const), sale: which, amount }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('dispute' as const),
      sale: which,
      ref: fc.nat(1),
      amount,
      state: fc.constantFrom('open', 'open', 'won', 'lost', 'no_money_moved'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('credit' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('withdraw' as const),
      who: fc.constantFrom<Person>('seller0', 'seller1', 'affiliate'),
      currency,
      amount: fc.bigInt({ min: 1n, max: 400n }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      which: fc.nat(3),
      decision: fc.constantFrom<Decision>(
        'cancel',
        'approve',
        'approve',
        'reject',
        'hold',
        'release',
        'pay',
        'fail',
        'return',
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('adjust' as const),
      who: fc.constantFrom<Person>('seller0', 'seller1', 'affiliate'),
      currency,
      amount: fc.oneof(fc.bigInt({ min: 1n, max: 5_000n }), fc.bigInt({ min: -5_000n, max: -1n })),
    }),
  },
)
const sales = fc.array(sale, { minLength: SALES, maxLength: SALES })

it('any sequence of sales, refunds, disputes, credits, withdrawals and adjustments ends where a model in memory ends', async () => {
  await fc.assert(
    fc.asyncProperty(sales, fc.array(step, { minLength: 4, maxLength: 16 }), async (facts, steps) => {
      const world = await makeWorld(facts)
      const books = emptyBooks(facts)
      for (const [i, one] of steps.entries()) {
        nextInstant(world, books)
        const known = [...books.withdrawals.keys()]
        const done = take(books, one, `${i}`, known)
        expect([one, await world.run(one, `${i}`, known)]).toEqual([one, done])
        expect(await world.view()).toEqual(viewOf(books))
      }
      expect(await brokenBooks(world.ctx)).toEqual([])
    }),
    { numRuns: SEQUENCES, interruptAfterTimeLimit: 60_000 },
  )
}, 120_000)

it('steps taken at once end as one of their orders would', async () => {
  const group = fc.array(step, { minLength: 2, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(sales, fc.array(group, { minLength: 2, maxLength: 4 }), async (facts, groups) => {
      const world = await makeWorld(facts)
      let books = emptyBooks(facts)
      for (const [g, steps] of groups.entries()) {
        nextInstant(world, books)
        const known = [...books.withdrawals.keys()]
        const done = await Promise.all(steps.map((one, i) => world.run(one, `${g}.${i}`, known)))
        // What was locked when it was to be credited waits for the next run.
        const late = steps.some((one) => one.do === 'credit')
        if (late) await world.run(CREDIT, '', [])
        const happened = { ...withoutLines(await world.view()), done }
        const ends = orderings(steps.length).map((order) => {
          const copy = structuredClone(books)
          const results: boolean[] = []
          for (const i of order) results[i] = take(copy, at(steps, i), `${g}.${i}`, known)
          if (late) take(copy, CREDIT, '', [])
          return { books: copy, end: { ...withoutLines(viewOf(copy)), done: results } }
        })
        const found = ends.find(({ end }) => isDeepStrictEqual(end, happened))
        // Shows how far the first of the orders is from what happened.
        if (found === undefined) expect([steps, happened]).toEqual([steps, ends[0]?.end])
        else books = found.books
      }
      expect(await brokenBooks(world.ctx)).toEqual([])
    }),
    { numRuns: INTERLEAVINGS, interruptAfterTimeLimit: 60_000 },
  )
}, 120_000)

const CREDIT: Step = { do: 'credit' }

/** Two at once may credit a balance in one line or in two; its sum is the same. */
const withoutLines = ({ lines: _, ...view }: View) => view

const at = (steps: readonly Step[], i: number): Step => {
  const found = steps[i]
  if (found === undefined) throw new Error(`no step ${i}`)
  return found
}

const orderings = (n: number): number[][] =>
  n === 0
    ? [[]]
    : orderings(n - 1).flatMap((rest) =>
        Array.from({ length: n }, (_, i) => [...rest.slice(0, i), n - 1, ...rest.slice(i)]),
      )

/** Whatever was made before is due now. */
const nextInstant = (world: World, books: Books): void => {
  world.ctx.clock.advance(8 * DAY)
  books.now += 1
}

type World = Awaited<ReturnType<typeof makeWorld>>

/** Two sellers, an affiliate, three buyers, an admin, and an order for each of the sales. */
const makeWorld = async (facts: readonly Sale[]) => {
  const ctx = testContext(database.db, { env: { AFFILIATE_MIN_WITHDRAWAL: '0' } })
  const withHold = testContext(database.db, { clock: ctx.clock, env: { COMMISSION_HOLD_DAYS: '7' } })
  const people: Record<Person, MadeUser> = {
    seller0: await makeSeller(ctx),
    seller1: await makeSeller(ctx),
    affiliate: await makeUser(ctx),
  }
  for (const user of Object.values(people)) await givenMethod(ctx.as(user.actor), PAYPAL)
  const buyers = [await makeUser(ctx), await makeUser(ctx), await makeUser(ctx)]
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  for (const [i, referrer] of REFERRERS.entries())
    if (referrer !== null)
      await makeReferral(ctx, { affiliateUserId: people[referrer].id, customerId: id(buyers[i]) })
  const sources = [
    await makeBareWorkspace(ctx, people.seller0.id),
    await makeBareWorkspace(ctx, people.seller1.id),
  ]
  const orderIds: string[] = []
  for (const sale of facts) orderIds.push(await makeOrder(ctx, sale, people, buyers, sources))
  const before = await sums(ctx)
  const withdrawals = new Map<string, string>()
  const world = { ctx, withHold, admin, people, facts, orderIds, withdrawals }
  return {
    ctx,
    /** Takes a step; false when it is refused or has to wait. Anything else that goes wrong is thrown. */
    run: (step: Step, key: string, known: readonly string[]) =>
      run(world, step, key, known).then(
        () => true,
        (error: unknown) => {
          if (error instanceof DomainError && error.status < 500) return false
          if (error instanceof Error && error.message.endsWith('is known yet')) return false
          throw error
        },
      ),
    view: () => viewNow(world, before),
  }
}

const id = (user: { id: string } | undefined): string => user?.id ?? ''

const makeOrder = async (
  ctx: TestContext,
  sale: Sale,
  people: Record<Person, MadeUser>,
  buyers: readonly MadeUser[],
  sources: readonly { id: bigint }[],
): Promise<string> => {
  const orderId = newId(ctx)
  const buyer = buyers[sale.buyer]
  await ctx.db.insert(orders).values({
    id: orderId,
    paymentType: 'WORKSPACE_PURCHASE',
    provider: 'stripe',
    mode: 'sandbox',
    buyerId: id(buyer),
    email: buyer?.email ?? '',
    firstName: 'Bo',
    lastName: 'Buyer',
    buyerKey: orderId,
    offerKey: orderId,
    sellerId: people[sale.seller === 0 ? 'seller0' : 'seller1'].id,
    workspaceId: sources[sale.seller]?.id ?? null,
    commissionPercentage: percentage(sale.rate),
    planType: 'FREE',
    offerMode: 'ONE_OFF',
    priceAmount: sale.captured,
    priceCurrency: sale.currency,
    checkoutRef: `cs_${orderId}`,
    createdAt: ctx.now(),
    expiresAt: ctx.now(),
  })
  return orderId
}

interface Real {
  readonly ctx: TestContext
  readonly withHold: TestContext
  readonly admin: TestContext
  readonly people: Record<Person, MadeUser>
  readonly facts: readonly Sale[]
  readonly orderIds: readonly string[]
  /** Step → id. */
  readonly withdrawals: Map<string, string>
}

const run = async (world: Real, step: Step, key: string, known: readonly string[]): Promise<unknown> => {
  const { ctx, admin, people } = world
  switch (step.do) {
    case 'sale':
      return sell(world, step.sale)
    case 'refund':
      return inTransaction(ctx, (tx) =>
        applyRefund(tx, { ...chargeOf(world, step.sale), refunded: null, refunds: [refundOf(world, step)] }),
      )
    case 'reported': {
      const refunded = { amount: step.amount, currency: currencyOf(world, step.sale) }
      return inTransaction(ctx, (tx) =>
        applyRefund(tx, { ...chargeOf(world, step.sale), refunded, refunds: [] }),
      )
    }
    case 'dispute': {
      const money = { amount: step.amount, currency: currencyOf(world, step.sale) }
      const dispute = { ref: `dp_${step.ref}_${world.orderIds[step.sale]}`, amount: money, state: step.state }
      return inTransaction(ctx, (tx) => applyDispute(tx, { ...chargeOf(world, step.sale), dispute }))
    }
    case 'credit':
      return processUnpaidCommissions(ctx)
    case 'withdraw': {
      const asked = { amount: Number(step.amount), currency: step.currency }
      const made = await requestWithdrawal(ctx.as(people[step.who].actor), asked)
      return world.withdrawals.set(key, made.id)
    }
    case 'decide':
      return decide(world, known[step.which % Math.max(1, known.length)] ?? '', step.decision)
    case 'adjust':
      return createAdjustment(admin, {
        userId: people[step.who].id,
        amount: Number(step.amount),
        currency: step.currency,
        reason: 'Because',
      })
  }
}

const currencyOf = ({ facts }: Real, sale: number): string => facts[sale]?.currency ?? ''
const chargeOf = ({ orderIds }: Real, sale: number) => ({
  provider: 'stripe',
  mode: 'sandbox' as const,
  paymentIntentId: `pi_${orderIds[sale]}`,
  chargeId: `ch_${orderIds[sale]}`,
})
const refundOf = (world: Real, step: Extract<Step, { do: 'refund' }>) => ({
  ref: `re_${step.ref}_${world.orderIds[step.sale]}`,
  requestId: null,
  amount: { amount: step.amount, currency: currencyOf(world, step.sale) },
  status: step.status,
})

const sell = async ({ ctx, withHold, facts, orderIds }: Real, no: number): Promise<void> => {
  const sale = facts[no]
  const [order] = await ctx.db.select().from(orders).where(sql`${orders.id} = ${orderIds[no]}`)
  if (sale === undefined || order === undefined) throw new Error(`no sale ${no}`)
  const verdict = await inTransaction(sale.held ? withHold : ctx, (tx) =>
    settleOrder(tx, paidFacts(order, { tax: sale.tax, fee: sale.fee })),
  )
  expect(verdict.status).toBe('PROCESSED')
}

const decide = ({ ctx, admin, people, withdrawals }: Real, key: string, decision: Decision) => {
  const withdrawal = withdrawals.get(key) ?? ''
  const words = { id: withdrawal, reason: 'Because' }
  switch (decision) {
    case 'cancel':
      return cancelByOwner(ctx, people, withdrawal)
    case 'approve':
      return approveWithdrawal(admin, { id: withdrawal })
    case 'pay':
      return markPaid(admin, { id: withdrawal, reference: 'R' })
    case 'reject':
      return rejectWithdrawal(admin, words)
    case 'hold':
      return holdWithdrawal(admin, words)
    case 'release':
      return releaseWithdrawal(admin, words)
    case 'fail':
      return markFailed(admin, words)
    case 'return':
      return markReturned(admin, words)
  }
}

const cancelByOwner = async (ctx: TestContext, people: Record<Person, MadeUser>, withdrawal: string) => {
  const [row] = await ctx.db.execute<{ user_id: string }>(
    sql`select user_id from withdrawals where id::text = ${withdrawal}`,
  )
  const owner = Object.values(people).find((user) => user.id === row?.user_id) ?? people.seller0
  return cancelWithdrawal(ctx.as(owner.actor), { id: withdrawal })
}

/** The sum of every account's entries; of the platform's, which all share, too. */
const sums = async (ctx: TestContext): Promise<Map<string, bigint>> => {
  const rows = await ctx.db.execute<{ kind: string; owner: string; currency: string; sum: string }>(sql`
    select a.kind, coalesce(a.user_id::text, a.name) as owner, a.currency, sum(e.amount)::text as sum
    from ledger_accounts a join ledger_entries e on e.account_id = a.id group by 1, 2, 3`)
  return new Map(rows.map((row) => [`${row.kind} ${row.owner} ${row.currency}`, BigInt(row.sum)]))
}

const viewNow = async (world: Real, before: ReadonlyMap<string, bigint>): Promise<View> => {
  const { ctx, orderIds, withdrawals } = world
  const names = new Map(Object.entries(world.people).map(([name, user]) => [user.id, name]))
  const own = sql.join(
    [...names.keys()].map((one) => sql`${one}`),
    sql`, `,
  )
  const list = sql.join(
    orderIds.map((one) => sql`${one}`),
    sql`, `,
  )
  const accounts: [string, bigint][] = []
  for (const [name, sum] of await sums(ctx)) {
    const [kind = '', owner = '', currency = ''] = name.split(' ')
    const person = names.get(owner)
    const isOther = person === undefined && owner !== '' && owner !== 'stripe'
    const change = sum - (before.get(name) ?? 0n)
    if (!isOther && change !== 0n)
      accounts.push([[kind, person ?? owner, currency].filter(Boolean).join(' '), change])
  }
  const lines = await ctx.db.execute<{ user_id: string; currency: string; lines: [string, string][] }>(sql`
    select a.user_id, a.currency, jsonb_agg(jsonb_build_array(e.line_type, e.amount::text) order by e.seq) as lines
    from ledger_accounts a join ledger_entries e on e.account_id = a.id
    where a.kind = 'available' and a.user_id::text in (${own}) group by 1, 2`)
  const payments = await ctx.db.execute<{
    order_id: string
    status: string
    refunded: string
    copy: string
  }>(sql`
    select p.order_id, p.status::text, p.refunded_amount::text as refunded, w.status::text as copy
    from payments p join workspace_clones c on c.payment_id = p.id join workspaces w on w.id = c.copy_workspace_id
    where p.order_id::text in (${list})`)
  const shares = await ctx.db.execute<
    Record<'order_id' | 'who' | 'kind' | 'status' | 'amount' | 'reversed' | 'held', string> & {
      credited: boolean
    }
  >(sql`
    select p.order_id, c.beneficiary_id as who, c.kind::text, c.status::text, c.amount::text, c.reversed_amount::text as reversed,
      c.held_amount::text as held, c.credited_at is not null as credited
    from commissions c join payments p on p.id = c.payment_id where p.order_id::text in (${list})`)
  const states = await ctx.db.execute<{ id: string; status: string }>(
    sql`select id, status::text from withdrawals where user_id::text in (${own})`,
  )
  const stateOf = new Map(states.map(({ id, status }) => [id, status]))
  expect(states.length).toBe(withdrawals.size)
  const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1)
  return {
    accounts: Object.fromEntries(accounts.sort(byKey)),
    lines: Object.fromEntries(
      lines.map((row) => [
        `${names.get(row.user_id)} ${row.currency}`,
        row.lines.map(([type, sum]): [string, bigint] => [type, BigInt(sum)]),
      ]),
    ),
    payments: Object.fromEntries(
      payments.map(({ order_id, status, refunded, copy }) => [
        String(orderIds.indexOf(order_id)),
        { status, refunded: BigInt(refunded), copy },
      ]),
    ) as View['payments'],
    shares: Object.fromEntries(
      shares.map(({ order_id, who, amount, reversed, held, ...rest }) => [
        `${orderIds.indexOf(order_id)} ${names.get(who)}`,
        { ...rest, amount: BigInt(amount), reversed: BigInt(reversed), held: BigInt(held) },
      ]),
    ) as View['shares'],
    withdrawals: Object.fromEntries(
      [...withdrawals].map(([key, id]) => [key, stateOf.get(id)]),
    ) as View['withdrawals'],
  }
}

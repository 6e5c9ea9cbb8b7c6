import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm'
import {
  affiliates,
  attributionMoves,
  attributions,
  commissions,
  orders,
  paymentDisputes,
  paymentRefunds,
  payments,
  users,
} from '../../../db/schema'
import { type Context, inSnapshot } from '../../kit/context'
import { DomainError } from '../../kit/errors'
import { basisPoints, moneyToJson } from '../../kit/money'
import { type ReplayedPayment, type ReplayTerms, replay } from '../affiliate'
import { standingOf } from '../payment'
import { highestShares, type Program, programAt, sumOf } from '../program'
import type { WhatIf, WhatIfInput } from './schemas'

/**
 * What affiliates and recruiters would have earned of the payments of the last months under other terms, against what
 * they did earn, per affiliate and in all, per currency; less what was taken back, without bonuses. Nothing is written.
 * What is left out of the terms is as the programme has it now; without a rate each customer's own counts.
 * @throws DomainError 422 SHARES_TOO_HIGH for terms that could not be set
 */
export const whatIf = (ctx: Context, input: WhatIfInput): Promise<WhatIf> =>
  inSnapshot(ctx, async (at) => {
    const now = at.now()
    const from = new Date(now)
    from.setUTCMonth(from.getUTCMonth() - input.months)
    const terms = termsOf(input, await programAt(at))
    await refuseTooHigh(at, terms)
    const past = await paymentsSoFar(at)
    const within = new Set(past.filter(({ paidAt }) => paidAt >= from).map(({ paymentId }) => paymentId))
    const would = replay(past, terms).filter(({ paymentId }) => within.has(paymentId))
    const paid = await paidSince(at, from)
    const sums = new Sums()
    for (const { userId, currency, net } of paid) sums.add(userId, currency, 'paid', net)
    for (const { userId, currency, net, creditedAt } of would) {
      sums.add(userId, currency, 'would', net)
      if (creditedAt > now) sums.add(userId, currency, 'waiting', net)
    }
    return {
      from: from.toISOString(),
      to: now.toISOString(),
      payments: within.size,
      totals: sums.totals(),
      affiliates: sums.rows(await namesOf(at, sums.users())),
    }
  })

const termsOf = (input: WhatIfInput, program: Program): ReplayTerms => ({
  rate: input.referralCommissionPercentage ?? null,
  holdDays: input.commissionHoldDays ?? null,
  referralTiers: input.referralTiers ?? program.referralTiers,
  overrideCommissionPercentage: input.overrideCommissionPercentage ?? program.overrideCommissionPercentage,
  overrideDepth: input.overrideDepth ?? program.overrideDepth,
})

/** As where they are set: what could come to more than a payment is no plan. */
const refuseTooHigh = async (ctx: Context, terms: ReplayTerms): Promise<void> => {
  const highest = await highestShares(ctx)
  const rates = [terms.rate, ...terms.referralTiers.map(({ percentage }) => percentage)]
  const shares = {
    sale: highest.sale,
    referral: Math.max(
      terms.rate === null ? highest.referral : 0,
      ...rates.map((rate) => (rate === null ? 0 : basisPoints(rate))),
    ),
    override: basisPoints(terms.overrideCommissionPercentage) * terms.overrideDepth,
  }
  if (sumOf(shares) <= 10_000) return
  const message = `All shares of one payment are at most 100 %, and these could come to ${sumOf(shares) / 100} %, with ${shares.sale / 100} % for a seller.`
  throw new DomainError(422, 'SHARES_TOO_HIGH', message, {
    issues: [{ path: ['referralCommissionPercentage'], message }],
  })
}

/** Every payment of a referred customer since they were, oldest first: how far somebody came depends on all before. */
const paymentsSoFar = async (ctx: Context): Promise<ReplayedPayment[]> => {
  const rows = await ctx.db
    .select({
      payment: {
        id: payments.id,
        paidAt: payments.paidAt,
        currency: payments.currency,
        base: payments.baseAmount,
        capturedAmount: payments.capturedAmount,
        taxAmount: payments.taxAmount,
        refundedAmount: payments.refundedAmount,
        reportedRefundAmount: payments.reportedRefundAmount,
        withheld: payments.withheld,
        sellerId: payments.sellerId,
      },
      buyer: { userId: users.id, organizationId: users.organizationId, email: users.email },
      attribution: attributions,
      saleRate: orders.commissionPercentage,
    })
    .from(payments)
    .innerJoin(attributions, eq(attributions.customerId, payments.buyerId))
    .innerJoin(users, eq(users.id, payments.buyerId))
    .innerJoin(orders, eq(orders.id, payments.orderId))
    .where(and(gt(payments.capturedAmount, 0n), sql`${payments.paidAt} >= ${attributions.createdAt}`))
    .orderBy(asc(payments.paidAt), asc(payments.id))
  const people = await peopleOf(ctx)
  const [refunds, disputes, judged, moves] = [
    await refundsByPayment(ctx),
    await disputesByPayment(ctx),
    await judgedByPayment(ctx),
    await movesByCustomer(ctx),
  ]
  return rows.flatMap(({ payment, buyer, attribution, saleRate }) => {
    const affiliateId =
      moves.get(buyer.userId)?.find(({ movedAt }) => movedAt > payment.paidAt)?.fromAffiliateId ??
      attribution.affiliateId
    const affiliate = people.affiliates.get(affiliateId)
    if (affiliate === undefined) return []
    const notThen = (userId: string, reason: string) =>
      payment.withheld.some((one) => one.userId === userId && one.reason === reason)
    const earner = (userId: string) => {
      const person = people.users.get(userId)
      if (person === undefined) throw new Error(`user ${userId} is gone`)
      return { userId, ...person, closed: notThen(userId, 'ACCOUNT_CLOSED') }
    }
    const standing = standingOf(payment, refunds.get(payment.id) ?? [], disputes.get(payment.id) ?? [])
    const verdicts = judged.get(payment.id) ?? []
    const chain = people.above(affiliate.recruiterId)
    return [
      {
        paymentId: payment.id,
        paidAt: payment.paidAt,
        currency: payment.currency,
        base: payment.base,
        lost: standing.lostBase,
        counts: payment.capturedAmount > payment.refundedAmount && !isDisputed(disputes.get(payment.id)),
        buyer,
        sale:
          payment.sellerId === null || saleRate === null
            ? null
            : {
                ...earner(payment.sellerId),
                kind: 'SALE' as const,
                rate: saleRate,
                rateSource: 'order',
                approved: true,
              },
        referrer: {
          ...earner(affiliate.userId),
          approved: !notThen(affiliate.userId, 'NOT_APPROVED'),
          rate: attribution.ratePercentage,
          holdDays: attribution.holdDays,
          earnsUntil: attribution.earnsUntil,
        },
        recruiters: chain.map(({ userId, approved }) => ({ ...earner(userId), approved })),
        refused: new Set(verdicts.filter(({ verdict }) => verdict === 'REFUSED').map(({ userId }) => userId)),
        suspected: new Set(
          verdicts.filter(({ verdict }) => verdict !== 'RELEASED').map(({ userId }) => userId),
        ),
      },
    ]
  })
}

const isDisputed = (disputes: readonly { status: string }[] = []): boolean =>
  disputes.some(({ status }) => status === 'OPEN' || status === 'LOST')

const MOST_LEVELS = 5

const peopleOf = async (ctx: Context) => {
  const rows = await ctx.db
    .select({
      id: users.id,
      organizationId: users.organizationId,
      email: users.email,
      affiliate: {
        id: affiliates.id,
        userId: affiliates.userId,
        recruiterId: affiliates.recruiterId,
        status: affiliates.status,
      },
    })
    .from(users)
    .leftJoin(affiliates, eq(affiliates.userId, users.id))
    .where(
      sql`${affiliates.id} is not null or exists (select from ${payments} p where p.seller_id = ${users.id})`,
    )
  const known = new Map(rows.map(({ id, organizationId, email }) => [id, { organizationId, email }]))
  const all = new Map(
    rows.flatMap(({ affiliate }) => (affiliate === null ? [] : [[affiliate.id, affiliate]])),
  )
  const above = (recruiterId: string | null) => {
    const chain: { userId: string; approved: boolean }[] = []
    for (let next = recruiterId; next !== null && chain.length < MOST_LEVELS; ) {
      const one = all.get(next)
      if (one === undefined) break
      chain.push({ userId: one.userId, approved: one.status === 'APPROVED' })
      next = one.recruiterId
    }
    return chain
  }
  return { users: known, affiliates: all, above }
}

const grouped = <T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group === undefined) groups.set(key(row), [row])
    else group.push(row)
  }
  return groups
}

const refundsByPayment = async (ctx: Context) =>
  grouped(await ctx.db.select().from(paymentRefunds), ({ paymentId }) => paymentId)
const disputesByPayment = async (ctx: Context) =>
  grouped(await ctx.db.select().from(paymentDisputes), ({ paymentId }) => paymentId)
const movesByCustomer = async (ctx: Context) =>
  grouped(
    await ctx.db.select().from(attributionMoves).orderBy(asc(attributionMoves.movedAt)),
    ({ customerId }) => customerId,
  )
const judgedByPayment = async (ctx: Context) =>
  grouped(
    await ctx.db
      .select({
        paymentId: commissions.paymentId,
        userId: commissions.beneficiaryId,
        verdict: commissions.verdict,
      })
      .from(commissions)
      .where(sql`${commissions.suspicion} is not null`),
    ({ paymentId }) => paymentId ?? '',
  )

/** What the same payments did earn, less what was taken back. */
const paidSince = async (ctx: Context, from: Date) => {
  const rows = await ctx.db
    .select({
      userId: commissions.beneficiaryId,
      currency: commissions.currency,
      net: sql<string>`sum(${commissions.amount} - ${commissions.reversedAmount})::text`,
    })
    .from(commissions)
    .innerJoin(payments, eq(payments.id, commissions.paymentId))
    .where(
      and(
        inArray(commissions.kind, ['REFERRAL', 'OVERRIDE']),
        sql`${payments.paidAt} >= ${from.toISOString()}`,
      ),
    )
    .groupBy(commissions.beneficiaryId, commissions.currency)
  return rows.map(({ net, ...row }) => ({ ...row, net: BigInt(net) }))
}

const namesOf = async (ctx: Context, userIds: readonly string[]) => {
  if (userIds.length === 0) return new Map<string, { code: string; name: string }>()
  const rows = await ctx.db
    .select({ id: users.id, code: affiliates.code, firstName: users.firstName, lastName: users.lastName })
    .from(users)
    .innerJoin(affiliates, eq(affiliates.userId, users.id))
    .where(inArray(users.id, [...userIds]))
  return new Map(
    rows.map(({ id, code, firstName, lastName }) => [id, { code, name: `${firstName} ${lastName}`.trim() }]),
  )
}

type Column = 'paid' | 'would' | 'waiting'

/** Sums by person and currency: amounts of different currencies are never added. */
class Sums {
  private readonly cells = new Map<string, { userId: string; currency: string } & Record<Column, bigint>>()

  add(userId: string, currency: string, column: Column, amount: bigint): void {
    const key = `${userId} ${currency}`
    const cell = this.cells.get(key) ?? { userId, currency, paid: 0n, would: 0n, waiting: 0n }
    cell[column] += amount
    this.cells.set(key, cell)
  }

  users = (): string[] => [...new Set([...this.cells.values()].map(({ userId }) => userId))]

  /** Those for whom it makes the greatest difference first. */
  rows(names: ReadonlyMap<string, { code: string; name: string }>): WhatIf['affiliates'] {
    const size = ({ paid, would }: { paid: bigint; would: bigint }) =>
      would > paid ? would - paid : paid - would
    return [...this.cells.values()]
      .sort((a, b) =>
        a.currency !== b.currency
          ? a.currency < b.currency
            ? -1
            : 1
          : size(a) !== size(b)
            ? size(a) > size(b)
              ? -1
              : 1
            : a.userId < b.userId
              ? -1
              : 1,
      )
      .map((cell) => ({ userId: cell.userId, ...(names.get(cell.userId) ?? NOBODY), ...inJson(cell) }))
  }

  totals(): WhatIf['totals'] {
    const totals = new Map<string, Record<Column, bigint>>()
    for (const { currency, paid, would, waiting } of this.cells.values()) {
      const total = totals.get(currency) ?? { paid: 0n, would: 0n, waiting: 0n }
      totals.set(currency, {
        paid: total.paid + paid,
        would: total.would + would,
        waiting: total.waiting + waiting,
      })
    }
    return [...totals]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, total]) => inJson({ currency, ...total }))
  }
}

const NOBODY = { code: '', name: '' }

const inJson = ({
  currency,
  paid,
  would,
  waiting,
}: { currency: string } & Readonly<Record<Column, bigint>>) => ({
  paid: moneyToJson({ amount: paid, currency }),
  would: moneyToJson({ amount: would, currency }),
  difference: moneyToJson({ amount: would - paid, currency }),
  waiting: moneyToJson({ amount: waiting, currency }),
})

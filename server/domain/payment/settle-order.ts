import { and, eq } from 'drizzle-orm'
import { orders, payments, users, workspaces } from '../../../db/schema'
import { announce } from '../../kit/announce'
import type { Context } from '../../kit/context'
import { type Money, moneyToJson, safeNumber } from '../../kit/money'
import type { ProviderMode } from '../../kit/ports'
import { enqueueMail } from '../../kit/queue'
import { attributeByCoupon, attributeCustomer, claimSignUpElsewhere, countLinkUse } from '../affiliate'
import { recordActivity } from '../audit'
import { findOrCreateBuyer } from '../identity'
import { countListingSale } from '../marketplace'
import { cloneWorkspace } from '../workspace'
import { settleCopies } from './bought-again'
import { completePayment, recordFeeOnTop } from './complete-payment'
import { fulfilAddon } from './fulfil-addon'
import { closeOrder, fulfilPlan } from './fulfil-plan'
import { payBack } from './pay-back'
import type { Payer } from './payer'
import { recordEarnings, recordPayment } from './record-payment'
import { recordSubscription } from './record-subscription'
import { dueOf } from './rules'
import type { Verdict } from './verdict'

type Order = typeof orders.$inferSelect
type Payment = typeof payments.$inferSelect

/** What a provider says was paid for an order, from whichever of its events said it first. */
export interface PaidFacts {
  readonly orderId: string
  readonly provider: string
  readonly mode: ProviderMode
  readonly checkoutRef: string | null
  /** Cash captured, tax included. */
  readonly captured: Money
  /** What the buyer paid besides for the payment itself: it is no part of the price and earns nobody anything. */
  readonly onTop?: bigint
  readonly tax: bigint
  readonly paymentIntentId: string | null
  readonly chargeId: string | null
  readonly invoiceId: string | null
  readonly subscriptionId: string | null
  readonly customerRef: string | null
  /** Null while unknown: it does not stop fulfilment. */
  readonly fee: bigint | null
  readonly payer?: Payer
  readonly paidElsewhere?: boolean
}

/**
 * Fulfils a paid order, once, whichever event tells of the payment and however often. To be called in a transaction:
 * payment, ledger, buyer's account, copy, clone record, commissions, mails and audit are all there after its commit,
 * or nothing is.
 */
export const settleOrder = async (ctx: Context, facts: PaidFacts): Promise<Verdict> => {
  const [order] = await ctx.db.select().from(orders).where(eq(orders.id, facts.orderId)).for('no key update')
  if (order === undefined || order.provider !== facts.provider || order.mode !== facts.mode)
    return { status: 'QUARANTINED', outcome: `no order ${facts.orderId} of this provider and mode` }
  if (order.checkoutRef !== null && facts.checkoutRef !== null && order.checkoutRef !== facts.checkoutRef)
    return { status: 'QUARANTINED', outcome: `order ${order.id} belongs to another checkout` }
  const mismatch = priceMismatch(order, facts)
  if (mismatch !== null) return { status: 'QUARANTINED', outcome: mismatch }
  const payment = await paymentOf(ctx, order)
  if (payment === undefined) return fulfil(ctx, order, facts)
  const other = otherPayment(payment, facts)
  if (other !== null)
    return { status: 'QUARANTINED', outcome: `order ${order.id} was paid already: ${other}` }
  await completePayment(ctx, payment, facts)
  return { status: 'PROCESSED', outcome: `order ${order.id} was settled already` }
}

/** The payment that settled an order: fulfilled it, or is being given back. */
const paymentOf = async (ctx: Context, order: Order): Promise<Payment | undefined> => {
  const [payment] = await ctx.db
    .select()
    .from(payments)
    .where(and(eq(payments.orderId, order.id), eq(payments.type, order.paymentType)))
    .for('no key update')
  return payment
}

/** Money that was captured a second time is never taken for the first. */
const otherPayment = (payment: Payment, facts: PaidFacts): string | null => {
  for (const name of ['paymentIntentId', 'invoiceId', 'subscriptionId'] as const)
    if (payment[name] !== null && facts[name] !== null && payment[name] !== facts[name])
      return `${facts[name]} is not ${payment[name]}`
  if (payment.capturedAmount !== facts.captured.amount)
    return `${facts.captured.amount} ${facts.captured.currency} is not ${payment.capturedAmount}`
  return null
}

const priceMismatch = (order: Order, facts: PaidFacts): string | null => {
  if (facts.captured.currency !== order.priceCurrency)
    return `paid in ${facts.captured.currency}, quoted in ${order.priceCurrency}`
  // A coupon, a credit or a trial lowers what is paid; nothing but tax raises it, and the provider's own rounding of a
  // discount by one minor unit.
  const base = facts.captured.amount - facts.tax
  const quoted = dueOf(order) + (order.discountAmount > 0n ? 1n : 0n)
  if (facts.tax < 0n || base < 0n || base > quoted)
    return `paid ${facts.captured.amount} ${facts.captured.currency} with a tax of ${facts.tax}, quoted ${dueOf(order)}`
  return null
}

const fulfil = async (ctx: Context, order: Order, facts: PaidFacts): Promise<Verdict> => {
  const buyer = await buyerAccount(ctx, order)
  const payment = await firstPayment(ctx, order, facts, buyer)
  if (buyer.closed)
    return payBack(ctx, order, payment, buyer, {
      what: 'your purchase',
      reason: 'The buyer’s account was closed.',
    })
  if (order.paymentType === 'PLAN_PURCHASE') return fulfilPlan(ctx, order, payment, buyer, facts.customerRef)
  if (order.paymentType === 'ADDON_PURCHASE')
    return fulfilAddon(ctx, order, payment, buyer, facts.customerRef)
  const source = order.workspaceId === null ? undefined : await sourceOf(ctx, order.workspaceId)
  if (source === undefined)
    return payBack(ctx, order, payment, buyer, {
      what: 'the workspace',
      reason: 'The workspace no longer exists.',
    })
  if (facts.subscriptionId !== null)
    await recordSubscription(
      ctx,
      order,
      { externalId: facts.subscriptionId, customerRef: facts.customerRef },
      buyer,
    )

  const clone = await cloneWorkspace(ctx, {
    sourceId: source.id,
    buyerId: buyer.userId,
    sellerId: order.sellerId ?? source.ownerId,
    paymentId: payment.id,
    listingId: order.listingId ?? undefined,
  })
  const earned = await recordEarnings(ctx, order, payment, buyer)
  await settleCopies(ctx, {
    payment,
    organizationId: buyer.organizationId,
    reason: 'The workspace was bought again',
  })
  if (order.affiliateLinkId !== null) await countLinkUse(ctx, order.affiliateLinkId)
  if (order.listingId !== null) await countListingSale(ctx, order.listingId)
  await closeOrder(ctx, order, payment, buyer)
  await tellBuyer(ctx, order, payment, buyer, clone)
  await tellSeller(ctx, order, payment, source.name, earned.commissions)
  await recordActivity(ctx, {
    action: 'workspace_purchased',
    description: `Bought a copy of “${source.name}” as “${clone.clonedWorkspaceName}”`,
    organizationId: buyer.organizationId,
    userId: buyer.userId,
    subject: { type: 'payment', id: payment.id },
    after: { workspace: clone.clonedWorkspaceSlug, ...moneyToJson(paid(payment)) },
  })
  return { status: 'PROCESSED', outcome: `order ${order.id} fulfilled as ${clone.clonedWorkspaceSlug}` }
}

interface BuyerAccount {
  readonly userId: string
  readonly organizationId: string
  readonly firstName: string
  readonly email: string
  readonly created: boolean
  readonly closed: boolean
  /** A link to set a password with, where the account has none that is proven. */
  readonly openTokenId: string | null
}

const buyerAccount = async (ctx: Context, order: Order): Promise<BuyerAccount> => {
  if (order.buyerId === null) {
    const guest = await findOrCreateBuyer(ctx, {
      email: order.email,
      firstName: order.firstName,
      lastName: order.lastName,
      plan: order.planType,
      orderId: order.id,
    })
    // An address typed at a checkout proves nothing: whose account it is already is not attributed.
    if (guest.created) await attributeGuest(ctx, order, guest.userId)
    return guest
  }
  // Whoever is just closing their account is waited for.
  const [user] = await ctx.db.select().from(users).where(eq(users.id, order.buyerId)).for('key share')
  if (user === undefined) throw new Error(`the buyer of order ${order.id} is gone`)
  if (order.couponId !== null && user.closedAt === null)
    await attributeByCoupon(ctx, { customerId: user.id, couponId: order.couponId })
  return {
    userId: user.id,
    organizationId: user.organizationId,
    firstName: user.firstName,
    email: user.email,
    created: false,
    closed: user.closedAt !== null,
    openTokenId: null,
  }
}

/** Who had signed up at a site outside is whose they were then; else a code that was entered comes before a click. */
const attributeGuest = async (ctx: Context, order: Order, customerId: string): Promise<void> => {
  const { couponId, referralCode: code, referralClickedAt: clickedAt, referralOrigin: origin } = order
  if (await claimSignUpElsewhere(ctx, { customerId, email: order.email })) return
  if (couponId !== null && (await attributeByCoupon(ctx, { customerId, couponId })) === 'ATTRIBUTED') return
  if (code !== null && clickedAt !== null)
    await attributeCustomer(ctx, { customerId, referral: { code, clickedAt, origin }, at: order.createdAt })
}

const paid = (payment: Payment): Money => ({ amount: payment.capturedAmount, currency: payment.currency })

const firstPayment = async (
  ctx: Context,
  order: Order,
  facts: PaidFacts,
  buyer: BuyerAccount,
): Promise<Payment> => {
  const payment = await recordPayment(ctx, order, {
    ...facts,
    type: order.paymentType,
    externalId: facts.invoiceId ?? facts.paymentIntentId ?? facts.checkoutRef ?? order.id,
    buyerId: buyer.userId,
  })
  if (payment === null) throw new Error(`the payment of order ${order.id} is booked under another`)
  await recordFeeOnTop(ctx, payment, facts.onTop ?? 0n)
  return payment
}

/** Deleted is deleted for everyone but a buyer who has paid: the content is still there. */
const sourceOf = async (ctx: Context, workspaceId: bigint) =>
  ctx.db.query.workspaces.findFirst({ where: eq(workspaces.id, workspaceId) })

type Clone = Awaited<ReturnType<typeof cloneWorkspace>>

const tellBuyer = async (
  ctx: Context,
  order: Order,
  payment: Payment,
  buyer: BuyerAccount,
  clone: Clone,
): Promise<void> => {
  const seller =
    order.sellerId === null
      ? undefined
      : await ctx.db.query.users.findFirst({ where: eq(users.id, order.sellerId) })
  await announce(ctx, [
    {
      userId: buyer.userId,
      kind: 'workspace.cloned',
      key: `clone:${payment.id}`,
      data: {
        workspaceId: clone.clonedWorkspaceId,
        name: clone.clonedWorkspaceName,
        slug: clone.clonedWorkspaceSlug,
        paymentId: payment.id,
      },
    },
  ])
  await enqueueMail(ctx, {
    key: `sale:${payment.id}:buyer`,
    to: buyer.email,
    template: 'purchase-ready',
    data: {
      firstName: buyer.firstName,
      tokenId: buyer.openTokenId,
      existingAccount: !buyer.created,
      workspaceName: clone.clonedWorkspaceName,
      workspacePublicId: clone.clonedWorkspaceId,
      sellerName: seller === undefined ? 'the seller' : `${seller.firstName} ${seller.lastName}`,
      ...moneyToJson(paid(payment)),
      orderId: order.id,
      paidAt: payment.paidAt.toISOString(),
      funnels: clone.funnelsCloned,
      pages: clone.pagesCloned,
      needsInput: [...clone.needsInput],
    },
  })
}

const tellSeller = async (
  ctx: Context,
  order: Order,
  payment: Payment,
  workspaceName: string,
  earned: readonly { kind: string; amount: bigint; status: string }[],
): Promise<void> => {
  if (order.sellerId === null) return
  const seller = await ctx.db.query.users.findFirst({ where: eq(users.id, order.sellerId) })
  if (seller === undefined) return
  const sale = earned.find((commission) => commission.kind === 'SALE')
  await recordActivity(ctx, {
    action: 'workspace_sold',
    description: `Sold a copy of “${workspaceName}”`,
    organizationId: seller.organizationId,
    userId: null,
    subject: { type: 'payment', id: payment.id },
  })
  await announce(ctx, [
    {
      userId: seller.id,
      kind: 'sale.created',
      key: `sale:${payment.id}`,
      data: {
        paymentId: payment.id,
        what: workspaceName,
        renewal: false,
        price: moneyToJson(paid(payment)),
        commission: moneyToJson({ amount: sale?.amount ?? 0n, currency: payment.currency }),
      },
    },
  ])
  await enqueueMail(ctx, {
    key: `sale:${payment.id}:seller`,
    to: seller.email,
    template: 'workspace-sold',
    data: {
      firstName: seller.firstName,
      workspaceName,
      buyerName: `${order.firstName} ${order.lastName}`,
      ...moneyToJson(paid(payment)),
      commission: sale === undefined ? 0 : safeNumber(sale.amount),
      commissionStatus: sale === undefined ? 'NONE' : sale.status === 'CREDITED' ? 'CREDITED' : 'PENDING',
      paidAt: payment.paidAt.toISOString(),
    },
  })
}

import { createHmac, randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { generateAffiliateLink } from '../../../server/domain/affiliate'
import type { GenerateAffiliateLinkInput } from '../../../server/domain/affiliate/schemas'
import { type PaidFacts, settleOrder } from '../../../server/domain/payment'
import { type Context, inTransaction, newId } from '../../../server/kit/context'
import type { Addon } from '../../../server/kit/plans'
import type { Db, Tx } from '../../client'
import { affiliateLinks, orders, subscriptions } from '../../schema'
import type { TestContext } from '../context'
import { problemsOf } from '../database'
import type { MadeUser } from './identity'
import { makeSellerWithWorkspace } from './workspace'

export type Order = typeof orders.$inferSelect

export interface MadeOffer {
  readonly seller: MadeUser
  readonly link: typeof affiliateLinks.$inferSelect
  readonly token: string
  readonly workspaceId: string
}

const ONE_OFF = { mode: 'ONE_OFF' as const, price: { amount: 10_000, currency: 'USD' } }
export const MONTHLY = {
  mode: 'SUBSCRIPTION' as const,
  price: { amount: 5_000, currency: 'USD' },
  frequency: 'MONTHLY' as const,
  frequencyInterval: 1,
  freeTrialPeriodInDays: 0,
}

/** A seller with a workspace of six pages and a link that sells it: a one-off of 100.00 USD unless said otherwise. */
export const makeOffer = async (
  ctx: TestContext,
  more: Partial<GenerateAffiliateLinkInput> = {},
): Promise<MadeOffer> => {
  const { seller, workspace, as } = await makeSellerWithWorkspace(ctx, { funnels: 2, pagesPerFunnel: 3 })
  const made = await generateAffiliateLink(as, {
    name: 'Launch',
    workspaceId: workspace.id,
    offer: ONE_OFF,
    ...more,
  })
  const [link] = await ctx.db.select().from(affiliateLinks).where(eq(affiliateLinks.id, made.id))
  if (link === undefined) throw new Error('no link came back')
  return { seller, link, token: made.token, workspaceId: workspace.id }
}

/** What a link and a listing have alike. */
type Sold = Pick<
  MadeOffer['link'],
  | 'id'
  | 'workspaceId'
  | 'sellerId'
  | 'commissionPercentage'
  | 'planType'
  | 'offerMode'
  | 'priceAmount'
  | 'priceCurrency'
  | 'frequency'
  | 'frequencyInterval'
  | 'freeTrialPeriodInDays'
>

/** An order as it stands when its checkout was made. */
export const makeOrder = async (
  ctx: Context,
  { link }: { readonly link: Sold },
  more: Partial<typeof orders.$inferInsert> = {},
): Promise<Order> => {
  const id = newId(ctx)
  const [order] = await ctx.db
    .insert(orders)
    .values({
      id,
      paymentType: 'WORKSPACE_PURCHASE',
      provider: 'stripe',
      mode: 'sandbox',
      email: `buyer-${id}@example.test`,
      firstName: 'Bo',
      lastName: 'Buyer',
      buyerKey: `test:${id}`,
      offerKey: `link:${link.id}`,
      affiliateLinkId: link.id,
      workspaceId: link.workspaceId,
      sellerId: link.sellerId,
      commissionPercentage: link.commissionPercentage,
      planType: link.planType,
      offerMode: link.offerMode,
      priceAmount: link.priceAmount,
      priceCurrency: link.priceCurrency,
      frequency: link.frequency,
      frequencyInterval: link.frequencyInterval,
      freeTrialPeriodInDays: link.freeTrialPeriodInDays,
      checkoutRef: `cs_${id}`,
      checkoutUrl: `https://pay.example/${id}`,
      createdAt: ctx.now(),
      expiresAt: new Date(ctx.now().getTime() + 23 * 3_600_000),
      ...more,
    })
    .returning()
  if (order === undefined) throw new Error('no order came back')
  return order
}

/** An order of add-ons as it stands when its checkout was made. */
export const makeAddonOrder = async (
  ctx: Context,
  buyer: MadeUser,
  { addon, quantity }: { addon: Addon; quantity: number },
  more: Partial<typeof orders.$inferInsert> = {},
): Promise<Order> => {
  const id = newId(ctx)
  const [order] = await ctx.db
    .insert(orders)
    .values({
      id,
      paymentType: 'ADDON_PURCHASE',
      provider: 'stripe',
      mode: 'sandbox',
      buyerId: buyer.id,
      email: buyer.email,
      firstName: buyer.firstName,
      lastName: buyer.lastName,
      buyerKey: `user:${buyer.id}`,
      offerKey: `addon:${id}`,
      planType: 'FREE',
      addon,
      quantity,
      offerMode: 'SUBSCRIPTION',
      priceAmount: 900n * BigInt(quantity),
      priceCurrency: 'USD',
      frequency: 'MONTHLY',
      frequencyInterval: 1,
      checkoutRef: `cs_${id}`,
      checkoutUrl: `https://pay.example/${id}`,
      createdAt: ctx.now(),
      expiresAt: new Date(ctx.now().getTime() + 23 * 3_600_000),
      ...more,
    })
    .returning()
  if (order === undefined) throw new Error('no order came back')
  return order
}

/** Add-ons that somebody pays for, by their first payment. */
export const makePaidAddon = async (
  ctx: Context,
  buyer: MadeUser,
  terms: { addon: Addon; quantity: number },
): Promise<{ order: Order; subscriptionId: string }> => {
  const order = await makeAddonOrder(ctx, buyer, terms)
  await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order, { subscriptionId: `sub_${order.id}` })))
  const row = await ctx.db.query.subscriptions.findFirst({ where: eq(subscriptions.orderId, order.id) })
  if (row === undefined) throw new Error('no subscription came of it')
  return { order, subscriptionId: row.id }
}

/** What a provider would say of this order's payment: the whole price, no tax, fee unknown. */
export const paidFacts = (order: Order, more: Partial<PaidFacts> = {}): PaidFacts => ({
  orderId: order.id,
  provider: order.provider,
  mode: order.mode,
  checkoutRef: order.checkoutRef,
  captured: { amount: order.priceAmount, currency: order.priceCurrency },
  tax: 0n,
  paymentIntentId: `pi_${order.id}`,
  chargeId: `ch_${order.id}`,
  invoiceId: null,
  subscriptionId: null,
  customerRef: null,
  fee: null,
  ...more,
})

export const WEBHOOK_SECRET = 'whsec_sandbox'

/** An event's body as Stripe would send it. */
export const stripeEvent = (
  at: Date,
  type: string,
  object: Record<string, unknown>,
  id = `evt_${randomUUID()}`,
): string =>
  JSON.stringify({
    id,
    object: 'event',
    api_version: '2025-08-27.basil',
    created: Math.floor(at.getTime() / 1_000),
    livemode: false,
    type,
    data: { object },
  })

/** A paid session of this order. */
export const paidSession = (order: Order, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: order.checkoutRef,
  object: 'checkout.session',
  status: 'complete',
  payment_status: 'paid',
  amount_total: Number(order.priceAmount),
  currency: order.priceCurrency.toLowerCase(),
  total_details: { amount_tax: 0 },
  metadata: { orderId: order.id },
  payment_intent: `pi_${order.id}`,
  ...more,
})

/** Headers with a signature over these very bytes. */
export const signedHeaders = (body: string, at: Date, secret = WEBHOOK_SECRET): Headers => {
  const t = Math.floor(at.getTime() / 1_000)
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')
  return new Headers({
    'content-type': 'application/json; charset=utf-8',
    'stripe-signature': `t=${t},v1=${v1}`,
  })
}

/** The entries posted under a reference, as `transfer kind: account amount`. */
export const postedFor = async (db: Db | Tx, referenceId: string): Promise<string[]> => {
  const rows = await db.execute<{ line: string }>(sql`
    select t.kind || ': ' || concat_ws(' ', a.kind, nullif(a.name, ''), e.amount) as line
    from ledger_transfers t join ledger_entries e on e.transfer_id = t.id join ledger_accounts a on a.id = e.account_id
    where t.reference_id = ${referenceId} order by t.id, e.amount, a.kind`)
  return rows.map(({ line }) => line)
}

/** What in the books does not fit together; empty when all is well. */
export const brokenBooks = (ctx: Context): Promise<string[]> => problemsOf(ctx)

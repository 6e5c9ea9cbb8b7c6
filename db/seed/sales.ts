import { eq } from 'drizzle-orm'
import { settleOrder } from '../../server/domain/payment'
import { type Context, newId } from '../../server/kit/context'
import { orders, sandboxObjects, users } from '../schema'
import { BUYERS, type BuyerEmail } from './people'
import type { DemoLink } from './sellers'
import { at } from './world'

/** Days ago, who, and which link by its name; the oldest first, as the books take no earlier entry after a later one. */
const SALES: readonly (readonly [daysAgo: number, buyer: BuyerEmail, link: string])[] = [
  [88, 'hugo@offshoot.example', 'Coach kit, once'],
  [81, 'ben@offshoot.example', 'Coach kit with plan'],
  [74, 'selma@offshoot.example', 'Webinar kit, once'],
  [67, 'oliver@offshoot.example', 'Restaurant kit, once'],
  [59, 'priya@offshoot.example', 'Coach kit, once'],
  [52, 'chiara@offshoot.example', 'Restaurant kit with plan'],
  [44, 'ben@offshoot.example', 'Webinar kit, once'],
  [33, 'hugo@offshoot.example', 'Restaurant kit, once'],
  [25, 'priya@offshoot.example', 'Webinar kit with plan'],
  [16, 'oliver@offshoot.example', 'Coach kit, once'],
  [9, 'selma@offshoot.example', 'Coach kit, once'],
  [3, 'chiara@offshoot.example', 'Webinar kit, once'],
]

/** What was sold so far: each an order as the checkout writes it, settled as a provider's webhook settles it. */
export const seedSales = async (ctx: Context, links: readonly DemoLink[]): Promise<void> => {
  for (const [i, [daysAgo, email, name]] of SALES.entries()) {
    const link = links.find((made) => made.name === name)
    if (link === undefined) throw new Error(`there is no link ${name}`)
    await sell(at(ctx, daysAgo, { kind: 'webhook', provider: PROVIDER }), link, email, i + 1)
  }
}

const PROVIDER = 'stripe'
const MODE = 'sandbox'

const sell = async (ctx: Context, link: DemoLink, email: BuyerEmail, no: number): Promise<void> => {
  const order = await writeOrder(ctx, link, email, no)
  const monthly = order.offerMode === 'SUBSCRIPTION'
  const { status, outcome } = await settleOrder(ctx, {
    orderId: order.id,
    provider: PROVIDER,
    mode: MODE,
    checkoutRef: order.checkoutRef,
    captured: { amount: order.priceAmount, currency: order.priceCurrency },
    tax: 0n,
    paymentIntentId: `pi_demo_${no}`,
    chargeId: `ch_demo_${no}`,
    invoiceId: monthly ? `in_demo_${no}` : null,
    subscriptionId: monthly ? `sub_demo_${no}` : null,
    customerRef: `cus_demo_${email.split('@')[0]}`,
    fee: order.priceAmount / 100n + 30n,
  })
  if (status !== 'PROCESSED') throw new Error(`sale ${no} of the demo: ${outcome}`)
  await chargeAtSandbox(ctx, order, no)
}

/** The other side of a sale: the sandbox is asked for it when the books are compared. */
const chargeAtSandbox = async (
  ctx: Context,
  order: typeof orders.$inferSelect,
  no: number,
): Promise<void> => {
  const now = ctx.now()
  const amount = Number(order.priceAmount)
  const id = `ch_demo_${no}`
  await ctx.db.insert(sandboxObjects).values({
    id,
    provider: PROVIDER,
    type: 'charge',
    body: {
      id,
      object: 'charge',
      amount,
      amount_captured: amount,
      amount_refunded: 0,
      captured: true,
      created: Math.floor(now.getTime() / 1000),
      currency: order.priceCurrency.toLowerCase(),
      customer: null,
      livemode: false,
      metadata: { orderId: order.id },
      paid: true,
      payment_intent: `pi_demo_${no}`,
      refunded: false,
      status: 'succeeded',
    },
    createdAt: now,
    updatedAt: now,
  })
}

const writeOrder = async (ctx: Context, link: DemoLink, email: BuyerEmail, no: number) => {
  const buyer = BUYERS.find((one) => one.email === email)
  if (buyer === undefined) throw new Error(`${email} buys nothing`)
  const [account] = await ctx.db.select({ id: users.id }).from(users).where(eq(users.email, email))
  const now = ctx.now()
  const [order] = await ctx.db
    .insert(orders)
    .values({
      ...buyer,
      id: newId(ctx),
      paymentType: 'WORKSPACE_PURCHASE',
      provider: PROVIDER,
      mode: MODE,
      buyerId: account?.id ?? null,
      buyerKey: account === undefined ? `email:${email}` : `user:${account.id}`,
      offerKey: `link:${link.id}:${PROVIDER}:${MODE}`,
      attempt: `demo-${no}`,
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
      checkoutRef: `cs_demo_${no}`,
      createdAt: now,
      expiresAt: new Date(now.getTime() + 86_400_000),
    })
    .returning()
  if (order === undefined) throw new Error('no order came back')
  return order
}

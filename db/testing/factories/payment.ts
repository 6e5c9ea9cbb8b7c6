import { createHmac, randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { generateAffiliateLink } from '../../../server/domain/affiliate'
import type { GenerateAffiliateLinkInput } from '../../../server/domain/affiliate/schemas'
import { verifyLedger } from '../../../server/domain/balance'
import type { PaidFacts } from '../../../server/domain/payment'
import { type Context, newId } from '../../../server/kit/context'
import type { Db, Tx } from '../../client'
import { affiliateLinks, orders } from '../../schema'
import type { TestContext } from '../context'
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

/** An order as it stands when its checkout was made. */
export const makeOrder = async (
  ctx: Context,
  { link }: Pick<MadeOffer, 'link'>,
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
export const brokenBooks = async (ctx: Context): Promise<string[]> => {
  const rows = await ctx.db.execute<{ problem: string }>(sql`
    with rows_of as (
      select p.*,
        (select coalesce(sum(r.amount), 0) from payment_refunds r where r.payment_id = p.id and r.status in ('PENDING', 'SUCCEEDED')) made,
        (select coalesce(sum(r.amount), 0) from payment_refunds r where r.payment_id = p.id and r.external_id is not null and r.status in ('FAILED', 'CANCELED')) failed,
        (select coalesce(sum(d.amount), 0) from payment_disputes d where d.payment_id = p.id and d.status = 'LOST') lost,
        (select coalesce(sum(d.amount), 0) from payment_disputes d where d.payment_id = p.id and d.status = 'OPEN') open,
        exists (select from payment_disputes d where d.payment_id = p.id and d.status in ('OPEN', 'LOST')) claimed,
        exists (select from payment_disputes d where d.payment_id = p.id and d.status = 'OPEN') disputed,
        coalesce((select max(t.created_at) from ledger_transfers t where t.reference_type = 'payment'
          and t.reference_id = p.id::text and t.kind = 'payment_refunded'), p.paid_at) back_at
      from payments p
    ), totals as (
      select *, least(captured_amount, greatest(made, reported_refund_amount - failed)) refunded,
        least(captured_amount, greatest(made, reported_refund_amount - failed)) + lost gone from rows_of
    ), stand as (
      select *, gone + open at_risk, least(gone, captured_amount) gone_cash, least(gone + open, captured_amount) risk_cash,
        claimed or gone >= captured_amount frozen,
        least(gone, captured_amount) - coalesce(div(2 * tax_amount::numeric * (least(gone, captured_amount)) + captured_amount, nullif(2 * captured_amount, 0)), 0) lost_base,
        least(gone + open, captured_amount) - coalesce(div(2 * tax_amount::numeric * (least(gone + open, captured_amount)) + captured_amount, nullif(2 * captured_amount, 0)), 0) risk_base
      from totals
    ), shares as (
      select c.*, coalesce(div(2 * c.amount::numeric * (s.lost_base) + c.base_amount, nullif(2 * c.base_amount, 0)), 0) reversed,
        coalesce(div(2 * c.amount::numeric * (s.risk_base) + c.base_amount, nullif(2 * c.base_amount, 0)), 0) - coalesce(div(2 * c.amount::numeric * (s.lost_base) + c.base_amount, nullif(2 * c.base_amount, 0)), 0) held
      from commissions c join stand s on s.id = c.payment_id
    ), posted as (
      select t.kind, t.reference_id, t.id, jsonb_agg(jsonb_build_array(a.kind, a.name, e.amount) order by a.kind, a.name) as entries
      from ledger_transfers t join ledger_entries e on e.transfer_id = t.id join ledger_accounts a on a.id = e.account_id
      group by t.id
    ), wanted as (
      select 'payment_captured' as kind, p.id, jsonb_build_array(jsonb_build_array('provider', p.provider, -p.captured_amount),
        jsonb_build_array('revenue', '', p.base_amount), jsonb_build_array('tax', '', p.tax_amount)) as entries
      from payments p where p.captured_amount > 0
      union all
      select 'provider_fee', p.id, jsonb_build_array(jsonb_build_array('fees', '', -p.fee_amount), jsonb_build_array('provider', p.provider, p.fee_amount))
      from payments p where p.fee_amount is not null
    ), sorted as (
      select kind, id, (select jsonb_agg(x order by (x->>0)::account_kind, x->>1) from jsonb_array_elements(entries) x where x->>2 <> '0') as entries
      from wanted
    )
    select format('%s of payment %s is %s instead of %s', s.kind, s.id, jsonb_agg(p.entries), s.entries) as problem
      from sorted s left join posted p on p.kind = s.kind and p.reference_id = s.id::text
      group by s.kind, s.id, s.entries having count(p.id) <> 1 or (jsonb_agg(p.entries)->0) is distinct from s.entries
    union all
    select format('a %s without its payment: %s', p.kind, p.reference_id) from posted p
      where p.kind in ('payment_captured', 'provider_fee')
        and not exists (select from wanted w where w.kind = p.kind and w.id::text = p.reference_id)
    union all
    select format('order %s is %s with %s payments and %s copies', o.id, o.status, count(distinct p.id), count(distinct c.id))
      from orders o left join payments p on p.order_id = o.id and p.type = o.payment_type left join workspace_clones c on c.payment_id = p.id
      group by o.id having (o.status = 'FULFILLED') <> (count(distinct c.id) = 1) or count(distinct p.id) > 1
        or (o.status in ('OPEN', 'EXPIRED') and count(distinct p.id) > 0)
    union all
    select format('copy %s is not its buyer''s', c.id) from workspace_clones c join payments p on p.id = c.payment_id
      join workspaces w on w.id = c.copy_workspace_id where c.buyer_id <> p.buyer_id or w.owner_id <> p.buyer_id
    union all
    select format('payment %s earns %s of %s', p.id, sum(c.amount), p.base_amount)
      from payments p join commissions c on c.payment_id = p.id group by p.id having sum(c.amount) > p.base_amount
    union all
    select format('commission %s is taken from revenue %s times', c.id, count(p.id)) from commissions c
      left join posted p on p.reference_id = c.id::text
        and p.kind in ('commission_created', 'commission_credited') and p.entries @> jsonb_build_array(jsonb_build_array('revenue', '', -c.amount)) group by c.id having count(p.id) <> 1
    union all
    select format('payment %s has %s refunded instead of %s', id, refunded_amount, refunded) from stand
      where refunded_amount <> refunded or refunded > captured_amount
    union all
    select format('payment %s is %s', id, status) from stand where captured_amount > 0 and status::text <> case
      when at_risk > gone then 'DISPUTED' when gone = 0 then 'CAPTURED' when gone < captured_amount then 'PARTIALLY_REFUNDED'
      else 'REFUNDED' end
    union all
    select format('payment %s gave back %s instead of %s', s.id, coalesce(sum(e.amount), 0), s.gone) from stand s
      left join ledger_transfers t on t.reference_id = s.id::text and t.kind in ('payment_refunded', 'refund_failed')
      left join ledger_entries e on e.transfer_id = t.id and e.account_id in (select id from ledger_accounts where kind = 'provider')
      group by s.id, s.gone having coalesce(sum(e.amount), 0) <> s.gone
    union all
    select format('payment %s gave back a tax of %s instead of %s', s.id, -coalesce(sum(e.amount), 0), coalesce(div(2 * s.tax_amount::numeric * (s.gone_cash) + s.captured_amount, nullif(2 * s.captured_amount, 0)), 0)) from stand s
      left join ledger_transfers t on t.reference_id = s.id::text and t.kind in ('payment_refunded', 'refund_failed')
      left join ledger_entries e on e.transfer_id = t.id and e.account_id in (select id from ledger_accounts where kind = 'tax')
      group by s.id, s.tax_amount, s.gone_cash, s.captured_amount
      having -coalesce(sum(e.amount), 0) <> coalesce(div(2 * s.tax_amount::numeric * (s.gone_cash) + s.captured_amount, nullif(2 * s.captured_amount, 0)), 0)
    union all
    select format('commission %s of %s has %s reversed and %s held, instead of %s and %s', id, amount, reversed_amount, held_amount, reversed, held)
      from shares where reversed_amount <> reversed or held_amount <> held
    union all
    select format('commission %s is %s with %s of %s reversed', id, status, reversed_amount, amount) from shares where status::text <> case
      when reversed_amount = amount then 'REVERSED' when reversed_amount > 0 then 'PARTIALLY_REVERSED'
      when credited_at is null then 'PENDING' else 'CREDITED' end
    union all
    select format('commission %s took %s from revenue instead of %s', c.id, -sum(e.amount), c.amount - c.reversed_amount)
      from commissions c join ledger_transfers t on t.reference_id = c.id::text join ledger_entries e on e.transfer_id = t.id
        join ledger_accounts a on a.id = e.account_id and a.kind = 'revenue'
      group by c.id having -sum(e.amount) <> c.amount - c.reversed_amount
    union all
    select format('%s of user %s is pending instead of %s', coalesce(a.balance, 0), w.beneficiary_id, w.pending)
      from (select beneficiary_id, currency, sum(case when credited_at is null then amount - reversed_amount else held_amount end) pending
        from commissions group by beneficiary_id, currency) w
      left join ledger_accounts a on a.kind = 'pending' and a.user_id = w.beneficiary_id and a.currency = w.currency
      where coalesce(a.balance, 0) <> w.pending
    union all
    select format('copy %s is %s though its payment is %s', w.public_id, w.status, s.status) from stand s
      join workspace_clones c on c.payment_id = s.id join workspaces w on w.id = c.copy_workspace_id
      where w.status in ('ACTIVE', 'FROZEN') and s.captured_amount > 0 and (w.status = 'FROZEN') <> (s.frozen and (s.disputed
        or not exists (select from workspace_clones again join stand o on o.id = again.payment_id where again.buyer_id = c.buyer_id
          and again.source_workspace_id = c.source_workspace_id and not o.frozen and o.paid_at > s.back_at)))
    union all
    select format('%s has two accounts', lower(email)) from users group by lower(email) having count(*) > 1
    union all
    select format('%s mails %s to %s', count(*), template, to_address) from mails where template in ('purchase-ready', 'workspace-sold')
      group by key, template, to_address having count(*) > 1
    union all
    select format('order %s was told of %s times', data->>'orderId', count(*)) from mails where template = 'purchase-ready'
      group by data->>'orderId' having count(*) > 1`)
  const { violations } = await verifyLedger(ctx)
  return [...rows.map(({ problem }) => problem), ...violations.map(({ problem }) => problem)]
}

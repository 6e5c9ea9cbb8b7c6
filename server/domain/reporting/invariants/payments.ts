import { sql } from 'drizzle-orm'
import { notProvenYet, type Story, writtenSince } from './invariant'
import { standing, touchedPayment } from './standing'

/** Transfers with their entries and accounts, as t, e and a. */
const ENTRIES = sql`ledger_transfers t join ledger_entries e on e.transfer_id = t.id join ledger_accounts a on a.id = e.account_id`

export const payments: Story = {
  story: 'payments',
  todo: 'Compare the payment with the provider’s own record, replay its last event, and if the books are wrong, correct them by an adjustment that names it.',
  invariants: [
    {
      id: 'I11',
      name: 'Every captured payment is in the books exactly once: provider to revenue and tax, and its fee when that is known.',
      when: 'always',
      query: (scope) => sql`
        with wanted as (
          select 'payment_captured' kind, p.id, jsonb_build_array(jsonb_build_array('provider', case when p.paid_elsewhere then 'elsewhere' else p.provider end, -p.captured_amount),
            jsonb_build_array('revenue', '', p.base_amount), jsonb_build_array('tax', '', p.tax_amount)) entries
          from payments p where p.captured_amount > 0 and p.status not in ('PENDING', 'FAILED') and ${touchedPayment(scope)}
          union all
          select 'provider_fee', p.id, jsonb_build_array(jsonb_build_array('fees', '', -p.fee_amount),
            jsonb_build_array('provider', p.provider, p.fee_amount))
          from payments p where p.fee_amount is not null and ${touchedPayment(scope)}
        ), sorted as (
          select kind, id, (select jsonb_agg(x order by (x->>0)::account_kind, x->>1)
            from jsonb_array_elements(entries) x where x->>2 <> '0') entries from wanted
        ), posted as (
          select s.kind, s.id, s.entries wanted, t.id transfer, jsonb_agg(jsonb_build_array(a.kind, a.name, e.amount) order by a.kind, a.name) entries
          from sorted s left join (${ENTRIES}) on t.kind = s.kind and t.reference_type = 'payment' and t.reference_id = s.id::text
          group by s.kind, s.id, s.entries, t.id
        )
        select 'payment ' || id subject, format('its %s is %s instead of %s', kind, jsonb_agg(entries) filter (where transfer is not null), wanted) problem
        from posted group by kind, id, wanted
        having count(transfer) <> 1 or (jsonb_agg(entries)->0) is distinct from wanted`,
    },
    {
      id: 'P1',
      name: 'Nothing is booked as captured, or as a fee, without the payment it came with.',
      when: 'always',
      query: (scope) => sql`
        select 'transfer ' || t.id subject, format('a %s of %s, which has none', t.kind, t.reference_id) problem
        from ledger_transfers t left join payments p on p.id::text = t.reference_id
        where t.kind in ('payment_captured', 'provider_fee') and ${notProvenYet(sql`t.id`, scope)}
          and (p.id is null or case t.kind when 'provider_fee' then p.fee_amount is null
            else p.captured_amount = 0 or p.status in ('PENDING', 'FAILED') end)`,
    },
    {
      id: 'I16',
      name: 'What a payment has refunded is the sum of its refunds, and no more than was captured.',
      when: 'always',
      query: (scope) => sql`
        select 'payment ' || id subject, format('%s refunded instead of %s, of %s', refunded_amount, refunded, captured_amount) problem
        from ${standing(scope)} s where refunded_amount <> refunded or refunded_amount > captured_amount`,
    },
    {
      id: 'I17',
      name: 'What left the provider for a payment is what its refunds and lost disputes say.',
      when: 'always',
      query: (scope) => sql`
        select 'payment ' || s.id subject, format('%s left the provider instead of %s', coalesce(b.amount, 0), s.gone) problem
        from ${standing(scope)} s left join lateral (select sum(e.amount) amount from ${ENTRIES}
          where t.reference_type = 'payment' and t.reference_id = s.id::text
            and t.kind in ('payment_refunded', 'refund_failed') and a.kind = 'provider') b on true
        where coalesce(b.amount, 0) <> s.gone`,
    },
    {
      id: 'P2',
      name: 'What was given back takes its part of the tax with it.',
      when: 'always',
      query: (scope) => sql`
        select 'payment ' || s.id subject, format('%s of tax given back instead of %s', coalesce(-b.amount, 0), s.gone_tax) problem
        from ${standing(scope)} s left join lateral (select sum(e.amount) amount from ${ENTRIES}
          where t.reference_type = 'payment' and t.reference_id = s.id::text
            and t.kind in ('payment_refunded', 'refund_failed') and a.kind = 'tax') b on true
        where coalesce(-b.amount, 0) <> s.gone_tax`,
    },
    {
      id: 'P3',
      name: "A payment's status is what its refunds and disputes make it.",
      when: 'always',
      query: (scope) => sql`
        select 'payment ' || id subject, format('it is %s instead of %s', status, wanted) problem
        from (select s.*, case when disputed then 'DISPUTED' when gone = 0 then 'CAPTURED'
          when gone < captured_amount then 'PARTIALLY_REFUNDED' else 'REFUNDED' end wanted
          from ${standing(scope)} s where captured_amount > 0) s where status::text <> wanted`,
    },
    {
      id: 'P4',
      name: 'What was captured is what is shared out and the tax, and neither is negative.',
      when: 'always',
      query: (scope) => sql`
        select 'payment ' || p.id subject, format('captured %s, base %s, tax %s', captured_amount, base_amount, tax_amount) problem
        from payments p where ${touchedPayment(scope)}
          and (base_amount <> captured_amount - tax_amount or base_amount < 0 or tax_amount < 0)`,
    },
    {
      id: 'I24',
      name: 'A purchase is paid in the currency of its order, and before tax at no more than its price.',
      when: 'always',
      query: (scope) => sql`
        select 'payment ' || p.id subject, format('%s %s before tax for an order of %s %s', p.base_amount, p.currency, o.price_amount, o.price_currency) problem
        from payments p join orders o on o.id = p.order_id and o.payment_type = p.type
        where ${touchedPayment(scope)} and (p.currency <> o.price_currency or p.base_amount > o.price_amount)`,
    },
    {
      id: 'I25',
      name: 'An order is paid once.',
      when: 'always',
      query: () => sql`
        select 'order ' || o.id subject, format('it has %s payments', count(*)) problem
        from orders o join payments p on p.order_id = o.id and p.type = o.payment_type
        where p.status not in ('PENDING', 'FAILED') group by o.id having count(*) > 1`,
    },
    {
      id: 'P5',
      name: 'A charge of a provider is one payment.',
      when: 'always',
      query: () => sql`
        select format('%s %s', provider, external_id) subject, format('%s payments', count(*)) problem
        from payments group by provider, mode, external_id having count(*) > 1`,
    },
    {
      id: 'P6',
      name: 'An order is fulfilled exactly when what it sold was handed over, and one nobody paid has no payment.',
      when: 'always',
      query: (scope) => sql`
        select 'order ' || o.id subject, format('it is %s with %s payments and %s copies', o.status, p.n, p.copies) problem
        from orders o left join lateral (select count(p.id) n, count(c.id) copies
          from payments p left join workspace_clones c on c.payment_id = p.id
          where p.order_id = o.id and p.type = o.payment_type and p.status not in ('PENDING', 'FAILED')) p on true
        where ${writtenSince(sql`coalesce(o.fulfilled_at, o.created_at)`, scope)} and (
          (o.status = 'FULFILLED' and (p.n = 0 or (o.payment_type = 'WORKSPACE_PURCHASE' and p.copies <> 1)))
          or (o.status in ('OPEN', 'EXPIRED') and p.n > 0)
          or (o.status <> 'FULFILLED' and exists (select from workspace_clones c join payments q on q.id = c.payment_id
            where q.order_id = o.id and c.cloned_by_id is null)))`,
    },
    {
      id: 'I48',
      name: "A provider's checkout belongs to one order.",
      when: 'always',
      query: () => sql`
        select format('%s %s', provider, checkout_ref) subject, format('%s orders', count(*)) problem
        from orders where checkout_ref is not null group by provider, mode, checkout_ref having count(*) > 1`,
    },
  ],
}

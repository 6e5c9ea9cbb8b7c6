import { type SQL, sql } from 'drizzle-orm'
import { type Scope, shareOf, writtenSince } from './invariant'

/** Payments that were made, or of which something was told, since. */
export const touchedPayment = (scope: Scope): SQL => sql`(${writtenSince(sql`p.created_at`, scope)}
  or exists (select from payment_refunds r where r.payment_id = p.id and ${writtenSince(sql`r.updated_at`, scope)})
  or exists (select from payment_disputes d where d.payment_id = p.id and ${writtenSince(sql`d.updated_at`, scope)}))`

const LEAST_GONE = sql`least(gone, captured_amount)`
const LEAST_RISK = sql`least(gone + open, captured_amount)`
const taxOf = (part: SQL) => shareOf(sql`tax_amount`, part, sql`captured_amount`)

/**
 * Where each payment stands by its refunds and disputes alone: the rule of payment/rules.ts, written a second time on
 * purpose. A table expression with the payment's columns and `refunded`, `gone`, `open`, `gone_tax`, `lost_base`,
 * `risk_base`, `frozen`.
 */
export const standing = (scope: Scope): SQL => sql`(
  select t.*, ${taxOf(LEAST_GONE)} gone_tax, ${LEAST_GONE} - ${taxOf(LEAST_GONE)} lost_base,
    ${LEAST_RISK} - ${taxOf(LEAST_RISK)} risk_base,
    claimed or (captured_amount > 0 and gone >= captured_amount) frozen
  from (
    select s.*, least(captured_amount, greatest(made, reported_refund_amount - failed)) refunded,
      least(captured_amount, greatest(made, reported_refund_amount - failed)) + lost gone
    from (
      select p.*, coalesce(r.made, 0) made, coalesce(r.failed, 0) failed, coalesce(d.lost, 0) lost,
        coalesce(d.open, 0) open, coalesce(d.disputed, false) disputed, coalesce(d.claimed, false) claimed
      from payments p
        left join lateral (select sum(amount) filter (where status in ('PENDING', 'SUCCEEDED')) made,
          sum(amount) filter (where external_id is not null and status in ('FAILED', 'CANCELED')) failed
          from payment_refunds where payment_id = p.id) r on true
        left join lateral (select sum(amount) filter (where status = 'LOST') lost,
          sum(amount) filter (where status = 'OPEN') open, bool_or(status = 'OPEN') disputed,
          bool_or(status in ('OPEN', 'LOST')) claimed
          from payment_disputes where payment_id = p.id) d on true
      where p.status not in ('PENDING', 'FAILED') and ${touchedPayment(scope)}
    ) s
  ) t)`

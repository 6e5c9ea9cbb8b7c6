import { type SQL, sql } from 'drizzle-orm'
import { type Scope, type Story, shareOf, writtenSince } from './invariant'
import { standing, touchedPayment } from './standing'

const LOST = shareOf(sql`c.amount`, sql`least(s.lost_base, c.base_amount)`, sql`c.base_amount`)
const AT_RISK = shareOf(sql`c.amount`, sql`least(s.risk_base, c.base_amount)`, sql`c.base_amount`)

/** Each share with what its payment's standing says is taken back and held of it; of a refused one it is all. */
const shares = (scope: Scope) => sql`(
  select c.*, case when c.verdict = 'REFUSED' then c.amount else ${LOST} end reversed,
    case when c.verdict = 'REFUSED' then 0 else ${AT_RISK} - ${LOST} end held
  from commissions c join ${standing(scope)} s on s.id = c.payment_id)`

/** The shares that were judged, or of payments made or touched, since, and what belongs to none. */
const touched = (scope: Scope) => sql`(c.payment_id is null or ${writtenSince(sql`c.created_at`, scope)}
  or ${writtenSince(sql`coalesce(c.judged_at, '-infinity')`, scope)}
  or exists (select from payments p where p.id = c.payment_id and ${touchedPayment(scope)}))`

/** Whose the customer (`t`) was at a moment: what was moved later was theirs until then. */
const affiliateAt = (moment: SQL) => sql`coalesce((select m.from_affiliate_id from attribution_moves m
  where m.customer_id = t.customer_id and m.moved_at >= ${moment} order by m.moved_at, m.id limit 1), t.affiliate_id)`

/** When the shares of a payment (`p`) were given: its customer is not moved meanwhile. */
const whenShared = sql`coalesce((select min(s.created_at) from commissions s where s.payment_id = p.id), p.created_at)`

export const commissions: Story = {
  story: 'commissions',
  todo: '“Why this amount?” on the sale shows how the share was computed. Correct the balance by an adjustment that names the commission, and tell who earned it.',
  invariants: [
    {
      id: 'I12',
      name: 'Every captured payment earns its seller and its affiliate their share, or says why not.',
      when: 'always',
      query: (scope) => sql`
        select 'payment ' || p.id subject, format('nothing says what user %s earned as its %s', due.user_id, due.kind) problem
        from payments p join orders o on o.id = p.order_id join lateral (
          select 'SALE' kind, p.seller_id user_id where p.seller_id is not null and o.commission_percentage is not null
          union all
          select 'REFERRAL', f.user_id from attributions t join affiliates f on f.id = ${affiliateAt(whenShared)}
          where t.customer_id = p.buyer_id and t.created_at < p.paid_at and (t.earns_until is null or t.earns_until > p.paid_at)
        ) due on true
        where ${touchedPayment(scope)} and p.status not in ('PENDING', 'FAILED') and p.base_amount > 0 and o.status = 'FULFILLED'
          and not exists (select from commissions c where c.payment_id = p.id and c.beneficiary_id = due.user_id)
          and not p.withheld @> jsonb_build_array(jsonb_build_object('kind', due.kind, 'userId', due.user_id))`,
    },
    {
      id: 'I13',
      name: 'A share comes from a captured payment, goes to its seller or its buyer’s affiliate, and never to the buyer’s own organization.',
      when: 'always',
      query: (scope) => sql`
        select 'commission ' || c.id subject, concat_ws('; ',
          case when p.id is null then 'its payment is not there' end,
          case when p.status in ('PENDING', 'FAILED') then format('its payment is %s', p.status) end,
          case when c.currency <> p.currency then format('in %s of a payment in %s', c.currency, p.currency) end,
          case when b.organization_id = e.organization_id then 'the buyer''s own organization earns on the purchase' end,
          case when c.kind = 'SALE' and c.beneficiary_id is distinct from p.seller_id then 'another than the seller earns it' end,
          case when c.kind = 'REFERRAL' and f.user_id is distinct from c.beneficiary_id then 'another than the buyer''s affiliate earns it' end) problem
        from commissions c left join payments p on p.id = c.payment_id
          left join attributions t on t.customer_id = p.buyer_id left join affiliates f on f.id = ${affiliateAt(sql`c.created_at`)}
          left join users b on b.id = p.buyer_id left join users e on e.id = c.beneficiary_id
        where c.kind <> 'BONUS' and ${touched(scope)} and (p.id is null or p.status in ('PENDING', 'FAILED') or c.currency <> p.currency
          or b.organization_id = e.organization_id or (c.kind = 'SALE' and c.beneficiary_id is distinct from p.seller_id)
          or (c.kind = 'REFERRAL' and f.user_id is distinct from c.beneficiary_id))`,
    },
    {
      id: 'I14',
      name: 'A share is round_half_up(base × rate) of its payment’s base, or what was left of it.',
      when: 'always',
      query: (scope) => sql`
        select 'commission ' || c.id subject, format('%s of %s at %s %% instead of %s', c.amount, c.base_amount, c.rate_percentage, wanted) problem
        from (select c.*, ${shareOf(sql`c.base_amount`, sql`c.rate_percentage * 100`, sql`10000`)} wanted, p.base_amount base
          from commissions c left join payments p on p.id = c.payment_id where ${touched(scope)}) c
        where amount <= 0 or amount > base_amount or (kind <> 'BONUS' and (base_amount is distinct from base
          or amount > wanted or (amount < wanted and explanation->>'capped' is distinct from 'true')))`,
    },
    {
      id: 'I15',
      name: 'No more is taken back or held of a share than it is.',
      when: 'always',
      query: (scope) => sql`
        select 'commission ' || id subject, format('%s reversed and %s held of %s', reversed_amount, held_amount, amount) problem
        from commissions c where ${touched(scope)}
          and (reversed_amount not between 0 and amount or held_amount not between 0 and amount - reversed_amount)`,
    },
    {
      id: 'I18',
      name: 'What is taken back and held of a share is round_half_up(share × what is lost or at risk / base), in all.',
      when: 'always',
      query: (scope) => sql`
        select 'commission ' || id subject, format('%s reversed and %s held, instead of %s and %s', reversed_amount, held_amount, reversed, held) problem
        from ${shares(scope)} c where reversed_amount <> reversed or held_amount <> held`,
    },
    {
      id: 'I10',
      name: 'What a share took from the revenue is what is left of it, taken once.',
      when: 'always',
      query: (scope) => sql`
        select 'commission ' || c.id subject, format('%s taken from the revenue in %s transfers instead of %s at once', -coalesce(b.amount, 0), b.times, c.amount - c.reversed_amount) problem
        from commissions c left join lateral (select sum(e.amount) amount,
            count(*) filter (where t.kind in ('commission_created', 'commission_credited') and e.amount < 0) times
          from ledger_transfers t join ledger_entries e on e.transfer_id = t.id join ledger_accounts a on a.id = e.account_id
          where t.reference_type = 'commission' and t.reference_id = c.id::text and a.kind = 'revenue') b on true
        where ${touched(scope)} and (-coalesce(b.amount, 0) <> c.amount - c.reversed_amount or b.times <> 1)`,
    },
    {
      id: 'C1',
      name: 'All shares of a payment together are no more than its base.',
      when: 'always',
      query: (scope) => sql`
        select 'payment ' || p.id subject, format('it earns %s of %s', sum(c.amount), p.base_amount) problem
        from payments p join commissions c on c.payment_id = p.id where ${touchedPayment(scope)}
        group by p.id having sum(c.amount) > p.base_amount`,
    },
    {
      id: 'C2',
      name: 'Nobody earns twice on one payment.',
      when: 'always',
      query: () => sql`
        select 'payment ' || payment_id subject, format('user %s earns %s times', beneficiary_id, count(*)) problem
        from commissions where payment_id is not null group by payment_id, beneficiary_id having count(*) > 1`,
    },
    {
      id: 'C3',
      name: "A share's status is what was credited and taken back of it.",
      when: 'always',
      query: (scope) => sql`
        select 'commission ' || id subject, format('it is %s with %s of %s reversed', status, reversed_amount, amount) problem
        from commissions c where ${touched(scope)} and status::text <> case
          when reversed_amount = amount then 'REVERSED' when reversed_amount > 0 then 'PARTIALLY_REVERSED'
          when credited_at is null then 'PENDING' else 'CREDITED' end`,
    },
    {
      id: 'C4',
      name: 'A credited share has the transfer that credited it, and one that is not has none.',
      when: 'always',
      query: (scope) => sql`
        select 'commission ' || c.id subject,
          case when c.credited_at is null then 'it was credited, and does not say when' else 'no transfer credited it' end problem
        from commissions c where ${touched(scope)} and (c.credited_at is not null) <> exists (
          select from ledger_transfers t where t.kind = 'commission_credited' and (
            (t.reference_type = 'commission' and t.reference_id = c.id::text)
            or t.id = nullif(c.explanation->>'creditedBy', '')::bigint))`,
    },
    {
      id: 'C6',
      name: 'A share that an admin has to judge is credited only once it was released, and one that was refused is taken back whole.',
      when: 'always',
      query: (scope) => sql`
        select 'commission ' || c.id subject, format('it is %s at %s with %s of %s reversed', coalesce(c.verdict::text, 'not judged'),
          coalesce(c.credited_at::text, 'no time credited'), c.reversed_amount, c.amount) problem
        from commissions c where c.suspicion is not null and c.verdict is distinct from 'RELEASED' and ${touched(scope)}
          and (c.credited_at is not null or (c.verdict = 'REFUSED' and c.reversed_amount <> c.amount))`,
    },
    {
      id: 'C7',
      name: 'A bonus is one that its affiliate was granted, and an override goes to who recruited the affiliate of its payment.',
      when: 'always',
      query: (scope) => sql`
        select 'commission ' || c.id subject, format('user %s was not due it as %s', c.beneficiary_id, c.kind) problem
        from commissions c where ${touched(scope)} and (
          (c.kind = 'BONUS' and not exists (select from affiliate_bonuses b join affiliates f on f.id = b.affiliate_id
            where b.commission_id = c.id and f.user_id = c.beneficiary_id))
          or (c.kind = 'OVERRIDE' and not exists (
            with recursive above as (
              select f.recruiter_id from commissions r join affiliates f on f.user_id = r.beneficiary_id
                where r.payment_id = c.payment_id and r.kind = 'REFERRAL'
              union select f.recruiter_id from above join affiliates f on f.id = above.recruiter_id)
            select from above join affiliates f on f.id = above.recruiter_id where f.user_id = c.beneficiary_id)))`,
    },
    {
      id: 'C5',
      name: 'What a user has pending is what their shares have not credited yet, and what is held of the others.',
      when: 'always',
      query: () => sql`
        select format('user %s in %s', user_id, currency) subject, format('%s pending instead of %s', sum(has), sum(should)) problem
        from (
          select user_id, currency, balance has, 0 should from ledger_accounts where kind = 'pending'
          union all
          select beneficiary_id, currency, 0, case when credited_at is null then amount - reversed_amount else held_amount end
          from commissions
        ) s group by user_id, currency having sum(has) <> sum(should)`,
    },
  ],
}

import { type SQL, sql } from 'drizzle-orm'
import { type Scope, type Story, secondsAgo, writtenSince } from './invariant'

/** What each withdrawal's transfers did to the accounts, in all. */
const moved = (scope: Scope): SQL => sql`(
  select w.*, coalesce(m.withdrawing, 0) withdrawing, coalesce(m.house, 0) house, coalesce(m.requests, 0) requests,
    coalesce(m.requested, 0) requested, coalesce(m.returns, 0) returns, coalesce(m.returned, 0) returned,
    w.status in ('REJECTED', 'CANCELLED', 'FAILED', 'RETURNED') went_back
  from withdrawals w left join lateral (
    select sum(e.amount) filter (where a.kind = 'withdrawing') withdrawing,
      sum(e.amount) filter (where a.user_id is null) house,
      count(*) filter (where a.kind = 'available' and e.amount < 0) requests,
      sum(-e.amount) filter (where a.kind = 'available' and e.amount < 0) requested,
      count(*) filter (where a.kind = 'available' and e.amount > 0) returns,
      sum(e.amount) filter (where a.kind = 'available' and e.amount > 0) returned
    from ledger_transfers t join ledger_entries e on e.transfer_id = t.id join ledger_accounts a on a.id = e.account_id
    where t.reference_type = 'withdrawal' and t.reference_id = w.id::text and (a.user_id is null or a.user_id = w.user_id)
  ) m on true where ${writtenSince(sql`w.updated_at`, scope)})`

export const withdrawals: Story = {
  story: 'withdrawals',
  todo: 'Put the withdrawal on hold, compare it with what the provider or the bank says was paid, and correct the balance by an adjustment that names it.',
  invariants: [
    {
      id: 'I33',
      name: 'Every withdrawal was taken out of the available balance once, in full.',
      when: 'always',
      query: (scope) => sql`
        select 'withdrawal ' || id subject, format('taken %s times, %s instead of %s', requests, requested, amount) problem
        from ${moved(scope)} w where requests <> 1 or requested <> amount`,
    },
    {
      id: 'I34',
      name: 'A withdrawal that was rejected, cancelled, failed or returned came back once, in full; no other did.',
      when: 'always',
      query: (scope) => sql`
        select 'withdrawal ' || id subject, format('it is %s and came back %s times, %s of %s', status, returns, returned, amount) problem
        from ${moved(scope)} w where returns <> went_back::int or returned <> case when went_back then amount else 0 end`,
    },
    {
      id: 'W1',
      name: 'A paid withdrawal has left the house in full, any other has not.',
      when: 'always',
      query: (scope) => sql`
        select 'withdrawal ' || id subject, format('it is %s; %s left the house and %s waits', status, house, withdrawing) problem
        from ${moved(scope)} w where house <> case status when 'PAID' then amount else 0 end
          or withdrawing <> case when status in ('REQUESTED', 'APPROVED', 'ON_HOLD', 'PROCESSING') then amount else 0 end`,
    },
    {
      id: 'I35',
      name: 'Nobody was paid more than they were ever credited.',
      when: 'always',
      query: () => sql`
        select format('user %s in %s', w.user_id, w.currency) subject, format('paid %s, credited %s', w.paid, coalesce(c.credited, 0)) problem
        from (select user_id, currency, sum(amount) paid from withdrawals where status = 'PAID' group by user_id, currency) w
          left join lateral (select sum(e.amount) credited from ledger_accounts a join ledger_entries e on e.account_id = a.id
            where a.kind = 'available' and a.user_id = w.user_id and a.currency = w.currency and e.amount > 0
              and e.line_type in ('COMMISSION', 'ADJUSTMENT')) c on true
        where w.paid > coalesce(c.credited, 0)`,
    },
    {
      id: 'I36',
      name: 'An hour after a payout was handed to the provider, its fate is known.',
      when: 'within 3600',
      query: (scope) => sql`
        select 'withdrawal ' || id subject, format('handed to %s at %s, and no answer', provider, coalesce(sent_at, updated_at)) problem
        from withdrawals where status = 'PROCESSING' and provider is not null and provider_ref is null
          and coalesce(sent_at, updated_at) < ${secondsAgo(3600, scope)}`,
      todo: 'Ask the provider for the payout by the withdrawal’s id before anything is sent again; then mark it paid or failed.',
    },
    {
      id: 'I37',
      name: 'Nobody approves a withdrawal of their own, and a second approval is somebody else’s.',
      when: 'always',
      query: (scope) => sql`
        select 'withdrawal ' || id subject, format('user %s approved it', coalesce(approved_by, first_approved_by)) problem
        from withdrawals where (approved_by = user_id or first_approved_by = user_id or first_approved_by = approved_by)
          and ${writtenSince(sql`updated_at`, scope)}`,
    },
    {
      id: 'I38',
      name: 'What a user has in withdrawal is what is on its way; nothing when nothing is.',
      when: 'always',
      query: () => sql`
        select format('user %s in %s', user_id, currency) subject, format('%s in withdrawal instead of %s', sum(has), sum(should)) problem
        from (
          select user_id, currency, balance has, 0 should from ledger_accounts where kind = 'withdrawing'
          union all
          select user_id, currency, 0, amount from withdrawals where status in ('REQUESTED', 'APPROVED', 'ON_HOLD', 'PROCESSING')
        ) s group by user_id, currency having sum(has) <> sum(should)`,
    },
    {
      id: 'W2',
      name: 'A user has one withdrawal under way per currency.',
      when: 'always',
      query: () => sql`
        select format('user %s in %s', user_id, currency) subject, format('%s withdrawals are under way', count(*)) problem
        from withdrawals where status in ('REQUESTED', 'APPROVED', 'ON_HOLD', 'PROCESSING')
        group by user_id, currency having count(*) > 1`,
    },
  ],
}

import { sql } from 'drizzle-orm'
import { notProvenYet, type Story } from './invariant'

/** The books by themselves, whatever they are about. Hash chains and seals are `verifyLedger`'s. */
export const ledger: Story = {
  story: 'ledger',
  todo: 'Ledger rows never change by themselves: somebody changed the database behind the application. Keep a copy of it, compare it with the last backup, and correct the books by a further transfer, never by an edit.',
  invariants: [
    {
      id: 'I01',
      name: 'The entries of every transfer sum to zero.',
      when: 'always',
      query: (scope) => sql`
        select 'transfer ' || transfer_id subject, format('its entries in %s sum to %s', currency, sum(amount)) problem
        from ledger_entries where ${notProvenYet(sql`transfer_id`, scope)}
        group by transfer_id, currency having sum(amount) <> 0`,
    },
    {
      id: 'I02',
      name: 'All accounts of a currency together sum to zero.',
      when: 'always',
      query: (scope) => sql`
        select 'currency ' || currency subject, format('all entries sum to %s', sum(amount)) problem
        from ledger_entries where ${notProvenYet(sql`transfer_id`, scope)}
        group by currency having sum(amount) <> 0`,
    },
    {
      id: 'I03',
      name: 'Every transfer has two or more entries.',
      when: 'always',
      query: (scope) => sql`
        select 'transfer ' || t.id subject, format('it has %s entries', count(e.id)) problem
        from ledger_transfers t left join ledger_entries e on e.transfer_id = t.id
        where ${notProvenYet(sql`t.id`, scope)} group by t.id having count(e.id) < 2`,
    },
    {
      id: 'I04',
      name: "Every user's balance is the sum of its entries.",
      when: 'always',
      // Since the last good proof the chain of entries was checked one by one: the last of them says the balance.
      query: (scope) =>
        scope.afterTransfer === null
          ? sql`
        select 'account ' || a.id subject,
          format('its balance is %s with %s entries; %s entries sum to %s', a.balance, a.version, count(e.id), coalesce(sum(e.amount), 0)) problem
        from ledger_accounts a left join ledger_entries e on e.account_id = a.id where a.user_id is not null
        group by a.id having a.balance <> coalesce(sum(e.amount), 0) or a.version <> count(e.id)`
          : sql`
        select 'account ' || a.id subject,
          format('its balance is %s; its last entry left %s', a.balance, coalesce(e.balance_after, 0)) problem
        from ledger_accounts a left join ledger_entries e on e.account_id = a.id and e.seq = a.version
        where a.user_id is not null and a.balance <> coalesce(e.balance_after, 0)`,
    },
    {
      id: 'I05',
      name: 'No withdrawal takes a balance below zero, and nothing pending or in withdrawal is negative.',
      when: 'always',
      query: (scope) => sql`
        select 'account ' || id subject, format('%s of %s %s', kind, balance, currency) problem
        from ledger_accounts where kind in ('pending', 'withdrawing') and balance < 0
        union all
        select 'entry ' || id, format('a withdrawal of %s leaves %s', -amount, balance_after)
        from ledger_entries where line_type = 'WITHDRAWAL' and amount < 0 and balance_after < 0
          and ${notProvenYet(sql`transfer_id`, scope)}`,
    },
    {
      id: 'I06',
      name: 'An entry is in the currency of its account and of its transfer.',
      when: 'always',
      query: (scope) => sql`
        select 'entry ' || e.id subject, format('%s on an account in %s of a transfer in %s', e.currency, a.currency, t.currency) problem
        from ledger_entries e left join ledger_accounts a on a.id = e.account_id left join ledger_transfers t on t.id = e.transfer_id
        where (e.currency is distinct from a.currency or e.currency is distinct from t.currency)
          and ${notProvenYet(sql`e.transfer_id`, scope)}`,
    },
    {
      id: 'I07',
      name: "An account's entries are counted once each.",
      when: 'always',
      query: (scope) => sql`
        select 'account ' || account_id subject, format('%s entries have the number %s', count(*), seq) problem
        from ledger_entries where seq is not null and ${notProvenYet(sql`transfer_id`, scope)}
        group by account_id, seq having count(*) > 1`,
    },
    {
      id: 'I08',
      name: "Each entry of a user's account follows the one before it, in number and balance.",
      when: 'always',
      query: (scope) => sql`
        select 'entry ' || e.id subject, format('number %s with %s before and %s after, following %s', e.seq, e.balance_before, e.balance_after, b.balance_after) problem
        from ledger_entries e join ledger_accounts a on a.id = e.account_id and a.user_id is not null
          left join ledger_entries b on b.account_id = e.account_id and b.seq = e.seq - 1
        where (e.seq is null or (e.seq > 1 and b.id is null) or e.balance_before is distinct from coalesce(b.balance_after, 0)
          or e.balance_after is distinct from e.balance_before + e.amount) and ${notProvenYet(sql`e.transfer_id`, scope)}`,
    },
    {
      id: 'I09',
      name: 'No entry moves nothing.',
      when: 'always',
      query: (scope) => sql`
        select 'entry ' || id subject, 'its amount is 0' problem
        from ledger_entries where amount = 0 and ${notProvenYet(sql`transfer_id`, scope)}`,
    },
    {
      id: 'L1',
      name: "The platform's accounts hold exactly what users are owed, with the other sign.",
      when: 'always',
      query: () => sql`
        select 'currency ' || currency subject, format('users are owed %s, the platform''s accounts say %s', users, -platform) problem
        from (select a.currency, coalesce(sum(a.balance) filter (where a.user_id is not null), 0) users,
            coalesce(sum(e.total) filter (where a.user_id is null), 0) platform
          from ledger_accounts a left join lateral (select sum(amount) total from ledger_entries
            where account_id = a.id and a.user_id is null) e on true group by a.currency) s
        where users + platform <> 0`,
    },
    {
      id: 'L2',
      name: 'A user is owed what commissions and single lines such as adjustments gave, less what withdrawals paid.',
      when: 'always',
      // A line by itself (createBalanceTransaction) has the kind of its type; what a commission posts has kinds of its own.
      query: () => sql`
        select format('user %s in %s', user_id, currency) subject,
          format('owed %s; %s from commissions, %s from single lines, %s paid out', sum(owed), sum(earned), sum(adjusted), sum(paid)) problem
        from (
          select user_id, currency, balance owed, 0 earned, 0 adjusted, 0 paid from ledger_accounts where user_id is not null
          union all
          select beneficiary_id, currency, 0, amount - reversed_amount, 0, 0 from commissions
          union all
          select a.user_id, a.currency, 0, 0, e.amount, 0 from ledger_transfers t
            join ledger_entries e on e.transfer_id = t.id join ledger_accounts a on a.id = e.account_id and a.user_id is not null
          where t.kind in ('adjustment', 'commission', 'refund')
          union all
          select user_id, currency, 0, 0, 0, amount from withdrawals where status = 'PAID'
        ) s group by user_id, currency having sum(owed) <> sum(earned) + sum(adjusted) - sum(paid)`,
    },
    {
      id: 'L3',
      name: 'Every transfer is about a payment, commission, withdrawal or adjustment that is there.',
      when: 'always',
      query: (scope) => sql`
        select 'transfer ' || t.id subject, format('its %s %s is not there', t.reference_type, t.reference_id) problem
        from ledger_transfers t where ${notProvenYet(sql`t.id`, scope)} and t.kind not in ('commission', 'refund') and case t.reference_type
          when 'payment' then not exists (select from payments p where p.id::text = t.reference_id)
          when 'commission' then not exists (select from commissions c where c.id::text = t.reference_id)
          when 'withdrawal' then not exists (select from withdrawals w where w.id::text = t.reference_id)
          when 'admin' then not exists (select from users u where u.id::text = t.reference_id)
          else false end`,
    },
  ],
}

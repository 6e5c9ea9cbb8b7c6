import type postgres from 'postgres'

/** How many users have an account in the loads. */
export const USERS = 10_000
const ROWS = 1_000_000

/** pgbench's tables and its transaction `simple-update`, at scale 10: five statements, five round trips. */
export const makeSimpleUpdate = async (sql: postgres.Sql): Promise<string> => {
  await sql.unsafe(`
    create table pgbench_accounts (aid int not null, bid int, abalance int, filler char(84));
    create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
    insert into pgbench_accounts select n, 1 + n / 100000, 0, '' from generate_series(1, ${ROWS}) n;
    alter table pgbench_accounts add primary key (aid)`)
  return [
    `\\set aid random(1, ${ROWS})`,
    '\\set tid random(1, 100)',
    '\\set bid random(1, 10)',
    '\\set delta random(-5000, 5000)',
    'BEGIN;',
    'UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;',
    'SELECT abalance FROM pgbench_accounts WHERE aid = :aid;',
    'INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);',
    'END;',
    '',
  ].join('\n')
}

/**
 * The usual double-entry design: each transfer moves an amount between two accounts, both locked in the order of their
 * ids and updated. No idempotency key, no chain, no check at commit. A sale is two transfers in one call.
 */
export const makeLockingLedger = async (sql: postgres.Sql): Promise<string> => {
  await sql.unsafe(`
    create table locking_accounts (id bigint primary key, balance bigint not null default 0,
      version bigint not null default 0, updated_at timestamptz not null default now());
    create table locking_transfers (id bigint generated always as identity primary key,
      from_account bigint not null references locking_accounts, to_account bigint not null references locking_accounts,
      amount bigint not null check (amount > 0), created_at timestamptz not null default now());
    create table locking_entries (id bigint generated always as identity primary key,
      account_id bigint not null references locking_accounts, transfer_id bigint not null references locking_transfers,
      amount bigint not null, balance_before bigint not null, balance_after bigint not null, version bigint not null,
      created_at timestamptz not null default now());
    create index on locking_transfers (from_account);
    create index on locking_transfers (to_account);
    create index on locking_entries (account_id);
    create index on locking_entries (transfer_id);
    insert into locking_accounts (id) select generate_series(-2, ${USERS});
    create function locking_move(p_from bigint, p_to bigint, p_amount bigint) returns bigint language plpgsql as $$
    declare
      moved bigint; giver locking_accounts; taker locking_accounts;
    begin
      perform 1 from locking_accounts where id in (p_from, p_to) order by id for update;
      insert into locking_transfers (from_account, to_account, amount) values (p_from, p_to, p_amount) returning id into moved;
      update locking_accounts set balance = balance - p_amount, version = version + 1, updated_at = now()
        where id = p_from returning * into giver;
      update locking_accounts set balance = balance + p_amount, version = version + 1, updated_at = now()
        where id = p_to returning * into taker;
      insert into locking_entries (account_id, transfer_id, amount, balance_before, balance_after, version) values
        (p_from, moved, -p_amount, giver.balance + p_amount, giver.balance, giver.version),
        (p_to, moved, p_amount, taker.balance - p_amount, taker.balance, taker.version);
      return moved;
    end $$;
    create function locking_sale(p_user bigint, p_gross bigint, p_share bigint) returns bigint language plpgsql as $$
    begin
      perform 1 from locking_accounts where id in (-2, -1, p_user) order by id for update;
      perform locking_move(-2, -1, p_gross);
      return locking_move(-1, p_user, p_share);
    end $$`)
  return [`\\set u random(1, ${USERS})`, 'SELECT locking_sale(:u, 11500, 2300);', ''].join('\n')
}

/**
 * The same posting on tables of the same shape, indexes and foreign keys, with nothing proven: no fingerprint, no
 * hashes, no guard, no check at commit. The idempotency key and the user's running balance are there.
 */
export const makeBarePosting = async (sql: postgres.Sql): Promise<void> => {
  await sql.unsafe(`
    create schema bare;
    create table bare.accounts (like ledger_accounts including all excluding constraints);
    create table bare.transfers (like ledger_transfers including all excluding constraints);
    create table bare.entries (like ledger_entries including all excluding constraints);
    alter table bare.transfers alter column fingerprint drop not null, alter column hash drop not null;
    alter table bare.entries alter column hash drop not null;
    alter table bare.accounts alter column identity drop not null;
    alter table bare.accounts add foreign key (user_id) references users;
    alter table bare.entries add foreign key (transfer_id) references bare.transfers,
      add foreign key (account_id) references bare.accounts;
    create function bare.post(p_key text, p_kind text, p_currency text, p_reference_type text, p_reference_id text,
      p_notes text, p_created_at timestamptz, p_entries jsonb, out transfer_id bigint) language plpgsql as $$
    declare
      e record; account bare.accounts;
    begin
      insert into bare.transfers (idempotency_key, kind, currency, reference_type, reference_id, notes, created_at)
        values (p_key, p_kind, p_currency, p_reference_type, p_reference_id, p_notes, p_created_at)
        on conflict (idempotency_key) do nothing returning id into transfer_id;
      if transfer_id is null then
        select id into transfer_id from bare.transfers where idempotency_key = p_key;
        return;
      end if;
      for e in select * from jsonb_to_recordset(p_entries)
        as e(kind account_kind, user_id uuid, name text, amount bigint, line_type balance_transaction_type)
      loop
        if e.user_id is null then
          select * into account from bare.accounts a where a.kind = e.kind and a.user_id is null
            and a.name = coalesce(e.name, '') and a.currency = p_currency;
        else
          update bare.accounts a set balance = a.balance + e.amount, version = a.version + 1
            where a.kind = e.kind and a.user_id = e.user_id and a.currency = p_currency returning * into account;
        end if;
        if account.id is null then raise exception 'no such account'; end if;
        insert into bare.entries (transfer_id, account_id, currency, amount, line_type, balance_before, balance_after, seq, created_at)
          values (transfer_id, account.id, p_currency, e.amount, e.line_type, account.balance - e.amount, account.balance,
            account.version, p_created_at);
      end loop;
    end $$;
    insert into bare.accounts (kind, user_id, name, currency, balance, version, earned)
      select kind, user_id, name, currency, balance, version, earned from ledger_accounts`)
}

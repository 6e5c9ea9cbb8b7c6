import { sql } from 'drizzle-orm'
import type { Story } from './invariant'

/** What refuses changes of what is written once: table and trigger, as the migrations made them. */
const GUARDS = sql`(values ('activity_log', 'activity_log_append_only'),
  ('ledger_transfers', 'ledger_transfers_append_only'), ('ledger_transfers', 'ledger_transfers_balance'),
  ('ledger_entries', 'ledger_entries_append_only'), ('ledger_entries', 'ledger_entries_apply'),
  ('ledger_entries', 'ledger_entries_complete'), ('ledger_accounts', 'ledger_accounts_kept'),
  ('ledger_accounts', 'ledger_accounts_guard'), ('withdrawals', 'withdrawals_fixed'), ('withdrawals', 'withdrawals_kept'),
  ('payout_methods', 'payout_methods_fixed'), ('ledger_transfers', 'ledger_transfers_hash'),
  ('ledger_seals', 'ledger_seals_append_only'), ('ledger_snapshots', 'ledger_snapshots_append_only'),
  ('ledger_proofs', 'ledger_proofs_append_only'), ('issued_statements', 'issued_statements_append_only'),
  ('program_settings', 'program_settings_append_only'), ('affiliate_codes', 'affiliate_codes_append_only'),
  ('payout_documents', 'payout_documents_append_only'), ('tax_profiles', 'tax_profiles_fixed'),
  ('withdrawals', 'withdrawals_fee_fixed'), ('connected_accounts', 'connected_accounts_fixed'),
  ('payout_methods', 'payout_methods_kept'), ('payout_documents', 'payout_documents_kept'), ('tax_profiles', 'tax_profiles_kept'),
  ('connected_accounts', 'connected_accounts_kept'), ('payout_batches', 'payout_batches_append_only'),
  ('withdrawals', 'withdrawals_batched_once'), ('affiliate_codes', 'affiliate_codes_kept'), ('activity_log', 'activity_log_kept'),
  ('workspace_releases', 'workspace_releases_append_only'), ('workspaces', 'workspaces_release_fixed'),
  ('pages', 'pages_release_fixed'), ('pages', 'pages_release_kept'), ('funnels', 'funnels_release_fixed'),
  ('funnels', 'funnels_release_kept'), ('themes', 'themes_release_fixed'), ('themes', 'themes_release_kept'),
  ('role_templates', 'role_templates_release_fixed'), ('role_templates', 'role_templates_release_kept'),
  ('workspace_pictures', 'workspace_pictures_release_fixed'), ('workspace_pictures', 'workspace_pictures_release_kept'),
  ('listings', 'listings_kept'), ('listings', 'listings_published_kept')) guard (tab, name)`

export const identity: Story = {
  story: 'identity and audit',
  todo: 'Close the account or session it is about and look into the activity log. Somebody wrote to the database behind the application.',
  invariants: [
    {
      id: 'I39',
      name: 'The audit log, the ledger and all else that is written once refuse changes: their guards stand and are on.',
      when: 'always',
      query: () => sql`
        select 'trigger ' || guard.name subject,
          case when t.tgname is null then 'it is not there' else 'it is switched off' end problem
        from ${GUARDS} left join pg_trigger t on t.tgrelid = to_regclass(guard.tab) and t.tgname = guard.name
        where t.tgname is null or t.tgenabled not in ('O', 'A')`,
      todo: 'Find out who switched it off, switch it on again (alter table … enable trigger …), and run a full proof.',
    },
    {
      id: 'I40',
      name: 'An e-mail address has one account.',
      when: 'always',
      query: () => sql`
        select 'user ' || min(id::text) subject, format('%s accounts have this address', count(*)) problem
        from users group by lower(email) having count(*) > 1`,
    },
    {
      id: 'I41',
      name: 'A password is kept as argon2id only.',
      when: 'always',
      query: () => sql`
        select 'user ' || id subject, 'the password is kept in another form' problem
        from users where password_hash not like '$argon2id$%'`,
      todo: 'Have the user set a new password: the old one is to be taken as known.',
    },
    {
      id: 'I42',
      name: 'A session is kept as a hash only, and ends 30 days after it began at the latest.',
      when: 'always',
      query: () => sql`
        select 'session of user ' || user_id subject, concat_ws('; ', case when id_hash !~ '^[0-9a-f]{64}$' then 'its id is no hash' end,
          case when expires_at > absolute_expires_at or absolute_expires_at > created_at + interval '30 days' then 'it lasts too long' end) problem
        from sessions where id_hash !~ '^[0-9a-f]{64}$' or expires_at > absolute_expires_at
          or absolute_expires_at > created_at + interval '30 days'`,
      todo: 'Delete the session: whoever has it signs in again.',
    },
    {
      id: 'I43',
      name: 'A mailed link is kept as a hash only; one for a forgotten password lasts an hour, any other a week.',
      when: 'always',
      query: () => sql`
        select 'link ' || id subject, concat_ws('; ', case when octet_length(token_hash) <> 32 then 'it is no hash' end,
          format('valid for %s', expires_at - created_at)) problem
        from auth_tokens where octet_length(token_hash) <> 32 or expires_at > created_at
          + case purpose when 'RESET_PASSWORD' then interval '1 hour' else interval '7 days' end`,
      todo: 'Delete the link: its user asks for another.',
    },
  ],
}

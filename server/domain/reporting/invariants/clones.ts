import { sql } from 'drizzle-orm'
import { type Story, secondsAgo, writtenSince } from './invariant'
import { standing, touchedPayment } from './standing'

/** Whether it was bought again is asked of all payments. */
const EVERYTHING = { now: new Date(0), since: null, afterTransfer: null }

export const clones: Story = {
  story: 'clones',
  todo: 'Make the missing copy with “Copy a workspace by hand” for that payment, or refund it; a copy nobody paid for stays, and is looked into.',
  invariants: [
    {
      id: 'I19',
      name: 'A minute after a workspace was paid for, its buyer has the copy.',
      when: 'within 60',
      query: (scope) => sql`
        select 'payment ' || p.id subject, format('paid at %s, and no copy', p.paid_at) problem
        from payments p left join workspace_clones c on c.payment_id = p.id
        where p.type = 'WORKSPACE_PURCHASE' and p.status = 'CAPTURED' and c.id is null
          and p.paid_at < ${secondsAgo(60, scope)} and ${touchedPayment(scope)}`,
    },
    {
      id: 'I20',
      name: 'No copy without a captured payment, or an admin’s reason.',
      when: 'always',
      query: (scope) => sql`
        select 'clone ' || c.id subject, coalesce('its payment is ' || p.status, 'it has neither payment nor reason') problem
        from workspace_clones c left join payments p on p.id = c.payment_id
        where ${writtenSince(sql`c.created_at`, scope)} and (p.status in ('PENDING', 'FAILED')
          or (p.id is null and (c.payment_id is not null or c.reason is null)))`,
    },
    {
      id: 'I21',
      name: 'A payment makes one copy.',
      when: 'always',
      query: () => sql`
        select 'payment ' || payment_id subject, format('%s copies', count(*)) problem
        from workspace_clones where payment_id is not null group by payment_id having count(*) > 1`,
    },
    {
      id: 'I22',
      name: 'A copy nobody has touched has every funnel and page that was copied, each with its content.',
      when: 'quiet',
      query: (scope) => sql`
        select 'workspace ' || w.public_id subject, format('%s funnels and %s pages instead of %s and %s', f.n, p.n, c.funnels_cloned, c.pages_cloned) problem
        from workspace_clones c join workspaces w on w.id = c.copy_workspace_id and w.updated_at = w.created_at
          left join lateral (select count(*) n from funnels where workspace_id = w.id) f on true
          left join lateral (select count(*) n from pages p join page_contents h on h.hash = p.content_hash
            where p.workspace_id = w.id and p.origin_hash = p.content_hash) p on true
        where ${writtenSince(sql`c.created_at`, scope)} and (f.n <> c.funnels_cloned or p.n <> c.pages_cloned)`,
    },
    {
      id: 'I23',
      name: 'A copy is its buyer’s, made of the workspace that was bought, from its seller.',
      when: 'always',
      query: (scope) => sql`
        select 'clone ' || c.id subject, concat_ws('; ',
          case when w.id is null then 'the copy is not there' end,
          case when c.buyer_id <> p.buyer_id or w.owner_id <> p.buyer_id then 'it is not its buyer''s' end,
          case when c.source_workspace_id <> p.workspace_id then 'it is of another workspace than was bought' end,
          case when w.source_id is distinct from c.source_workspace_id then 'the copy names another source' end,
          case when c.seller_id <> p.seller_id then 'it names another seller' end) problem
        from workspace_clones c left join workspaces w on w.id = c.copy_workspace_id left join payments p on p.id = c.payment_id
        where ${writtenSince(sql`c.created_at`, scope)} and (w.id is null or c.buyer_id <> p.buyer_id or w.owner_id <> p.buyer_id
          or c.source_workspace_id <> p.workspace_id or w.source_id is distinct from c.source_workspace_id or c.seller_id <> p.seller_id)`,
    },
    {
      id: 'K1',
      name: 'A copy is frozen exactly while its payment is given back or disputed, and its buyer has not bought it again since.',
      when: 'always',
      query: (scope) => sql`
        select 'workspace ' || w.public_id subject, format('it is %s and its payment %s', w.status, s.status) problem
        from ${standing(scope)} s join workspace_clones c on c.payment_id = s.id join workspaces w on w.id = c.copy_workspace_id
          left join lateral (select max(t.created_at) at from ledger_transfers t where t.reference_type = 'payment'
            and t.reference_id = s.id::text and t.kind = 'payment_refunded') back on true
        where w.status in ('ACTIVE', 'FROZEN') and s.captured_amount > 0 and (w.status = 'FROZEN') <> (s.frozen and (s.disputed
          or not exists (select from workspace_clones again join ${standing(EVERYTHING)} o on o.id = again.payment_id
            where again.buyer_id = c.buyer_id and again.source_workspace_id = c.source_workspace_id and not o.frozen
              and o.paid_at > coalesce(back.at, s.paid_at))))`,
    },
  ],
}

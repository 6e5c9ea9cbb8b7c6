import { sql } from 'drizzle-orm'
import { type Story, writtenSince } from './invariant'

export const workspaces: Story = {
  story: 'workspaces',
  todo: 'Restore what is missing from the last backup, or by an import of the export its owner has.',
  invariants: [
    {
      id: 'I46',
      name: 'Every workspace has an owner, who is its owner among its members too; the rows of a release have no members.',
      when: 'always',
      query: (scope) => sql`
        select 'workspace ' || w.public_id subject, case when u.id is null then 'its owner is not there' else 'its owner is no member' end problem
        from workspaces w left join users u on u.id = w.owner_id
          left join workspace_members m on m.workspace_id = w.id and m.user_id = w.owner_id and m.role = 'OWNER'
        where (u.id is null or (m.user_id is null and w.status::text <> 'RELEASE')) and ${writtenSince(sql`w.updated_at`, scope)}`,
    },
    {
      id: 'I47',
      name: 'Every page has its funnel and its content.',
      when: 'always',
      query: (scope) => sql`
        select format('page %s of workspace %s', p.page_no, p.workspace_id) subject,
          case when f.slug is null then 'its funnel is not there' else 'its content is not there' end problem
        from pages p left join funnels f on f.workspace_id = p.workspace_id and f.funnel_no = p.funnel_no
          left join page_contents c on c.hash = p.content_hash
        where (f.slug is null or c.hash is null) and ${writtenSince(sql`p.updated_at`, scope)}`,
    },
    {
      id: 'S1',
      name: 'No address leads to two workspaces.',
      when: 'always',
      query: () => sql`
        select 'workspace ' || slug subject, format('%s have this slug', count(*)) problem
        from workspaces group by slug having count(*) > 1`,
    },
  ],
}

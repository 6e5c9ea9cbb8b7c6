import { sql } from 'drizzle-orm'
import { proveStory } from '../../../../db/testing/plant'
import { workspaces } from './workspaces'

proveStory(workspaces.invariants, {
  I46: [sql`delete from workspace_members`],
  I47: [sql`delete from page_contents`],
  S1: [
    sql`alter table workspaces drop constraint workspaces_slug_unique`,
    sql`update workspaces set slug = 'the-same'`,
  ],
})

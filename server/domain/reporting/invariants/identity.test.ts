import { sql } from 'drizzle-orm'
import { proveStory } from '../../../../db/testing/plant'
import { identity } from './identity'

proveStory(identity.invariants, {
  I39: [sql`alter table activity_log disable trigger activity_log_append_only`],
  I40: [
    sql`alter table users drop constraint users_email_unique`,
    sql`update users set email = 'one@example.test'`,
  ],
  I41: [
    sql`alter table users drop constraint users_password_argon2id`,
    sql`update users set password_hash = 'in the clear'`,
  ],
  I42: [sql`update sessions set absolute_expires_at = created_at + interval '31 days'`],
  I43: [sql`update auth_tokens set expires_at = created_at + interval '8 days'`],
})

import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { APPLICATION_ROLE } from './client'

/**
 * Brings a database up to date, as the user the address names (its owner, not the application's role).
 * Any number of processes may call it at once: one works, the others wait and find nothing to do.
 */
export const migrateDatabase = async (url: string, migrationsFolder: string): Promise<void> => {
  const client = postgres(url, { max: 1, onnotice: () => {}, connection: { lock_timeout: 60_000 } })
  try {
    await client`select pg_advisory_lock(hashtextextended('offshoot:migrate', 0))`
    await migrate(drizzle(client), { migrationsFolder })
    await client.unsafe(`grant usage on schema drizzle to ${APPLICATION_ROLE}`)
    await client.unsafe(`grant select on all tables in schema drizzle to ${APPLICATION_ROLE}`)
  } finally {
    await client.end({ timeout: 5 })
  }
}

import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import * as schema from './schema'

export type Schema = typeof schema
export type Db = PostgresJsDatabase<Schema>
/** A transaction's handle: what `db.transaction` hands to its callback. */
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

export interface DatabaseAddress {
  /** postgres://… */
  readonly url: string
  /** Who signs in there, if not the user the URL names. */
  readonly login?: DatabaseLogin
  /** A pooler stands there that hands out another session for each transaction. */
  readonly pooled?: boolean
}

export interface DatabaseLogin {
  readonly user: string
  readonly password: string
  readonly database: string
}

/**
 * The role the application works as: it can add to the ledger through one function and change nothing of it.
 * Its sessions are signed in as that role, or as a member of it that is nothing else (see login.ts).
 */
export const APPLICATION_ROLE = 'offshoot_app'

export interface Connection {
  readonly db: Db
  /** Ends the pool; waits at most `seconds` (5) for queries under way. */
  readonly close: (seconds?: number) => Promise<void>
}

/**
 * A pool of connections as the application's role.
 * With `patience`, it waits no longer than so many seconds for the server to answer. Time-outs (milliseconds) keep a stuck transaction from holding its locks for ever. Behind a pooler they are the login's own (docs/deploy.md), and so is the role.
 */
export const connect = (
  { url, login, pooled = false }: DatabaseAddress,
  options: { max?: number; role?: string | null; statementTimeout?: number; patience?: number } = {},
): Connection => {
  const role = options.role === undefined ? APPLICATION_ROLE : options.role
  const client = postgres(url, {
    ...login,
    max: options.max ?? 10,
    onnotice: () => {},
    connect_timeout: options.patience ?? 10,
    // Nothing may be prepared in a session that is another's with the next transaction, or set when it begins.
    prepare: !pooled,
    connection: {
      application_name: 'offshoot',
      TimeZone: 'UTC',
      ...(pooled
        ? {}
        : {
            idle_in_transaction_session_timeout: 30_000,
            statement_timeout: options.statementTimeout ?? 60_000,
            lock_timeout: 20_000,
            ...(role === null ? {} : { role }),
          }),
    },
  })
  return { db: drizzle(client, { schema }), close: (seconds = 5) => client.end({ timeout: seconds }) }
}

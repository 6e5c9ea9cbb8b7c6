import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client'
import type { Config } from './config'
import { DomainError, isDatabaseAway, sqlState } from './errors'
import type { MailTransport, PaymentProvider, PictureService, Post } from './ports'

/** Who asks. Seller, buyer and affiliate are not actors but what a user does. */
export type Actor =
  | { readonly kind: 'visitor' }
  | ({ readonly kind: 'user' } & Person)
  | ({ readonly kind: 'admin' } & Person)
  | { readonly kind: 'job'; readonly name: string }
  | { readonly kind: 'webhook'; readonly provider: string }

export interface Person {
  readonly userId: string
  readonly organizationId: string
  readonly email: string
}

/** All that is not this process and its database. */
export interface Outside {
  readonly random: (bytes: number) => Buffer
  readonly mail: MailTransport
  /** The payment providers that are on, by name, the default one first. */
  readonly payments: ReadonlyMap<string, PaymentProvider>
  readonly pictures: PictureService
  /** To the programs of users. */
  readonly post: Post
  /** Tells this process's worker, after a commit, that there may be something to do. */
  readonly wake: () => void
}

/** Who asks, when, through which connection, with which outside world. The only thing a verb gets besides its input. */
export interface Context {
  readonly db: Db | Tx
  /** A copy of the database that may lag behind; see `readLagging`. Missing: there is none. */
  readonly replica?: Db | undefined
  readonly actor: Actor
  readonly now: () => Date
  readonly outside: Outside
  readonly config: Config
}

const isTransaction = (db: Db | Tx): db is Tx => 'rollback' in db

const RETRIED = new Set(['40001', '40P01'])

/**
 * One transaction; nested calls join as savepoints. The outermost is tried again, up to five times, on a
 * serialization failure or deadlock, so `work` must have no effect but on the database.
 */
export const inTransaction = async <T>(ctx: Context, work: (ctx: Context) => Promise<T>): Promise<T> => {
  if (isTransaction(ctx.db)) return ctx.db.transaction((db) => work({ ...ctx, db }))
  for (let attempt = 1; ; attempt += 1) {
    try {
      const result = await ctx.db.transaction((db) => work({ ...ctx, db }))
      ctx.outside.wake()
      return result
    } catch (error) {
      if (attempt >= 5 || !RETRIED.has(sqlState(error) ?? '')) throw error
      await new Promise((resume) => setTimeout(resume, attempt * 10 + (ctx.outside.random(1)[0] ?? 0) / 10))
    }
  }
}

/**
 * Reads at one moment, however many statements that takes, for as long as it takes (up to half an hour). In a
 * transaction, it reads what that sees.
 */
export const inSnapshot = async <T>(ctx: Context, read: (ctx: Context) => Promise<T>): Promise<T> => {
  if (isTransaction(ctx.db)) return read(ctx)
  return ctx.db.transaction(
    async (db) => {
      await db.execute(
        sql`select set_config('statement_timeout', '30min', true), set_config('jit', 'off', true)`,
      )
      return read({ ...ctx, db })
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )
}

/**
 * Reads what may be some seconds old from the replica, if there is one; from the database itself in a transaction, and
 * when the replica is away or had to give the query up. `read` must have no effect.
 */
export const readLagging = async <T>(ctx: Context, read: (ctx: Context) => Promise<T>): Promise<T> => {
  if (ctx.replica === undefined || isTransaction(ctx.db)) return read(ctx)
  try {
    return await read({ ...ctx, db: ctx.replica })
  } catch (error) {
    if (!isDatabaseAway(error) && !RETRIED.has(sqlState(error) ?? '')) throw error
    return read(ctx)
  }
}

/** The signed-in person, or a 401. */
export const signedIn = (ctx: Context): Person => {
  if (ctx.actor.kind === 'user' || ctx.actor.kind === 'admin') return ctx.actor
  throw new DomainError(401, 'SIGN_IN_REQUIRED', 'Sign in to go on.')
}

/** A new row's id: a UUID of version 7 (RFC 9562), ordered by time. */
export const newId = (ctx: Pick<Context, 'now' | 'outside'>): string => {
  const bytes = Buffer.from(ctx.outside.random(16))
  bytes.writeUIntBE(ctx.now().getTime(), 0, 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The real sources of time and randomness, for the composition root. */
export const systemClock = () => new Date()
export const systemRandom = (bytes: number) => randomBytes(bytes)

import type { Db, Tx } from '../../../db/client'

/** What every part of the sandbox works with. */
export interface World {
  readonly db: Db | Tx
  readonly now: () => Date
  /** The real time, where `now` is that of subscriptions: by it events are told. */
  readonly real?: () => Date
  readonly random: (bytes: number) => Buffer
  /** Where events are sent. */
  readonly webhookUrl: string
  /** Where the hosted pages are, without a trailing slash. */
  readonly pagesUrl: string
}

/** An object of Stripe's interface, as it is answered. */
export interface StripeObject {
  readonly id: string
  readonly object: string
  readonly [member: string]: unknown
}

export const API_VERSION = '2026-10-28.endive'

/** Unix seconds. */
export const seconds = (at: Date): number => Math.floor(at.getTime() / 1000)

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A new id: the prefix and 24 random letters or digits. */
export const newRef = (world: Pick<World, 'random'>, prefix: string): string =>
  `${prefix}_${[...world.random(24)].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`

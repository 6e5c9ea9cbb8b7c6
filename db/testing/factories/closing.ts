import { eq, sql } from 'drizzle-orm'
import { sendMail } from '../../../server/domain/notification'
import {
  approveWithdrawal,
  closeAccount,
  createAdjustment,
  markPaid,
  requestWithdrawal,
} from '../../../server/domain/payout'
import { type Context, newId } from '../../../server/kit/context'
import { mails, users } from '../../schema'
import { type TestContext, testClock, testContext } from '../context'
import type { TestDatabase } from '../database'
import { type MadeUser, makeUser, TEST_PASSWORD } from './identity'
import { makeOffer } from './payment'
import { givenMethod, PAYPAL } from './payout'

/** What the tests of closing accounts begin with, on a database of theirs. */
export const closingWorld = (database: TestDatabase) => {
  const given = () => testContext(database.db, { clock: testClock(new Date('2025-11-20T12:00:00.000Z')) })

  /** Closes the account and sends the last mail, if there is one. */
  const close = async (as: Context): Promise<void> => {
    await closeAccount(as, { password: TEST_PASSWORD, confirmation: 'close my account' })
    const last = await database.db.select().from(mails).where(eq(mails.template, 'account-closed'))
    for (const { id } of last) await sendMail(as, id)
  }

  const rowOf = async (id: string) => {
    const [user] = await database.db.select().from(users).where(eq(users.id, id))
    if (user === undefined) throw new Error('the row is gone')
    return user
  }

  /** Somebody with a name that is nobody else's, and what they sell. */
  const givenSeller = async (ctx: TestContext) => {
    const mark = newId(ctx).slice(-8)
    const offer = await makeOffer(ctx)
    const { seller } = offer
    await database.db
      .update(users)
      .set({ firstName: `Zoraide${mark}`, lastName: 'O’Neil (x+y)' })
      .where(eq(users.id, seller.id))
    const as = ctx.as(seller.actor)
    await givenMethod(as, PAYPAL)
    return { ...offer, as, name: `Zoraide${mark} O’Neil (x+y)` }
  }

  const paidOut = async (ctx: TestContext, as: TestContext, amount: number) => {
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    const { id } = await requestWithdrawal(as, { amount, currency: 'USD' })
    await approveWithdrawal(admin, { id })
    await markPaid(admin, { id, reference: 'batch 7' })
    return { id, admin }
  }

  /** Takes all that somebody has out of their balance, as an admin would who paid it by hand. */
  const clear = async (ctx: TestContext, user: MadeUser) => {
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    const rows = await database.db.execute<{ currency: string; balance: string }>(
      sql`select currency, balance::text from ledger_accounts where user_id = ${user.id} and kind = 'available' and balance <> 0`,
    )
    for (const { currency, balance } of rows)
      await createAdjustment(admin, {
        userId: user.id,
        amount: -Number(balance),
        currency,
        reason: 'Paid by hand',
      })
  }

  /** Every table in which a text still stands; issued statements are kept as they are. */
  const traces = async (text: string): Promise<string[]> => {
    const tables = await database.db.execute<{ name: string }>(
      sql`select table_name as name from information_schema.tables
        where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not in ('issued_statements', 'state_transitions')
          and has_table_privilege(format('%I.%I', table_schema, table_name), 'select')`,
    )
    const found: string[] = []
    for (const { name } of tables) {
      const rows = await database.db.execute(
        sql`select 1 from ${sql.identifier(name)} t where position(lower(${text}) in lower(t::text)) > 0 limit 1`,
      )
      if (rows.length > 0) found.push(name)
    }
    return found
  }

  /** Until somebody stands at a lock. @returns the process that waits */
  const waiting = async (): Promise<number> => {
    for (;;) {
      const [row] = await database.owner.execute<{ pid: number }>(
        sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      if (row !== undefined) return row.pid
    }
  }

  return { given, close, rowOf, givenSeller, paidOut, clear, traces, waiting }
}

/** What a verb was refused with; null: it was not. */
export const refusalOf = async (work: Promise<unknown>): Promise<[status: number, code: string] | null> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown as { status: number; code: string },
  )
  return error === null ? null : [error.status, error.code]
}

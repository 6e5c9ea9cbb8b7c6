import { sql } from 'drizzle-orm'
import { beforeAll, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeBareWorkspace, makePayment, makeSeller } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import type { Page } from '../../kit/pages'
import { salesHistory } from '../affiliate'
import { listAllPayments, listPurchases } from '.'

const database = useDatabase({ broken: 'has a hundred thousand payments that nobody made' })
let ctx: TestContext
let seller: MadeUser
let buyer: MadeUser

beforeAll(async () => {
  ctx = testContext(database.db)
  seller = await makeSeller(ctx)
  buyer = await makeUser(ctx)
  const workspace = await makeBareWorkspace(ctx, seller.id)
  const { id } = await makePayment(ctx, { buyerId: buyer.id, sellerId: seller.id, workspaceId: workspace.id })
  await database.owner.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`)
    await tx.execute(sql`
      insert into payments select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(),
        'external_id', n::text, 'paid_at', p.paid_at - n * interval '1 minute'))).*
      from payments p, generate_series(1, 100000) n where p.id = ${id}`)
    await tx.execute(sql`analyze payments`)
  })
})

/** How many rows of payments were read, and how many of them one after the other from end to end. */
const reading = (work: (tx: TestContext) => Promise<Page<unknown>>) =>
  database.db.transaction(async (tx) => {
    const counts = sql<{
      rows: string
      scanned: string
    }>`select (seq_tup_read + idx_tup_fetch)::int "rows", seq_tup_read::int scanned
      from pg_stat_xact_user_tables where relid = 'payments'::regclass`
    const [before] = await tx.execute<{ rows: number; scanned: number }>(counts)
    const page = await work({ ...ctx, db: tx } as TestContext)
    const [after] = await tx.execute<{ rows: number; scanned: number }>(counts)
    return {
      page,
      rows: (after?.rows ?? 0) - (before?.rows ?? 0),
      scanned: (after?.scanned ?? 0) - (before?.scanned ?? 0),
    }
  })

const LISTS = {
  'of all payments': (tx: TestContext, cursor?: string) => listAllPayments(tx, { limit: 20, cursor }),
  'of purchases': (tx: TestContext, cursor?: string) =>
    listPurchases({ ...tx, actor: buyer.actor }, { limit: 20, cursor }),
  'of sales': (tx: TestContext, cursor?: string) =>
    salesHistory({ ...tx, actor: seller.actor }, { limit: 20, cursor }),
}

/** Where a list goes on in the middle of it. */
const middle = async () => {
  const [row] = await database.db.execute<{ at: string; id: string }>(
    sql`select to_char(paid_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') at, id from payments order by paid_at offset 50000 limit 1`,
  )
  return Buffer.from(`${row?.at}|${row?.id}`).toString('base64url')
}

it.each(Object.entries(LISTS))(
  'a page of the list %s reads its rows alone, at the top and deep down, of a hundred thousand',
  async (_, list) => {
    for (const cursor of [undefined, await middle()]) {
      const { page, rows, scanned } = await reading((tx) => list(tx, cursor))
      expect(page.items).toHaveLength(20)
      expect(page.nextCursor).not.toBeNull()
      expect(scanned).toBe(0)
      expect(rows).toBeLessThanOrEqual(25)
    }
  },
)

it.each(Object.entries(LISTS))('a cursor of another list than that %s is a 400', async (_, list) => {
  const cursor = Buffer.from('2026-11-21T12:00:00.000Z|7').toString('base64url')
  await expect(list(ctx, cursor)).rejects.toMatchObject({ status: 400 })
})

import { count, eq, isNotNull, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { verifyLedger } from '../../server/domain/balance'
import { signIn } from '../../server/domain/identity'
import { NewPassword } from '../../server/domain/identity/schemas'
import { exportWorkspace } from '../../server/domain/workspace'
import {
  activityLog,
  attributions,
  commissions,
  globalThemes,
  jobs,
  mails,
  orders,
  pageContents,
  payments,
  subscriptions,
  users,
  workspaceClones,
  workspaces,
} from '../schema'
import { testContext } from '../testing/context'
import { useDatabase } from '../testing/database'
import { DEMO_SIGN_INS, seedDemo, seedPlatform } from '.'
import { DEMO_WORKSPACES } from './content'

const database = useDatabase()

const TABLES = [
  activityLog,
  attributions,
  commissions,
  globalThemes,
  jobs,
  orders,
  pageContents,
  payments,
  subscriptions,
  users,
  workspaceClones,
  workspaces,
]

const counts = async () => {
  const found: number[] = []
  for (const table of TABLES) found.push((await database.db.select({ n: count() }).from(table))[0]?.n ?? 0)
  return found
}

describe('the demo', () => {
  it('is made once by two processes at once, and a third time changes nothing', async () => {
    const ctx = testContext(database.db)
    await Promise.all([seedDemo(ctx), seedDemo(ctx)])
    const first = await counts()
    await seedDemo(ctx)
    expect(await counts()).toEqual(first)
    const [sold] = await database.db.select({ n: count() }).from(payments)
    expect(sold?.n).toBe(12)
  })

  it('leaves books that hold, with every sale fulfilled and every share credited', async () => {
    const ctx = testContext(database.db)
    await seedDemo(ctx)
    expect(await verifyLedger(ctx)).toMatchObject({ violations: [] })
    const statuses = await database.db.selectDistinct({ status: orders.status }).from(orders)
    expect(statuses).toEqual([{ status: 'FULFILLED' }])
    const byKind = await database.db
      .select({ kind: commissions.kind, n: count() })
      .from(commissions)
      .where(isNotNull(commissions.creditedAt))
      .groupBy(commissions.kind)
    expect(Object.fromEntries(byKind.map(({ kind, n }) => [kind, n]))).toEqual({ SALE: 12, REFERRAL: 4 })
    const [copies] = await database.db.select({ n: count() }).from(workspaceClones)
    expect(copies?.n).toBe(12)
  })

  it('sends no mail, and leaves none to be sent', async () => {
    await seedDemo(testContext(database.db))
    expect(await database.db.select().from(mails)).toEqual([])
    expect(await database.db.select().from(jobs).where(eq(jobs.kind, 'mail.send'))).toEqual([])
  })

  it('lets everybody it names sign in', async () => {
    const ctx = testContext(database.db)
    await seedDemo(ctx)
    for (const { email, password } of DEMO_SIGN_INS) {
      expect(NewPassword.safeParse(password).success).toBe(true)
      expect((await signIn(ctx, { email, password })).user.email).toBe(email)
    }
  })

  it('keeps contents, order and links of what was written, and tells nothing of the past as being today', async () => {
    const ctx = testContext(database.db)
    await seedDemo(ctx)
    const [nora] = await database.db.select().from(users).where(eq(users.email, 'nora@offshoot.example'))
    const [own] = await database.db
      .select()
      .from(workspaces)
      .where(eq(workspaces.ownerId, nora?.id ?? ''))
    const document = await exportWorkspace(
      ctx.as({ kind: 'user', userId: nora?.id ?? '', organizationId: nora?.organizationId ?? '', email: '' }),
      own?.publicId ?? '',
    )
    const written = DEMO_WORKSPACES.coaching
    expect(document.funnels.map(({ slug }) => slug)).toEqual(written.funnels.map(({ slug }) => slug))
    expect(document.funnels.flatMap((funnel) => funnel.pages.map(({ name }) => name))).toEqual(
      written.funnels.flatMap((funnel) => funnel.pages.map(({ name }) => name)),
    )
    const [late] = await database.db
      .select({ n: count() })
      .from(payments)
      .where(sql`${payments.paidAt} > ${ctx.now().toISOString()}::timestamptz - interval '2 days'`)
    expect(late?.n).toBe(0)
  })
})

describe('the platform', () => {
  it('has its themes once, and keeps those an admin changed', async () => {
    const ctx = testContext(database.db)
    await seedPlatform(ctx)
    await database.db.update(globalThemes).set({ name: 'Noon' }).where(eq(globalThemes.key, 'daylight'))
    await seedPlatform(ctx)
    const themes = await database.db.select().from(globalThemes).orderBy(globalThemes.key)
    expect(themes.map(({ key, name }) => [key, name])).toEqual([
      ['daylight', 'Noon'],
      ['midnight', 'Midnight'],
    ])
  })
})

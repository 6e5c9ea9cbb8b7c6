import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { funnels, workspaces } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { cloneReport } from './clone-report'
import { cloneWorkspace } from './clone-workspace'
import { createWorkspace } from './create-workspace'

const database = useDatabase()

const gift = async (size: { funnels?: number } = {}) => {
  const ctx = testContext(database.db)
  const { seller, workspace, as: asSeller } = await makeSellerWithWorkspace(ctx, size)
  const buyer = await makeUser(ctx)
  const [source] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, workspace.id))
  ctx.clock.advance(1_000)
  const { clonedWorkspaceId } = await cloneWorkspace(ctx, {
    sourceId: source?.id ?? 0n,
    sellerId: seller.id,
    buyerId: buyer.id,
    reason: 'gift',
  })
  return { ctx, asSeller, as: ctx.as(buyer.actor), seller, source: workspace, copyId: clonedWorkspaceId }
}

test('the owner of a copy is told where it came from, what came with it and what to enter', async () => {
  const { ctx, as, seller, copyId } = await gift()
  const report = await cloneReport(as, copyId)
  expect(report).toMatchObject({
    copiedAt: ctx.now().toISOString(),
    from: `${seller.firstName} ${seller.lastName}`,
    bought: false,
    funnels: 2,
    pages: 6,
  })
  for (const list of [report?.copied, report?.reset, report?.notCopied]) expect(list).not.toEqual([])
  expect(report?.needsInput.map((line) => line.split(':')[0])).toEqual(['Tracking', 'Password', 'Settings'])
})

test('what was entered since is no longer asked for', async () => {
  const { as, copyId } = await gift()
  const [copy] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, copyId))
  await database.db
    .update(funnels)
    .set({ tracking: { googleAnalyticsId: 'G-9' }, passwordProtected: true, passwordHash: 'x' })
    .where(eq(funnels.workspaceId, copy?.id ?? 0n))
  const report = await cloneReport(as, copyId)
  expect(report?.needsInput.map((line) => line.split(':')[0])).toEqual(['Settings'])
})

test('a copy without funnels needs nothing', async () => {
  const { as, copyId } = await gift({ funnels: 0 })
  expect(await cloneReport(as, copyId)).toMatchObject({ funnels: 0, pages: 0, needsInput: [] })
})

test('a workspace that is no copy has no report; the seller gets none of the copy', async () => {
  const { ctx, as, asSeller, source, copyId } = await gift()
  expect(await cloneReport(asSeller, source.id)).toBeNull()
  expect(await cloneReport(as, (await createWorkspace(as, { name: 'Mine' })).id)).toBeNull()
  const missing = { status: 404, code: 'WORKSPACE_NOT_FOUND' }
  await expect(cloneReport(asSeller, copyId)).rejects.toMatchObject(missing)
  await expect(cloneReport(ctx, copyId)).rejects.toMatchObject({ status: 401 })
})

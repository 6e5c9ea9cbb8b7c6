import { eq, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { workspaces } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { cloneWorkspace } from './clone-workspace'
import { readWorkspace } from './queries'
import { readUpdate } from './read-update'
import { makeRelease } from './releases'
import { changeFunnel, createPage, duplicateFunnel, duplicatePage } from './structure'
import { takeUpdate } from './take-update'

const database = useDatabase({ max: 8 })

const rowOf = async (publicId: string) => {
  const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, publicId))
  if (row === undefined) throw new Error('there is no such workspace')
  return row
}

/** A seller's workspace with a release, and a copy of it whose owner makes funnels and pages of their own. */
const given = async () => {
  const ctx = testContext(database.db)
  const { as: seller, workspace } = await makeSellerWithWorkspace(ctx)
  const source = await rowOf(workspace.id)
  const buyer = await makeUser(ctx, { plan: 'AGENCY' })
  const as = ctx.as(buyer.actor)
  const release = async () => {
    ctx.clock.advance(1)
    await makeRelease(seller, { workspaceId: workspace.id, notes: '' })
  }
  await release()
  const { clonedWorkspaceId: workspaceId } = await cloneWorkspace(ctx, {
    sourceId: source.id,
    buyerId: buyer.id,
    sellerId: source.ownerId,
    reason: 'a test',
  })
  const look = (choices?: Record<string, string>) => readUpdate(as, { workspaceId, choices })
  const take = async (choices?: Record<string, string>) => {
    ctx.clock.advance(1)
    return takeUpdate(as, { workspaceId, seen: (await look(choices)).update?.seen ?? '', choices })
  }
  const funnelsNow = async () => (await readWorkspace(as, workspaceId)).funnels
  return {
    seller,
    sourceId: workspace.id,
    as,
    workspaceId,
    release,
    look,
    take,
    funnelsNow,
    idOf: async (name: string) => (await funnelsNow()).find((funnel) => funnel.name === name)?.id ?? '',
  }
}

test('what a release brings goes to the funnel that was bought, not to the owner’s duplicate of it', async () => {
  const { seller, sourceId, as, workspaceId, release, take, funnelsNow, idOf } = await given()
  const names = (await funnelsNow()).map(({ name }) => name)
  const { funnelId } = await duplicateFunnel(as, { workspaceId, funnelId: '1' })
  await duplicatePage(as, { workspaceId, pageId: 'p1' })
  await changeFunnel(seller, { workspaceId: sourceId, funnelId: '1', name: 'Renamed' })
  await createPage(seller, { workspaceId: sourceId, funnelId: '1', name: 'New page' })
  await release()
  await take()
  expect((await funnelsNow()).map(({ name }) => name)).toEqual(['Renamed', names[1], `${names[0]} (copy)`])
  expect(await idOf('Renamed')).toBe('1')
  const inFunnel = async (id: string) => (await funnelsNow()).find((one) => one.id === id)?.pages ?? []
  expect((await inFunnel('1')).map(({ name }) => name)).toContain('New page')
  expect((await inFunnel(funnelId)).map(({ name }) => name)).not.toContain('New page')
})

test('a duplicate made before, which still says where it comes from, is left out of updates too', async () => {
  const { seller, sourceId, as, workspaceId, release, take, idOf } = await given()
  const { funnelId } = await duplicateFunnel(as, { workspaceId, funnelId: '1' })
  const { id } = await rowOf(workspaceId)
  await database.db.execute(sql`update funnels set origin_no = 1
    where workspace_id = ${id.toString()}::bigint and funnel_no = ${Number(funnelId)}`)
  await changeFunnel(seller, { workspaceId: sourceId, funnelId: '1', name: 'Renamed' })
  await release()
  await take()
  expect(await idOf('Renamed')).toBe('1')
})

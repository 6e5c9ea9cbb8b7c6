import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { workspaceMembers, workspaces } from '../../../../db/schema'
import { type TestContext, testContext } from '../../../../db/testing/context'
import { useDatabase } from '../../../../db/testing/database'
import { makeUser } from '../../../../db/testing/factories/identity'
import { sampleDocument } from '../../../../db/testing/factories/workspace'
import { generateAffiliateLink } from '../../affiliate'
import { deleteWorkspace } from '../delete-workspace'
import { exportWorkspace } from '../export-workspace'
import { importWorkspace } from '../import-workspace'
import { GIVEN_ROLES, type GivenRole, PERMISSIONS, type Permission } from '../permissions'
import { getWorkspace, readPage, readWorkspace } from '../queries'
import { readUpdate } from '../read-update'
import { makeRelease } from '../releases'
import {
  changeFunnel,
  createFunnel,
  createPage,
  deleteFunnel,
  deletePage,
  duplicateFunnel,
  duplicatePage,
  moveFunnel,
  movePage,
  readFunnelSettings,
} from '../structure'
import { takeUpdate, undoUpdate } from '../take-update'
import { updatePage } from '../update-page'
import { updateWorkspace } from '../update-workspace'
import { changeMember } from './change-member'
import { makeInviteLink } from './invite-links'
import { inviteMember, offerOwnership } from './invite-member'
import { listMembers } from './list-members'

const database = useDatabase()
const missing = { status: 404, code: 'WORKSPACE_NOT_FOUND' }
const forbidden = { status: 403, code: 'NOT_PERMITTED' }

const given = async () => {
  const ctx = testContext(database.db)
  const as = ctx.as((await makeUser(ctx, { plan: 'AGENCY' })).actor)
  const { id } = await importWorkspace(as, sampleDocument({ funnels: 1, pagesPerFunnel: 2 }))
  return { ctx, as, id }
}
const joined = async ({ ctx, id }: Awaited<ReturnType<typeof given>>, role: GivenRole) => {
  const member = await makeUser(ctx)
  const row = await database.db.query.workspaces.findFirst({ where: eq(workspaces.publicId, id) })
  await database.db
    .insert(workspaceMembers)
    .values({ workspaceId: row?.id ?? 0n, userId: member.id, role, createdAt: ctx.now() })
  return { member, me: ctx.as(member.actor) }
}
/** A verb that had nothing to do was permitted all the same. */
const permission = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => (error.code === 'NOT_PERMITTED' ? 'NOT_PERMITTED' : 'done'),
  )

describe('each verb asks the permission', () => {
  /** What needs which; each can be done again and again. */
  const VERBS: Readonly<
    Record<
      string,
      { needs: Permission | 'view' | 'OWNER'; ask: (as: TestContext, id: string) => Promise<unknown> }
    >
  > = {
    read: { needs: 'view', ask: readWorkspace },
    page: { needs: 'view', ask: (as, id) => readPage(as, { workspaceId: id, funnelId: '1', pageId: 'p1' }) },
    members: { needs: 'view', ask: listMembers },
    createFunnel: {
      needs: 'funnels.create',
      ask: (as, id) => createFunnel(as, { workspaceId: id, name: 'Another' }),
    },
    duplicateFunnel: {
      needs: 'funnels.create',
      ask: (as, id) => duplicateFunnel(as, { workspaceId: id, funnelId: '1' }),
    },
    deleteFunnel: {
      needs: 'funnels.delete',
      ask: (as, id) => deleteFunnel(as, { workspaceId: id, funnelId: '99' }),
    },
    changeFunnel: {
      needs: 'funnels.edit',
      ask: (as, id) => changeFunnel(as, { workspaceId: id, funnelId: '1', name: 'Changed' }),
    },
    moveFunnel: {
      needs: 'funnels.edit',
      ask: (as, id) => moveFunnel(as, { workspaceId: id, funnelId: '1' }),
    },
    funnelSettings: {
      needs: 'funnels.edit',
      ask: (as, id) => readFunnelSettings(as, { workspaceId: id, funnelId: '1' }),
    },
    createPage: {
      needs: 'pages.edit',
      ask: (as, id) => createPage(as, { workspaceId: id, funnelId: '1', name: 'Another' }),
    },
    duplicatePage: {
      needs: 'pages.edit',
      ask: (as, id) => duplicatePage(as, { workspaceId: id, pageId: 'p1' }),
    },
    movePage: { needs: 'pages.edit', ask: (as, id) => movePage(as, { workspaceId: id, pageId: 'p1' }) },
    deletePage: { needs: 'pages.edit', ask: (as, id) => deletePage(as, { workspaceId: id, pageId: 'p99' }) },
    readUpdate: { needs: 'OWNER', ask: (as, id) => readUpdate(as, { workspaceId: id }) },
    takeUpdate: { needs: 'OWNER', ask: (as, id) => takeUpdate(as, { workspaceId: id, seen: '' }) },
    undoUpdate: { needs: 'OWNER', ask: (as, id) => undoUpdate(as, { workspaceId: id }) },
    update: { needs: 'workspace.manage', ask: (as, id) => updateWorkspace(as, { id, name: 'Changed' }) },
    export: { needs: 'workspace.manage', ask: exportWorkspace },
    edit: {
      needs: 'pages.edit',
      ask: (as, id) => updatePage(as, { workspaceId: id, pageId: 'p1', name: 'Changed' }),
    },
    release: {
      needs: 'sell',
      ask: (as, id) => makeRelease(as, { workspaceId: id, name: crypto.randomUUID(), notes: 'n' } as never),
    },
    sell: {
      needs: 'sell',
      ask: (as, id) =>
        generateAffiliateLink(as, {
          name: crypto.randomUUID(),
          workspaceId: id,
          offer: { mode: 'ONE_OFF', price: { amount: 10_000, currency: 'USD' } },
        }),
    },
    invite: {
      needs: 'members.manage',
      ask: (as, id) => inviteMember(as, { id, email: `${crypto.randomUUID()}@x.example`, role: 'VIEWER' }),
    },
    link: {
      needs: 'members.manage',
      ask: (as, id) => makeInviteLink(as, { id, role: 'VIEWER', maxUses: 1 }),
    },
    offer: {
      needs: 'OWNER',
      ask: (as, id) => offerOwnership(as, { id, userId: crypto.randomUUID() }),
    },
  }

  it.each(Object.keys(VERBS))(
    '%s: of every role, of a member with that alone, and of strangers',
    async (name) => {
      const verb = VERBS[name]
      if (verb === undefined) throw new Error('no such verb')
      const world = await given()
      const { ctx, as, id } = world
      const all = await listMembers(as, id)
      for (const role of GIVEN_ROLES) {
        const { member, me } = await joined(world, role)
        const may = all.roles.find((one) => one.role === role)?.permissions ?? []
        const expected =
          verb.needs === 'view' || (verb.needs !== 'OWNER' && may.includes(verb.needs))
            ? 'done'
            : 'NOT_PERMITTED'
        expect([role, await permission(verb.ask(me, id))]).toEqual([role, expected])
        if (verb.needs === 'view' || verb.needs === 'OWNER') continue
        await changeMember(as, { id, userId: member.id, permissions: ['analytics.view', verb.needs] })
        expect([role, await permission(verb.ask(me, id))]).toEqual([role, 'done'])
        await changeMember(as, {
          id,
          userId: member.id,
          permissions: PERMISSIONS.filter((one) => one !== verb.needs),
        })
        expect([role, await permission(verb.ask(me, id))]).toEqual([role, 'NOT_PERMITTED'])
      }
      const stranger = ctx.as((await makeUser(ctx, { plan: 'AGENCY' })).actor)
      await expect(verb.ask(stranger, id)).rejects.toMatchObject(missing)
      await expect(verb.ask(ctx, id)).rejects.toMatchObject({ status: 401 })
    },
    30_000,
  )

  it('and to delete is for the owner alone, not even for who may do all else', async () => {
    const world = await given()
    const { me } = await joined(world, 'ADMIN')
    await expect(deleteWorkspace(me, world.id)).rejects.toMatchObject(forbidden)
    await deleteWorkspace(world.as, world.id)
    await expect(getWorkspace(me, world.id)).rejects.toMatchObject(missing)
  })
})

import { eq } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import { workspaceInvitations } from '../../../../db/schema'
import { type TestContext, testContext } from '../../../../db/testing/context'
import { useDatabase } from '../../../../db/testing/database'
import { makeUser } from '../../../../db/testing/factories/identity'
import { sampleDocument } from '../../../../db/testing/factories/workspace'
import { generateAffiliateLink } from '../../affiliate'
import { mailedLinkToken } from '../../identity'
import { changeProgram } from '../../program'
import { ChangeProgramInput } from '../../program/schemas'
import { importWorkspace } from '../import-workspace'
import type { GivenRole } from '../permissions'
import { acceptInvitation } from './answer-invitation'
import { changeMember, leaveWorkspace, removeMember, setRolePermissions } from './change-member'
import { makeInviteLink } from './invite-links'
import { inviteMember, offerOwnership } from './invite-member'
import { listMembers } from './list-members'

const database = useDatabase()
const gone = { status: 404, code: 'INVITATION_NOT_FOUND' }

const given = async () => {
  const ctx = testContext(database.db)
  const as = ctx.as((await makeUser(ctx, { plan: 'AGENCY' })).actor)
  const { id } = await importWorkspace(as, sampleDocument({ funnels: 1, pagesPerFunnel: 1 }))
  const linkFor = async (role: GivenRole, by: TestContext = as) =>
    (await makeInviteLink(by, { id, role, maxUses: 9 })).url.split('/').at(-1) ?? ''
  const joinedBy = async (token: string) => {
    const user = await makeUser(ctx, { plan: 'AGENCY' })
    const me = ctx.as(user.actor)
    await acceptInvitation(me, { token })
    return { userId: user.id, me }
  }
  return { ctx, as, id, linkFor, joinedBy }
}
const rolesIn = async (as: TestContext, id: string) =>
  (await listMembers(as, id)).members.map(({ role }) => role).sort()

describe('whoever is taken out, or may less', () => {
  it('does not come back by a link they know, nor do those whom they asked', async () => {
    const { ctx, as, id, linkFor, joinedBy } = await given()
    const token = await linkFor('ADMIN')
    const other = await linkFor('VIEWER')
    const { me, userId } = await joinedBy(token)
    const own = await linkFor('ADMIN', me)
    const friend = await makeUser(ctx)
    const guest = await makeUser(ctx)
    await inviteMember(me, { id, email: friend.email, role: 'ADMIN' })
    await inviteMember(as, { id, email: guest.email, role: 'VIEWER' })
    await removeMember(as, { id, userId })
    for (const link of [token, other, own])
      await expect(acceptInvitation(me, { token: link })).rejects.toMatchObject(gone)
    expect(await listMembers(as, id)).toMatchObject({
      links: [],
      invitations: [{ email: guest.email }],
      usage: { used: 2 },
    })
    expect(await rolesIn(as, id)).toEqual(['OWNER'])
  })

  it('does not get more again by leaving and joining once more', async () => {
    const { as, id, linkFor, joinedBy } = await given()
    const token = await linkFor('ADMIN')
    const { me, userId } = await joinedBy(token)
    await inviteMember(me, { id, email: 'friend@x.example', role: 'ADMIN' })
    await changeMember(as, { id, userId, role: 'VIEWER' })
    expect(await listMembers(as, id)).toMatchObject({ links: [], invitations: [] })
    await leaveWorkspace(me, { id })
    await expect(acceptInvitation(me, { token })).rejects.toMatchObject(gone)
  })

  it('and a link holds when somebody is given more', async () => {
    const { as, id, linkFor, joinedBy } = await given()
    const token = await linkFor('VIEWER')
    const { userId } = await joinedBy(token)
    await changeMember(as, { id, userId, role: 'EDITOR' })
    await joinedBy(token)
    expect(await rolesIn(as, id)).toEqual(['EDITOR', 'OWNER', 'VIEWER'])
  })

  it('also by the role they have: who knew the links knows none that holds', async () => {
    const { as, id, linkFor, joinedBy } = await given()
    const token = await linkFor('ADMIN')
    const { me } = await joinedBy(token)
    await setRolePermissions(as, { id, role: 'ADMIN', permissions: ['members.manage', 'pages.edit'] })
    expect((await listMembers(as, id)).links).toHaveLength(1)
    await setRolePermissions(as, { id, role: 'ADMIN', permissions: ['pages.edit'] })
    await leaveWorkspace(me, { id })
    await expect(acceptInvitation(me, { token })).rejects.toMatchObject(gone)
  })

  it('of a removal and a second join at once nobody is in by the old link', async () => {
    const { as, id, linkFor, joinedBy } = await given()
    for (let n = 0; n < 4; n += 1) {
      const token = await linkFor('EDITOR')
      const { me, userId } = await joinedBy(token)
      await Promise.allSettled([
        removeMember(as, { id, userId }),
        acceptInvitation(me, { token }),
        acceptInvitation(me, { token }),
      ])
      await expect(acceptInvitation(me, { token })).rejects.toMatchObject(gone)
    }
    expect(await rolesIn(as, id)).toEqual(['OWNER'])
  })
})

describe('whoever leaves by themselves', () => {
  it('and managed members takes the links with them, for they saw them all', async () => {
    const { as, id, linkFor, joinedBy } = await given()
    const { me } = await joinedBy(await linkFor('ADMIN'))
    const token = await linkFor('ADMIN')
    await leaveWorkspace(me, { id })
    await expect(acceptInvitation(me, { token })).rejects.toMatchObject(gone)
    expect((await listMembers(as, id)).links).toEqual([])
  })

  it('and did not, closes no door to others', async () => {
    const { as, id, linkFor, joinedBy } = await given()
    const token = await linkFor('EDITOR')
    await leaveWorkspace((await joinedBy(token)).me, { id })
    await joinedBy(token)
    expect(await rolesIn(as, id)).toEqual(['EDITOR', 'OWNER'])
  })
})

test('who manages members is not shown a link that gives more than they have', async () => {
  const { as, id, linkFor, joinedBy } = await given()
  const { me, userId } = await joinedBy(await linkFor('VIEWER'))
  await changeMember(as, { id, userId, permissions: ['analytics.view', 'members.manage'] })
  await linkFor('ADMIN')
  await linkFor('VIEWER')
  const rolesOf = async (who: TestContext) => (await listMembers(who, id)).links.map(({ role }) => role)
  expect(await rolesOf(me)).not.toContain('ADMIN')
  expect(await rolesOf(me)).toContain('VIEWER')
  expect(await rolesOf(as)).toContain('ADMIN')
})

test('whoever takes a workspace over says anew who may join by a link', async () => {
  const { as, id, linkFor, joinedBy, ctx } = await given()
  const token = await linkFor('ADMIN')
  const { me, userId } = await joinedBy(token)
  await offerOwnership(as, { id, userId })
  const [asked] = await database.db
    .select({ id: workspaceInvitations.id })
    .from(workspaceInvitations)
    .where(eq(workspaceInvitations.role, 'OWNER'))
  await acceptInvitation(me, { token: mailedLinkToken(ctx, asked?.id ?? '') })
  expect((await listMembers(me, id)).links).toEqual([])
  await expect(acceptInvitation(ctx.as((await makeUser(ctx)).actor), { token })).rejects.toMatchObject(gone)
})

test('a member over the seats of the plan makes no link that sells', async () => {
  const { ctx, as, id, linkFor, joinedBy } = await given()
  const token = await linkFor('ADMIN')
  const { me } = await joinedBy(token)
  const sell = (who: TestContext) =>
    generateAffiliateLink(who, {
      name: crypto.randomUUID(),
      workspaceId: id,
      offer: { mode: 'ONE_OFF', price: { amount: 10_000, currency: 'USD' } },
    })
  await sell(me)
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  const { planLimits } = await changeProgram(admin, ChangeProgramInput.parse({ commissionHoldDays: 3 }))
  await changeProgram(
    admin,
    ChangeProgramInput.parse({ planLimits: { ...planLimits, AGENCY: { ...planLimits.AGENCY, members: 1 } } }),
  )
  await sell(as)
  await expect(sell(me)).rejects.toMatchObject({ status: 422, code: 'OVER_PLAN_LIMIT' })
})

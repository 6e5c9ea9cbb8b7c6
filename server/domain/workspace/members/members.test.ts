import { and, eq } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import {
  mails,
  organizations,
  workspaceClones,
  workspaceInvitations,
  workspaceInviteLinks,
  workspaceMembers,
  workspaces,
} from '../../../../db/schema'
import { type TestContext, testContext } from '../../../../db/testing/context'
import { useDatabase } from '../../../../db/testing/database'
import { type MadeUser, makeUser } from '../../../../db/testing/factories/identity'
import { sampleDocument } from '../../../../db/testing/factories/workspace'
import { mailedLinkToken } from '../../identity'
import { cloneWorkspace } from '../clone-workspace'
import { createWorkspace } from '../create-workspace'
import { deleteWorkspace } from '../delete-workspace'
import { importWorkspace } from '../import-workspace'
import { planUsage } from '../limits'
import { getWorkspace, listWorkspaces, readWorkspace } from '../queries'
import { updatePage } from '../update-page'
import { updateWorkspace } from '../update-workspace'
import { acceptInvitation, readInvitation, rejectInvitation } from './answer-invitation'
import { changeMember, leaveWorkspace, removeMember, setRolePermissions } from './change-member'
import { makeInviteLink, revokeInviteLink } from './invite-links'
import { inviteMember, offerOwnership, revokeInvitation } from './invite-member'
import { listMembers } from './list-members'

const database = useDatabase()
const missing = { status: 404, code: 'WORKSPACE_NOT_FOUND' }
const forbidden = { status: 403, code: 'NOT_PERMITTED' }
const gone = { status: 404, code: 'INVITATION_NOT_FOUND' }

const given = async (plan: 'FREE' | 'BUSINESS' | 'AGENCY' = 'AGENCY') => {
  const ctx = testContext(database.db)
  const owner = await makeUser(ctx, { plan, firstName: 'Olga' })
  const as = ctx.as(owner.actor)
  const { id } = await importWorkspace(as, sampleDocument({ funnels: 1, pagesPerFunnel: 2 }))
  return { ctx, owner, as, id }
}
type Given = Awaited<ReturnType<typeof given>>

/** What the mail to this address leads to; the latest. */
const tokenTo = async (ctx: TestContext, email: string): Promise<string> => {
  const rows = await database.db
    .select()
    .from(mails)
    .where(and(eq(mails.to, email), eq(mails.template, 'workspace-invitation')))
    .orderBy(mails.createdAt, mails.id)
  const latest = rows.at(-1)
  if (latest === undefined) throw new Error(`${email} was not asked`)
  const { tokenId } = latest.data as { tokenId: string }
  // So that the next one is later.
  ctx.clock.advance(1)
  return mailedLinkToken(ctx, tokenId)
}
const joined = async (
  { ctx, as, id }: Pick<Given, 'ctx' | 'as' | 'id'>,
  role: 'ADMIN' | 'EDITOR' | 'VIEWER',
  user?: MadeUser,
) => {
  const member = user ?? (await makeUser(ctx))
  await inviteMember(as, { id, email: member.email, role })
  const me = ctx.as(member.actor)
  await acceptInvitation(me, { token: await tokenTo(ctx, member.email) })
  return { member, me }
}
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )

test('a member sees the workspace in their list with its owner’s plan, and its settings only when they manage it', async () => {
  const world = await given()
  const { as, id } = world
  await updateWorkspace(as, { id, settings: { colour: 'red' } })
  const { me, member } = await joined(world, 'VIEWER')
  expect((await listWorkspaces(me, { limit: 10 })).items).toMatchObject([
    { id, role: 'VIEWER', planType: 'AGENCY' },
  ])
  expect((await getWorkspace(me, id)).settings).toEqual({})
  expect((await planUsage(me)).find(({ what }) => what === 'workspaces')).toMatchObject({ used: 0 })
  await changeMember(as, { id, userId: member.id, role: 'ADMIN', permissions: ['workspace.manage'] })
  expect((await getWorkspace(me, id)).settings).toEqual({ colour: 'red' })
})

describe('an invitation', () => {
  it('is for one address, once; both sides may call it off, and the asking side is told', async () => {
    const world = await given()
    const { ctx, owner, as, id } = world
    const guest = await makeUser(ctx)
    const other = ctx.as((await makeUser(ctx)).actor)
    const me = ctx.as(guest.actor)
    await inviteMember(as, { id, email: guest.email, role: 'EDITOR' })
    await expect(inviteMember(as, { id, email: guest.email, role: 'EDITOR' })).rejects.toMatchObject({
      code: 'ALREADY_INVITED',
    })
    const token = await tokenTo(ctx, guest.email)
    expect(await readInvitation(ctx, { token })).toMatchObject({
      isMine: null,
      email: guest.email,
      role: 'EDITOR',
    })
    expect(await readInvitation(me, { token })).toMatchObject({
      isMine: true,
      isMember: false,
      workspaceId: null,
    })
    expect(await readInvitation(other, { token })).toMatchObject({ isMine: false })
    await expect(acceptInvitation(other, { token })).rejects.toMatchObject({ code: 'INVITATION_OF_ANOTHER' })
    await expect(acceptInvitation(ctx, { token })).rejects.toMatchObject({ status: 401 })
    await rejectInvitation(ctx, { token })
    for (const answer of [acceptInvitation, readInvitation, rejectInvitation])
      await expect(answer(me, { token })).rejects.toMatchObject(gone)

    await inviteMember(as, { id, email: guest.email, role: 'EDITOR' })
    const [open] = (await listMembers(as, id)).invitations
    await revokeInvitation(as, { id, invitationId: open?.id ?? '' })
    await expect(revokeInvitation(as, { id, invitationId: open?.id ?? '' })).rejects.toMatchObject(gone)
    await expect(acceptInvitation(me, { token: await tokenTo(ctx, guest.email) })).rejects.toMatchObject(gone)

    await inviteMember(as, { id, email: guest.email, role: 'EDITOR' })
    const third = await tokenTo(ctx, guest.email)
    await Promise.all([acceptInvitation(me, { token: third }), acceptInvitation(me, { token: third })])
    expect((await listMembers(as, id)).members.map(({ role }) => role)).toEqual(['OWNER', 'EDITOR'])
    await expect(inviteMember(as, { id, email: guest.email, role: 'EDITOR' })).rejects.toMatchObject({
      code: 'ALREADY_MEMBER',
    })
    await leaveWorkspace(me, { id })
    await expect(acceptInvitation(me, { token: third })).rejects.toMatchObject(gone)
    const answers = await database.db
      .select()
      .from(mails)
      .where(and(eq(mails.to, owner.email), eq(mails.template, 'invitation-answered')))
    expect(answers.map(({ data }) => (data as { accepted: boolean }).accepted).sort()).toEqual([false, true])
  })

  it('reaches people without an account, holds seven days, and no longer', async () => {
    const { ctx, as, id } = await given()
    const email = `${crypto.randomUUID()}@new.example`
    await inviteMember(as, { id, email, role: 'VIEWER' })
    const token = await tokenTo(ctx, email)
    const later = await makeUser(ctx, { email })
    ctx.clock.advance(7 * 86_400_000 - 60_000)
    expect(await readInvitation(ctx.as(later.actor), { token })).toMatchObject({ isMine: true })
    ctx.clock.advance(60_000)
    await expect(acceptInvitation(ctx.as(later.actor), { token })).rejects.toMatchObject(gone)
    await inviteMember(as, { id, email, role: 'VIEWER' })
    await acceptInvitation(ctx.as(later.actor), { token: await tokenTo(ctx, email) })
  })

  it('holds a seat: of two at once for the last one goes out, and a freed seat can be given again', async () => {
    const { ctx, as, id } = await given('FREE')
    const usage = async () => (await listMembers(as, id)).usage
    expect(await usage()).toMatchObject({ used: 1, limit: 3, left: 2 })
    const [a, b, c] = [await makeUser(ctx), await makeUser(ctx), await makeUser(ctx)]
    await inviteMember(as, { id, email: a.email, role: 'VIEWER' })
    const ask = (email: string) => outcome(inviteMember(as, { id, email, role: 'VIEWER' }))
    expect((await Promise.all([ask(b.email), ask(c.email)])).sort()).toEqual(['PLAN_LIMIT_REACHED', 'done'])
    expect(await usage()).toMatchObject({ used: 3, left: 0 })
    await rejectInvitation(ctx, { token: await tokenTo(ctx, a.email) })
    expect(await usage()).toMatchObject({ used: 2, left: 1 })
    const second = await makeUser(ctx)
    expect(await ask(second.email)).toBe('done')
    await acceptInvitation(ctx.as(second.actor), { token: await tokenTo(ctx, second.email) })
    expect(await usage()).toMatchObject({ used: 3 })
  })

  it('is not sent more than fifty times a day from a workspace', async () => {
    const { ctx, as, id, owner } = await given()
    const row = await database.db.query.workspaces.findFirst({ where: eq(workspaces.publicId, id) })
    await database.db.insert(workspaceInvitations).values(
      Array.from({ length: 50 }, (_, i) => ({
        id: crypto.randomUUID(),
        workspaceId: row?.id ?? 0n,
        email: `n${i}@x.example`,
        role: 'VIEWER' as const,
        status: 'REVOKED' as const,
        tokenHash: Buffer.from(crypto.randomUUID()),
        invitedById: owner.id,
        createdAt: ctx.now(),
        expiresAt: ctx.now(),
      })),
    )
    await expect(inviteMember(as, { id, email: 'more@x.example', role: 'VIEWER' })).rejects.toMatchObject({
      status: 429,
    })
  })
})

describe('a link to join', () => {
  it('lets in as many as it says, everybody once, until it is revoked or too old', async () => {
    const { ctx, as, id } = await given()
    const users = await Promise.all(Array.from({ length: 4 }, () => makeUser(ctx)))
    const { url } = await makeInviteLink(as, { id, role: 'EDITOR', maxUses: 2 })
    const token = url.split('/').at(-1) ?? ''
    expect(await readInvitation(ctx, { token })).toMatchObject({ email: null, role: 'EDITOR' })
    const join = (user: MadeUser) => outcome(acceptInvitation(ctx.as(user.actor), { token }))
    const [first] = users
    if (first === undefined) throw new Error('nobody')
    expect(await join(first)).toBe('done')
    expect(await join(first)).toBe('done')
    expect((await Promise.all(users.slice(1).map(join))).sort()).toEqual([
      'INVITATION_NOT_FOUND',
      'INVITATION_NOT_FOUND',
      'done',
    ])
    expect(await database.db.select().from(workspaceInviteLinks)).toContainEqual(
      expect.objectContaining({ uses: 2, maxUses: 2 }),
    )
    expect((await listMembers(as, id)).links).toEqual([])
    await makeInviteLink(as, { id, role: 'VIEWER', maxUses: 5 })
    const [link] = (await listMembers(as, id)).links
    await revokeInviteLink(as, { id, linkId: link?.id ?? '' })
    await expect(revokeInviteLink(as, { id, linkId: link?.id ?? '' })).rejects.toMatchObject({ status: 404 })
    const revoked = link?.url.split('/').at(-1) ?? ''
    await expect(readInvitation(ctx, { token: revoked })).rejects.toMatchObject(gone)
    await expect(rejectInvitation(ctx, { token: revoked })).rejects.toMatchObject(gone)
    const old = (await makeInviteLink(as, { id, role: 'VIEWER', maxUses: 5 })).url.split('/').at(-1) ?? ''
    ctx.clock.advance(30 * 86_400_000)
    await expect(readInvitation(ctx, { token: old })).rejects.toMatchObject(gone)
  })

  it('lets in no more than the plan has seats, however many come at once', async () => {
    const { ctx, as, id } = await given('FREE')
    const { url } = await makeInviteLink(as, { id, role: 'EDITOR', maxUses: 10 })
    const users = await Promise.all(Array.from({ length: 4 }, () => makeUser(ctx)))
    const answers = await Promise.all(
      users.map((user) =>
        outcome(acceptInvitation(ctx.as(user.actor), { token: url.split('/').at(-1) ?? '' })),
      ),
    )
    expect(answers.sort()).toEqual(['PLAN_LIMIT_REACHED', 'PLAN_LIMIT_REACHED', 'done', 'done'])
    expect((await listMembers(as, id)).usage).toMatchObject({ used: 3, left: 0 })
  })
})

describe('who manages members', () => {
  it('makes nobody more than they are, and takes nothing from who is more', async () => {
    const world = await given()
    const { as, id, owner } = world
    const admin = await joined(world, 'ADMIN')
    const lesser = await joined(world, 'EDITOR')
    await changeMember(as, { id, userId: lesser.member.id, permissions: ['members.manage', 'pages.edit'] })
    const viewer = await joined(world, 'VIEWER')
    await expect(
      changeMember(lesser.me, { id, userId: viewer.member.id, permissions: ['sell'] }),
    ).rejects.toMatchObject(forbidden)
    await expect(
      changeMember(lesser.me, { id, userId: viewer.member.id, role: 'ADMIN' }),
    ).rejects.toMatchObject(forbidden)
    await expect(removeMember(lesser.me, { id, userId: admin.member.id })).rejects.toMatchObject(forbidden)
    await expect(inviteMember(lesser.me, { id, email: 'x@x.example', role: 'ADMIN' })).rejects.toMatchObject(
      forbidden,
    )
    await expect(makeInviteLink(lesser.me, { id, role: 'EDITOR', maxUses: 1 })).rejects.toMatchObject(
      forbidden,
    )
    await expect(
      setRolePermissions(lesser.me, { id, role: 'VIEWER', permissions: ['sell'] }),
    ).rejects.toMatchObject(forbidden)
    for (const me of [lesser.me, admin.me, as]) {
      const user = me.actor.kind === 'user' ? me.actor.userId : ''
      await expect(changeMember(me, { id, userId: user, permissions: [] })).rejects.toMatchObject({
        code: 'OWN_MEMBERSHIP',
      })
    }
    await expect(removeMember(admin.me, { id, userId: owner.id })).rejects.toMatchObject({
      code: 'OWNER_STAYS',
    })
    await expect(leaveWorkspace(as, { id })).rejects.toMatchObject({ code: 'OWNER_STAYS' })
    await changeMember(admin.me, { id, userId: viewer.member.id, role: 'EDITOR' })
    await removeMember(admin.me, { id, userId: viewer.member.id })
    await expect(getWorkspace(viewer.me, id)).rejects.toMatchObject(missing)
    await expect(removeMember(admin.me, { id, userId: viewer.member.id })).rejects.toMatchObject({
      code: 'MEMBER_NOT_FOUND',
    })
  })

  it('says what a role may, for all who have it; a member’s own permissions stand above it', async () => {
    const world = await given()
    const { as, id } = world
    const { me, member } = await joined(world, 'VIEWER')
    const edit = () => outcome(updatePage(me, { workspaceId: id, pageId: 'p1', name: 'Changed' }))
    expect(await edit()).toBe('NOT_PERMITTED')
    await setRolePermissions(as, { id, role: 'VIEWER', permissions: ['pages.edit'] })
    expect(await edit()).toBe('done')
    expect((await readWorkspace(as, id)).roleTemplates).toContainEqual({
      name: 'Viewer',
      permissions: ['pages.edit'],
    })
    await changeMember(as, { id, userId: member.id, permissions: ['analytics.view'] })
    expect(await edit()).toBe('NOT_PERMITTED')
    const mine = (await listMembers(as, id)).members.find(({ userId }) => userId === member.id)
    expect(mine).toMatchObject({ role: 'VIEWER', permissions: ['analytics.view'] })
    const seen = await listMembers(me, id)
    expect(seen).toMatchObject({ manages: false, invitations: [], links: [] })
    expect(seen.members.every(({ email, canChange }) => email === null && !canChange)).toBe(true)
  })
})

describe('a workspace is handed over', () => {
  it('when its owner offers it and the member accepts: from then on it counts for them', async () => {
    const world = await given()
    const { ctx, as, id, owner } = world
    const heir = await makeUser(ctx, { plan: 'AGENCY' })
    const { me } = await joined(world, 'EDITOR', heir)
    const third = await joined(world, 'ADMIN')
    await expect(offerOwnership(third.me, { id, userId: heir.id })).rejects.toMatchObject(forbidden)
    await expect(offerOwnership(as, { id, userId: owner.id })).rejects.toMatchObject({
      code: 'OWN_MEMBERSHIP',
    })
    await offerOwnership(as, { id, userId: heir.id })
    await expect(offerOwnership(as, { id, userId: third.member.id })).rejects.toMatchObject({
      code: 'ALREADY_INVITED',
    })
    const token = await tokenTo(ctx, heir.email)
    expect(await readInvitation(me, { token })).toMatchObject({ role: 'OWNER', isMember: true })
    await Promise.all([acceptInvitation(me, { token }), acceptInvitation(me, { token })])
    const { members } = await listMembers(me, id)
    expect(members.map(({ userId, role }) => [userId === heir.id, role])).toEqual([
      [true, 'OWNER'],
      [false, 'ADMIN'],
      [false, 'ADMIN'],
    ])
    await expect(deleteWorkspace(as, id)).rejects.toMatchObject(forbidden)
    expect((await planUsage(me)).find(({ what }) => what === 'workspaces')).toMatchObject({ used: 1 })
    expect((await planUsage(as)).find(({ what }) => what === 'workspaces')).toMatchObject({ used: 0 })
  })

  it('not to who has no room for it, nor when it was taken back, nor a copy', async () => {
    const world = await given()
    const { ctx, as, id, owner } = world
    const full = await makeUser(ctx, { plan: 'FREE' })
    await createWorkspace(ctx.as(full.actor), { name: 'Mine' })
    const { me } = await joined(world, 'VIEWER', full)
    await offerOwnership(as, { id, userId: full.id })
    const token = await tokenTo(ctx, full.email)
    await expect(acceptInvitation(me, { token })).rejects.toMatchObject({ code: 'PLAN_LIMIT_REACHED' })
    await rejectInvitation(me, { token })
    await offerOwnership(as, { id, userId: full.id })
    const again = await tokenTo(ctx, full.email)
    await removeMember(as, { id, userId: full.id })
    await expect(acceptInvitation(me, { token: again })).rejects.toMatchObject(gone)
    const buyer = await makeUser(ctx, { plan: 'AGENCY' })
    const row = await database.db.query.workspaces.findFirst({ where: eq(workspaces.publicId, id) })
    const copy = await cloneWorkspace(ctx, {
      sourceId: row?.id ?? 0n,
      sellerId: owner.id,
      buyerId: buyer.id,
      reason: 'gift',
    })
    const copied = { ctx, as: ctx.as(buyer.actor), id: copy.clonedWorkspaceId }
    const { member } = await joined(copied, 'ADMIN')
    await expect(offerOwnership(copied.as, { id: copied.id, userId: member.id })).rejects.toMatchObject({
      code: 'COPY_STAYS',
    })
  })
})

test('a copy has neither the seller’s members nor their invitations and links', async () => {
  const world = await given()
  const { ctx, as, id, owner } = world
  const { me } = await joined(world, 'ADMIN')
  await inviteMember(as, { id, email: 'open@x.example', role: 'VIEWER' })
  await makeInviteLink(as, { id, role: 'VIEWER', maxUses: 3 })
  const buyer = await makeUser(ctx)
  const row = await database.db.query.workspaces.findFirst({ where: eq(workspaces.publicId, id) })
  const { clonedWorkspaceId } = await cloneWorkspace(ctx, {
    sourceId: row?.id ?? 0n,
    sellerId: owner.id,
    buyerId: buyer.id,
    reason: 'gift',
  })
  const [copy] = await database.db
    .select({ id: workspaceClones.copyWorkspaceId })
    .from(workspaceClones)
    .where(eq(workspaceClones.buyerId, buyer.id))
  const of = copy?.id ?? 0n
  const members = await database.db
    .select()
    .from(workspaceMembers)
    .where(eq(workspaceMembers.workspaceId, of))
  expect(members).toMatchObject([{ userId: buyer.id, role: 'OWNER', permissions: {} }])
  expect(await database.db.$count(workspaceInvitations, eq(workspaceInvitations.workspaceId, of))).toBe(0)
  expect(await database.db.$count(workspaceInviteLinks, eq(workspaceInviteLinks.workspaceId, of))).toBe(0)
  for (const stranger of [as, me])
    await expect(getWorkspace(stranger, clonedWorkspaceId)).rejects.toMatchObject(missing)
})

test('of members over the limit the newest only look', async () => {
  const world = await given('BUSINESS')
  const { as, id, ctx, owner } = world
  const people = []
  for (let n = 0; n < 3; n += 1) {
    ctx.clock.advance(1_000)
    people.push(await joined(world, 'EDITOR'))
  }
  await database.db
    .update(organizations)
    .set({ grantedPlan: 'FREE' })
    .where(eq(organizations.id, owner.organizationId))
  const edit = (me: TestContext) =>
    outcome(updatePage(me, { workspaceId: id, pageId: 'p1', name: 'Changed' }))
  expect(await Promise.all(people.map(({ me }) => edit(me)))).toEqual(['done', 'done', 'OVER_PLAN_LIMIT'])
  expect(await edit(as)).toBe('done')
  expect(await getWorkspace(people[2]?.me ?? as, id)).toMatchObject({ id })
})

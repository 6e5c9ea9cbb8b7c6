import { eq, sql } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import { organizations, pages, subscriptions, workspaces } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { makePaidAddon } from '../../../db/testing/factories/payment'
import { makeSellerWithWorkspace, sampleDocument } from '../../../db/testing/factories/workspace'
import { inTransaction } from '../../kit/context'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import { cloneWorkspace } from './clone-workspace'
import { createWorkspace } from './create-workspace'
import { deleteWorkspace } from './delete-workspace'
import { exportWorkspace } from './export-workspace'
import { importWorkspace } from './import-workspace'
import { planUsage, reserve, workspaceLimits, workspaceUsage } from './limits'
import { readWorkspace } from './queries'
import { updatePage } from './update-page'
import { updateWorkspace } from './update-workspace'

const database = useDatabase()
const over = { status: 422, code: 'PLAN_LIMIT_REACHED' }
const readOnly = { status: 422, code: 'OVER_PLAN_LIMIT' }
const FREE = { workspaces: 1, members: 3, funnels: 3, pagesPerFunnel: 35, domains: 1 }

/** Each test sets the programme for its own future alone. */
const clock = testClock()
const given = async (plan: 'FREE' | 'BUSINESS' | 'AGENCY' = 'FREE') => {
  const ctx = testContext(database.db, { clock })
  const user = await makeUser(ctx, { plan })
  return { ctx, user, as: ctx.as(user.actor) }
}
const grant = (user: MadeUser, plan: 'FREE' | 'BUSINESS' | 'AGENCY') =>
  database.db
    .update(organizations)
    .set({ grantedPlan: plan })
    .where(eq(organizations.id, user.organizationId))
const rowOf = async (publicId: string) => {
  const row = await database.db.query.workspaces.findFirst({ where: eq(workspaces.publicId, publicId) })
  if (row === undefined) throw new Error('no such workspace')
  return row
}
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'made',
    (error: { code?: string }) => error.code ?? String(error),
  )

describe('an add-on', () => {
  it('raises its limit while it runs, by its number, and by what is paid of one that was cancelled', async () => {
    const { ctx, user, as } = await given()
    expect(await workspaceUsage(as)).toMatchObject({
      limit: 1,
      addon: { addon: 'EXTRA_WORKSPACE', by: 1, have: 0, price: { amount: 900, currency: 'USD' } },
      plans: [
        { planType: 'BUSINESS', limit: 5 },
        { planType: 'AGENCY', limit: null },
      ],
    })
    const { subscriptionId } = await makePaidAddon(ctx, user, { addon: 'EXTRA_WORKSPACE', quantity: 2 })
    await makePaidAddon(ctx, user, { addon: 'EXTRA_PAGE', quantity: 3 })
    const limitOf = async (what: string) => (await planUsage(as)).find((one) => one.what === what)?.limit
    expect(await workspaceUsage(as)).toMatchObject({ limit: 3, left: 3, addon: { have: 2 } })
    expect(await limitOf('pagesPerFunnel')).toBe(50)
    expect(await limitOf('funnels')).toBe(3)
    const set = (values: Partial<typeof subscriptions.$inferInsert>) =>
      database.db.update(subscriptions).set(values).where(eq(subscriptions.id, subscriptionId))
    await set({ status: 'PAST_DUE' })
    expect(await workspaceUsage(as)).toMatchObject({ limit: 3 })
    await set({ entitled: false })
    expect(await workspaceUsage(as)).toMatchObject({ limit: 1 })
    await set({ status: 'CANCELLED', planStaysUntil: new Date(ctx.now().getTime() + 1_000) })
    expect(await workspaceUsage(as)).toMatchObject({ limit: 3 })
    await set({ planStaysUntil: ctx.now() })
    expect(await workspaceUsage(as)).toMatchObject({ limit: 1 })
  })
})

describe('the limits of the plans', () => {
  it('are settings of the programme, each from its moment on', async () => {
    const { ctx, as } = await given()
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    const now = await changeProgram(admin, ChangeProgramInput.parse({ commissionHoldDays: 3 }))
    expect(now).toMatchObject({ planLimits: { FREE }, addonPrices: { EXTRA_PAGE: 200 } })
    const { planLimits, addonPrices } = now
    const from = new Date(ctx.now().getTime() + 60_000)
    await changeProgram(
      admin,
      ChangeProgramInput.parse({
        planLimits: { ...planLimits, FREE: { ...FREE, workspaces: 2, members: null } },
        addonPrices: { ...addonPrices, EXTRA_WORKSPACE: 1_250 },
        effectiveFrom: from.toISOString(),
      }),
    )
    expect(await workspaceUsage(as)).toMatchObject({ limit: 1 })
    clock.advance(60_000)
    expect(await workspaceUsage(as)).toMatchObject({
      limit: 2,
      addon: { price: { amount: 1_250, currency: 'USD' } },
    })
    expect((await planUsage(as)).find(({ what }) => what === 'members')).toMatchObject({
      limit: null,
      left: null,
      addon: null,
      plans: [],
      refusal: null,
    })
    await changeProgram(admin, ChangeProgramInput.parse({ planLimits, addonPrices }))
    expect(await workspaceUsage(as)).toMatchObject({ limit: 1 })
  })

  it.each([
    ['a plan that is missing', { FREE }],
    ['a limit that is missing', { FREE: { workspaces: 1 }, BUSINESS: FREE, AGENCY: FREE }],
    ['less than nothing', { FREE: { ...FREE, members: -1 }, BUSINESS: FREE, AGENCY: FREE }],
    ['a half', { FREE: { ...FREE, members: 1.5 }, BUSINESS: FREE, AGENCY: FREE }],
    ['a limit nobody knows', { FREE: { ...FREE, cats: 1 }, BUSINESS: FREE, AGENCY: FREE }],
    ['text', { FREE: { ...FREE, members: '3' }, BUSINESS: FREE, AGENCY: FREE }],
  ])('are refused with %s', (_what, planLimits) => {
    expect(ChangeProgramInput.safeParse({ planLimits }).success).toBe(false)
  })
})

describe('two at once at the limit', () => {
  it('make one workspace more, not two', async () => {
    const { as } = await given()
    const made = await Promise.all([
      outcome(createWorkspace(as, { name: 'One' })),
      outcome(createWorkspace(as, { name: 'Two' })),
      outcome(importWorkspace(as, sampleDocument({ funnels: 1, pagesPerFunnel: 1 }))),
    ])
    expect(made.sort()).toEqual(['PLAN_LIMIT_REACHED', 'PLAN_LIMIT_REACHED', 'made'])
    expect(await workspaceUsage(as)).toMatchObject({ used: 1, left: 0 })
  })

  it('make one funnel more, not two; and of pages as many as there is room for', async () => {
    const { ctx, user, as } = await given()
    const { id } = await importWorkspace(as, sampleDocument({ funnels: 2, pagesPerFunnel: 34 }))
    const workspace = await rowOf(id)
    const funnel = { what: 'funnels', ownerId: user.id, workspaceId: workspace.id } as const
    const add = () =>
      inTransaction(ctx, async (tx) => {
        await reserve(tx, funnel)
        await tx.db.execute(sql`
          insert into funnels (workspace_id, funnel_no, position, name, slug, status, settings, tracking, password_protected)
          select workspace_id, max(funnel_no) + 1, 9, 'More', 'more-' || max(funnel_no), 'DRAFT', '{}', '{}', false
          from funnels where workspace_id = ${workspace.id.toString()} group by workspace_id`)
      })
    expect((await Promise.all([outcome(add()), outcome(add())])).sort()).toEqual([
      'PLAN_LIMIT_REACHED',
      'made',
    ])
    const place = {
      what: 'pagesPerFunnel',
      ownerId: user.id,
      workspaceId: workspace.id,
      funnelNo: 1,
    } as const
    await inTransaction(ctx, (tx) => reserve(tx, place))
    await expect(inTransaction(ctx, (tx) => reserve(tx, place, 2))).rejects.toMatchObject(over)
    await inTransaction(ctx, (tx) => reserve(tx, { ...place, funnelNo: 3 }, 35))
  })
})

test('what came along with a copy counts against nothing, and what is added to it does', async () => {
  const { ctx, user, as } = await given()
  const source = await makeSellerWithWorkspace(ctx, { funnels: 4, pagesPerFunnel: 40 })
  const sourceId = (await rowOf(source.workspace.id)).id
  await createWorkspace(as, { name: 'Mine' })
  const clone = () =>
    cloneWorkspace(ctx, { sourceId, sellerId: source.seller.id, buyerId: user.id, reason: 'gift' })
  const { clonedWorkspaceId } = await clone()
  await clone()
  expect(await workspaceUsage(as)).toMatchObject({ used: 1, left: 0 })
  const limits = await workspaceLimits(as, clonedWorkspaceId)
  expect(limits).toMatchObject({
    readOnly: null,
    readOnlyFunnels: [],
    readOnlyPages: [],
    funnels: { used: 0, left: 3 },
  })
  expect(limits.pages.map(({ usage }) => [usage.used, usage.left])).toEqual(Array(4).fill([0, 35]))
  const { funnels } = await readWorkspace(as, clonedWorkspaceId)
  const [last] = funnels.at(-1)?.pages.slice(-1) ?? []
  await updatePage(as, { workspaceId: clonedWorkspaceId, pageId: last?.id ?? '', name: 'Changed' })
  const copy = await rowOf(clonedWorkspaceId)
  const place = { ownerId: user.id, workspaceId: copy.id }
  await inTransaction(ctx, (tx) => reserve(tx, { ...place, what: 'funnels' }, 3))
  await expect(
    inTransaction(ctx, (tx) => reserve(tx, { ...place, what: 'funnels' }, 4)),
  ).rejects.toMatchObject(over)
  await inTransaction(ctx, (tx) => reserve(tx, { ...place, what: 'pagesPerFunnel', funnelNo: 1 }, 35))
  await expect(
    inTransaction(ctx, (tx) => reserve(tx, { ...place, what: 'pagesPerFunnel', funnelNo: 1 }, 36)),
  ).rejects.toMatchObject(over)
})

describe('over a limit', () => {
  it('the newest workspaces are only to be read; nothing is deleted, and older ones make room', async () => {
    const { user, as } = await given('BUSINESS')
    const [first, second, third] = [
      await createWorkspace(as, { name: 'First' }),
      await importWorkspace(as, sampleDocument({ funnels: 1, pagesPerFunnel: 1 })),
      await createWorkspace(as, { name: 'Third' }),
    ]
    await grant(user, 'FREE')
    expect(await workspaceUsage(as)).toMatchObject({ used: 3, limit: 1, left: 0 })
    await updateWorkspace(as, { id: first.id, name: 'First still' })
    for (const { id } of [second, third])
      await expect(updateWorkspace(as, { id, name: 'Changed' })).rejects.toMatchObject(readOnly)
    const page = (await readWorkspace(as, second.id)).funnels[0]?.pages[0]
    await expect(
      updatePage(as, { workspaceId: second.id, pageId: page?.id ?? '', name: 'x' }),
    ).rejects.toMatchObject(readOnly)
    expect(await workspaceLimits(as, second.id)).toMatchObject({
      readOnly: expect.stringMatching(/up to 1 workspace.*BUSINESS has 5/),
    })
    expect(await exportWorkspace(as, second.id)).toMatchObject({ format: 'offshoot.workspace/1' })
    await expect(createWorkspace(as, { name: 'Fourth' })).rejects.toMatchObject(over)
    await deleteWorkspace(as, first.id)
    await updateWorkspace(as, { id: second.id, name: 'Second again' })
    await expect(updateWorkspace(as, { id: third.id, name: 'x' })).rejects.toMatchObject(readOnly)
    await deleteWorkspace(as, third.id)
    expect(await workspaceLimits(as, second.id)).toMatchObject({ readOnly: null })
  })

  it('so are the newest funnels, and the newest pages of each', async () => {
    const { user, as } = await given('AGENCY')
    const { id } = await importWorkspace(as, sampleDocument({ funnels: 4, pagesPerFunnel: 36 }))
    const { funnels } = await readWorkspace(as, id)
    const pageOf = (funnel: number, place: number) => {
      const keys = funnels[funnel]?.pages.map((page) => Number(page.id.slice(1))).sort((a, b) => a - b)
      return { workspaceId: id, pageId: `p${keys?.[place]}`, name: 'Changed' }
    }
    expect(await workspaceLimits(as, id)).toMatchObject({ readOnlyFunnels: [], readOnlyPages: [] })
    await updatePage(as, pageOf(3, 35))
    await grant(user, 'FREE')
    const limits = await workspaceLimits(as, id)
    expect(limits.readOnlyFunnels).toEqual(['4'])
    expect(limits.readOnlyPages).toEqual([0, 1, 2, 3].map((funnel) => pageOf(funnel, 35).pageId))
    expect(limits.funnels).toMatchObject({ used: 4, limit: 3, left: 0 })
    await updatePage(as, pageOf(0, 34))
    await expect(updatePage(as, pageOf(0, 35))).rejects.toMatchObject(readOnly)
    await expect(updatePage(as, pageOf(3, 0))).rejects.toMatchObject({
      ...readOnly,
      message: expect.stringContaining('This funnel is over a limit'),
    })
    await expect(updatePage(as, { workspaceId: id, pageId: 'p9999', name: 'x' })).rejects.toMatchObject({
      status: 404,
    })
    expect(await database.db.$count(pages, eq(pages.workspaceId, (await rowOf(id)).id))).toBe(144)
  })
})

test('members are counted once each over all that the organization has', async () => {
  const { ctx, user, as } = await given('BUSINESS')
  const members = async () => (await planUsage(as)).find(({ what }) => what === 'members')
  expect(await members()).toMatchObject({ used: 0, limit: 10 })
  const [one, two] = [await createWorkspace(as, { name: 'One' }), await createWorkspace(as, { name: 'Two' })]
  const guest = await makeUser(ctx)
  for (const { id } of [one, two]) await addMember(ctx, id, guest)
  expect(await members()).toMatchObject({ used: 2, left: 8 })
  const seats = { what: 'members', ownerId: user.id } as const
  await inTransaction(ctx, (tx) => reserve(tx, seats, 8))
  await expect(inTransaction(ctx, (tx) => reserve(tx, seats, 9))).rejects.toMatchObject(over)
  expect((await planUsage(as)).find(({ what }) => what === 'domains')).toMatchObject({
    used: 0,
    limit: 3,
    left: 3,
  })
})

const addMember = (ctx: TestContext, publicId: string, { id }: MadeUser) =>
  ctx.db.execute(sql`
    insert into workspace_members (workspace_id, user_id, role, created_at)
    select id, ${id}, 'EDITOR', now() from workspaces where public_id = ${publicId}`)

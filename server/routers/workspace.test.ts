import { expect, test } from 'vitest'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser } from '../../db/testing/factories/identity'
import { sampleDocument } from '../../db/testing/factories/workspace'
import type { Actor } from '../kit/context'
import { createCallerFactory, toFailure } from '../trpc'
import { workspaceRouter } from './workspace'

const database = useDatabase()

const caller = (actor: Actor = { kind: 'visitor' }) =>
  createCallerFactory(workspaceRouter)({
    ...testContext(database.db, { actor }),
    request: {
      address: '127.0.0.1',
      idempotencyKey: null,
      sessionId: null,
      setCookie: () => {},
      limit: async () => {},
    },
  })

const failureOf = async (attempt: Promise<unknown>) =>
  toFailure(
    await attempt.then(
      () => null,
      (error: unknown) => error,
    ),
  )

test('a workspace is made, read, changed, exported, imported, edited and deleted', async () => {
  const { actor } = await makeUser(testContext(database.db), { plan: 'AGENCY' })
  const api = caller(actor)
  const made = await api.create({ name: '  Mine ' })
  expect(made).toMatchObject({ name: 'Mine', slug: 'mine', planType: 'AGENCY', status: 'ACTIVE' })
  expect(await api.update({ id: made.id, name: 'Ours' })).toMatchObject({ id: made.id, name: 'Ours' })
  const imported = await api.import(sampleDocument())
  expect(await api.get({ id: imported.id })).toEqual(imported)
  expect((await api.list({})).items.map((item) => item.id).sort()).toEqual([imported.id, made.id].sort())
  expect((await api.tree({ id: imported.id })).counts.pages).toBe(6)
  await api.updatePage({ workspaceId: imported.id, pageId: 'p1', content: { a: 1 } })
  const page = await api.page({ workspaceId: imported.id, funnelId: '1', pageId: 'p1' })
  const exported = await api.export({ id: imported.id })
  expect(exported.funnels[0]?.pages[0]?.content).toEqual(page.content)
  expect(await api.delete({ id: made.id })).toEqual({ id: made.id, status: 'DELETED' })
  expect(await failureOf(api.get({ id: made.id }))).toMatchObject({
    status: 404,
    code: 'WORKSPACE_NOT_FOUND',
  })
})

test('members nobody asked for, and names that are none, are refused', async () => {
  const { actor } = await makeUser(testContext(database.db))
  const api = caller(actor)
  const extra = { name: 'A', ownerId: 'x' }
  expect(await failureOf(api.create(extra))).toMatchObject({ status: 400, code: 'INVALID_INPUT' })
  for (const name of ['\u00a0\u2003\u200b', 'a\u2028b', 'x'.repeat(201)])
    expect(await failureOf(api.create({ name }))).toMatchObject({ status: 400, issues: [{ path: ['name'] }] })
  expect(await failureOf(api.create({ name: 'A', image: 'javascript:alert(1)' }))).toMatchObject({
    status: 400,
  })
  expect(await failureOf(api.import({ format: 'x' }))).toMatchObject({
    status: 400,
    code: 'INVALID_DOCUMENT',
  })
})

test('cloning is for admins, with a payment or a reason', async () => {
  const ctx = testContext(database.db)
  const [owner, admin] = [await makeUser(ctx), await makeUser(ctx, { role: 'ADMIN' })]
  const { id } = await caller(owner.actor).import(sampleDocument())
  const input = { id, newOwnerId: admin.id, reason: 'a gift' }
  expect(await failureOf(caller(owner.actor).clone(input))).toMatchObject({ status: 404 })
  expect(await failureOf(caller().clone(input))).toMatchObject({ status: 404 })
  expect(await failureOf(caller(admin.actor).clone({ id, newOwnerId: admin.id }))).toMatchObject({
    status: 400,
  })
  expect(await caller(admin.actor).clone(input)).toMatchObject({ funnelsCloned: 2, pagesCloned: 6 })
})

test('a page is found by its linking id, usage is counted, and an own workspace has no clone report', async () => {
  const { actor } = await makeUser(testContext(database.db), { plan: 'AGENCY' })
  const api = caller(actor)
  const { id } = await api.import(sampleDocument())
  expect(await api.findPage({ linkingId: `${id}-4` })).toEqual({
    workspaceId: id,
    funnelId: '2',
    pageId: 'p4',
  })
  expect(await api.usage()).toMatchObject({ planType: 'AGENCY', used: 1, limit: null, refusal: null })
  expect(await api.limits({ id })).toMatchObject({ funnels: { used: 2, limit: null }, readOnly: null })
  expect(await api.cloneReport({ id })).toBeNull()
})

test('of many imports at once one is read at a time, five wait, and the others are told to come again', async () => {
  const { actor } = await makeUser(testContext(database.db), { plan: 'AGENCY' })
  const api = caller(actor)
  const all = await Promise.all(
    Array.from({ length: 20 }, () => failureOf(api.import(sampleDocument({ pagesPerFunnel: 100 })))),
  )
  const busy = all.filter(({ code }) => code === 'BUSY')
  expect(busy.length).toBeGreaterThan(0)
  for (const one of busy) expect(one).toMatchObject({ status: 503, retryAfter: expect.any(Number) })
  expect((await api.list({})).items).toHaveLength(20 - busy.length)
  expect((await api.list({})).items[0]).not.toHaveProperty('settings')
})

test('who may have no further workspace is told so before the document is read', async () => {
  const { actor } = await makeUser(testContext(database.db))
  const api = caller(actor)
  await api.import(sampleDocument())
  expect(await failureOf(api.import({ format: 'x' }))).toMatchObject({ code: 'PLAN_LIMIT_REACHED' })
})

test('a visitor is asked to sign in', async () => {
  expect(await failureOf(caller().list({}))).toMatchObject({ status: 401, code: 'SIGN_IN_REQUIRED' })
})

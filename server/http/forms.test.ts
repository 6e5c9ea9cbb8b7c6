import { eq, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { beforeAll, describe, expect, it } from 'vitest'
import { pageRenderer } from '../../app/features/page/published/render.server'
import { formSubmissions, funnels, mails, workspaces } from '../../db/schema'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser } from '../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../db/testing/factories/workspace'
import {
  cloneWorkspace,
  deleteAllWorkspaces,
  exportSubmissions,
  listSubmissions,
  updatePage,
} from '../domain/workspace'
import { createLog } from '../kit/log'
import type { HttpEnv } from './env'
import { servePublished } from './published'
import { createRenderedPages } from './rendered-pages'
import { createVisits } from './visits'

const database = useDatabase()
let ctx: TestContext
let app: Hono<HttpEnv>
let address = 0
beforeAll(() => {
  ctx = testContext(database.db)
  app = new Hono<HttpEnv>()
  servePublished(app, {
    rendered: createRenderedPages(),
    base: ctx,
    render: pageRenderer,
    visits: createVisits(ctx, createLog('silent')),
    addressOf: (call) => call.req.header('x-test-address') ?? String(address),
  })
})

const FORM = {
  title: 'Write to us',
  submit: 'Send',
  href: 'page:p2',
  fields: [
    { label: 'Name', type: 'text', required: true },
    { label: 'Mail', type: 'email' },
    { label: 'Phone', type: 'tel' },
    { label: 'Day', type: 'date' },
    { label: 'Hour', type: 'time' },
    { label: 'How many', type: 'number' },
    { label: 'Size', type: 'select', options: ['S', 'L'] },
    { label: 'Terms', type: 'checkbox' },
    { label: 'More', type: 'textarea' },
  ],
}
const QUIZ = {
  title: 'Which one?',
  questions: [
    {
      question: 'Tea?',
      answers: [
        { label: 'Yes', href: 'page:p2' },
        { label: 'No', href: 'page:p3' },
      ],
    },
    {
      question: 'Which?',
      multiple: true,
      answers: [
        { label: 'Green', href: 'page:p3' },
        { label: 'Black', href: 'page:p3' },
      ],
    },
  ],
}

const scene = async (form: object = FORM) => {
  address += 1
  const { as, workspace, seller } = await makeSellerWithWorkspace(ctx)
  const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, workspace.id))
  const id = row?.id ?? 0n
  await database.db.update(funnels).set({ passwordProtected: false }).where(sql`workspace_id = ${id}`)
  await updatePage(as, {
    workspaceId: workspace.id,
    pageId: 'p1',
    content: {
      root: {},
      content: [
        {
          type: 'Columns',
          props: { id: 'c', columns: [{ content: [{ type: 'Form', props: { id: 'form', ...form } }] }] },
        },
        { type: 'Quiz', props: { id: 'quiz', ...QUIZ } },
      ],
    },
  })
  const path = `/w/${workspace.slug}/funnel-1`
  const send = (fields: Record<string, string> | [string, string][], to = 'form') =>
    app.request(`${path}?send=${to}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'null' },
      body: new URLSearchParams(fields).toString(),
    })
  const kept = async () => (await listSubmissions(as, { workspaceId: workspace.id, limit: 50 })).items
  return { as, id, workspace, seller, path, send, kept }
}

describe('a form', () => {
  it('keeps what a visitor fills in, for the owner, and leads on', async () => {
    const { send, kept, path } = await scene()
    expect(await (await app.request(path)).text()).toContain('action="?send=form"')
    const answer = await send({
      f0: 'Ada',
      f1: 'ada@people.example',
      f5: '3',
      f6: 'L',
      f7: 'yes',
      f8: 'a\nb',
      took: '5000',
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${path}/page-2`])
    const [only] = await kept()
    expect(only).toMatchObject({ page: 'Page 1', form: 'Write to us' })
    expect(only?.answers.filter(({ value }) => value !== '')).toEqual([
      { label: 'Name', value: 'Ada' },
      { label: 'Mail', value: 'ada@people.example' },
      { label: 'How many', value: '3' },
      { label: 'Size', value: 'L' },
      { label: 'Terms', value: 'yes' },
      { label: 'More', value: 'a\nb' },
    ])
  })

  it('says thank you where it leads nowhere', async () => {
    const { send, path } = await scene({ ...FORM, href: '' })
    const answer = await send({ f0: 'Ada' })
    expect(answer.headers.get('location')).toBe(`${path}?sent=1`)
    expect(await (await app.request(`${path}?sent=1`)).text()).toContain('Thank you')
  })

  it.each([
    [{ f0: '' }, 'Name: Fill this in.'],
    [{ f0: 'A', f1: 'nobody' }, 'Mail: This is no e-mail address.'],
    [{ f0: 'A', f2: 'call me' }, 'Phone: This is no phone number.'],
    [{ f0: 'A', f3: '2026-02-31' }, 'Day: This is no date.'],
    [{ f0: 'A', f4: '25:00' }, 'Hour: This is no time.'],
    [{ f0: 'A', f5: 'three' }, 'How many: This is no number.'],
    [{ f0: 'A', f6: 'XL' }, 'Size: Choose one of the list.'],
    [{ f0: 'A', f7: 'maybe' }, 'Terms: This is no answer.'],
    [{ f0: 'A'.repeat(501) }, 'Name: That is too long.'],
  ])('refuses %j in words, and keeps nothing', async (fields, words) => {
    const { send, kept } = await scene()
    const answer = await send(fields)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain(words)
    expect(await kept()).toEqual([])
  })

  it('takes nothing from machines, who are told nothing of it', async () => {
    const { send, kept } = await scene()
    for (const fields of [
      { f0: 'A', website: 'https://spam.example' },
      { f0: 'A', took: '40' },
    ])
      expect((await send(fields)).status).toBe(303)
    expect(await kept()).toEqual([])
  })

  it('is not flooded', async () => {
    const { send, kept } = await scene()
    const statuses: number[] = []
    for (let n = 0; n < 11; n += 1) statuses.push((await send({ f0: `No ${n}` })).status)
    expect(statuses.at(-1)).toBe(429)
    expect(await kept()).toHaveLength(10)
  })

  it.each(['no-such-block', 'c'])('is none where there is none: %s', async (to) => {
    const { send } = await scene()
    expect((await send({ f0: 'A' }, to)).status).toBe(404)
  })

  it('mails its owner when they want it, without what was filled in', async () => {
    const { send, seller } = await scene({ ...FORM, notify: true })
    await send({ f0: 'Secret Name' })
    const [mail] = await database.db.select().from(mails).where(eq(mails.to, seller.email))
    expect(mail).toMatchObject({
      template: 'form-answered',
      data: expect.objectContaining({ form: 'Write to us' }),
    })
    expect(JSON.stringify(mail?.data)).not.toContain('Secret Name')
  })
})

describe('a quiz', () => {
  it('leads to the result that most answers speak for', async () => {
    const { send, kept, path } = await scene()
    const answer = await send(
      [
        ['q0', '0'],
        ['q1', '0'],
        ['q1', '1'],
      ],
      'quiz',
    )
    expect(answer.headers.get('location')).toBe(`${path}/page-3`)
    expect((await kept())[0]?.answers).toEqual([
      { label: 'Tea?', value: 'Yes' },
      { label: 'Which?', value: 'Green; Black' },
    ])
    expect((await send([['q0', '0']], 'quiz')).headers.get('location')).toBe(`${path}/page-2`)
    expect((await send([['q0', '7']], 'quiz')).status).toBe(422)
  })
})

describe('the answers', () => {
  it('are the owner’s alone, and in no copy', async () => {
    const { send, id, seller, workspace } = await scene()
    await send({ f0: 'Ada' })
    const buyer = await makeUser(ctx)
    const copy = await cloneWorkspace(ctx, {
      sourceId: id,
      buyerId: buyer.id,
      sellerId: seller.id,
      reason: 'a test',
    })
    const theirs = ctx.as(buyer.actor)
    expect((await listSubmissions(theirs, { workspaceId: copy.clonedWorkspaceId, limit: 9 })).items).toEqual(
      [],
    )
    await expect(listSubmissions(theirs, { workspaceId: workspace.id, limit: 9 })).rejects.toMatchObject({
      status: 404,
    })
  })

  it('are a CSV of fixed columns that starts no formula', async () => {
    const { send, as, workspace } = await scene()
    await send({ f0: '=1+1', f8: 'a "b", c' })
    const csv = await exportSubmissions(as, workspace.id)
    expect(csv.split('\r\n')[0]).toBe('id,received_at,page,form,field,value')
    expect(csv).toContain(`,${ctx.now().toISOString()},Page 1,Write to us,Name,'=1+1\r\n`)
    expect(csv).toContain('More,"a ""b"", c"\r\n')
  })

  it('are read page by page, and go with the account', async () => {
    const { send, as, workspace, seller, id } = await scene()
    for (const f0 of ['a', 'b', 'c']) await send({ f0 })
    const first = await listSubmissions(as, { workspaceId: workspace.id, limit: 2 })
    const rest = await listSubmissions(as, {
      workspaceId: workspace.id,
      limit: 2,
      cursor: first.nextCursor ?? '',
    })
    expect([...first.items, ...rest.items].map(({ answers }) => answers[0]?.value).sort()).toEqual([
      'a',
      'b',
      'c',
    ])
    await deleteAllWorkspaces(ctx, seller.id)
    expect(
      await database.db.select().from(formSubmissions).where(eq(formSubmissions.workspaceId, id)),
    ).toEqual([])
  })
})

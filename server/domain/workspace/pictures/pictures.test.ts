import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { workspaces } from '../../../../db/schema'
import { type TestContext, testContext } from '../../../../db/testing/context'
import { useDatabase } from '../../../../db/testing/database'
import { makeUser } from '../../../../db/testing/factories/identity'
import { samplePicture } from '../../../../db/testing/factories/picture'
import { makeSellerWithWorkspace } from '../../../../db/testing/factories/workspace'
import { collectPictures } from '../../picture'
import {
  addPicture,
  changePicture,
  cloneWorkspace,
  exportWorkspace,
  importWorkspace,
  listPictures,
  readPage,
  removePicture,
  replacePicture,
  updatePage,
  updateWorkspace,
} from '..'

const database = useDatabase()
let ctx: TestContext
beforeAll(() => {
  ctx = testContext(database.db)
})

const DAY = 86_400_000
const file = async (shade: number) => (await samplePicture(shade)).toString('base64')
const code = (work: Promise<unknown>) => work.then(String, (error: { code: string }) => error.code)
const scene = async () => {
  const { as, workspace, seller } = await makeSellerWithWorkspace(ctx)
  const add = async (shade: number, folder = '') =>
    addPicture(as, { workspaceId: workspace.id, name: `No ${shade}`, folder, content: await file(shade) })
  const show = (address: string, pageId = 'p1') =>
    updatePage(as, {
      workspaceId: workspace.id,
      pageId,
      content: { root: {}, content: [{ type: 'Image', props: { id: 'i', src: address } }] },
    })
  const sourceOf = async (at: TestContext, workspaceId: string) =>
    JSON.stringify((await readPage(at, { workspaceId, funnelId: '1', pageId: 'p1' })).content)
  return { as, workspace, seller, add, show, sourceOf, id: workspace.id }
}
const all = (at: TestContext, workspaceId: string) => listPictures(at, { workspaceId, limit: 50 })

describe('a library of pictures', () => {
  it('lists the newest first, by folder and page by page', async () => {
    const { as, id, add } = await scene()
    for (const [shade, folder] of [
      [1, ''],
      [2, 'People'],
      [3, 'People'],
    ] as const)
      await add(shade, folder)
    const first = await listPictures(as, { workspaceId: id, limit: 2 })
    expect(first.items.map(({ name }) => name)).toEqual(['No 3', 'No 2'])
    expect(first.folders).toEqual([
      { name: '', count: 1 },
      { name: 'People', count: 2 },
    ])
    const rest = await listPictures(as, { workspaceId: id, limit: 2, cursor: first.nextCursor ?? '' })
    expect(rest).toMatchObject({ items: [{ name: 'No 1', folder: '' }], nextCursor: null })
    expect((await listPictures(as, { workspaceId: id, limit: 9, folder: 'People' })).items).toHaveLength(2)
    expect(await code(listPictures(as, { workspaceId: id, limit: 9, cursor: 'x' }))).toBe('INVALID_INPUT')
  })

  it('renames and moves without touching what is shown', async () => {
    const { as, id, add } = await scene()
    const picture = await add(4)
    const changed = await changePicture(as, {
      workspaceId: id,
      pictureId: picture.id,
      name: 'Us',
      folder: 'Team',
    })
    expect(changed).toEqual({ ...picture, name: 'Us', folder: 'Team' })
    expect(await changePicture(as, { workspaceId: id, pictureId: picture.id })).toEqual(changed)
  })

  it('numbers two that come at once', async () => {
    const { add } = await scene()
    const [a, b] = await Promise.all([add(5), add(6)])
    expect(new Set([a?.id, b?.id])).toEqual(new Set(['1', '2']))
  })

  it('is nobody else’s, and looks like a missing one', async () => {
    const { id, add } = await scene()
    await add(7)
    const stranger = ctx.as((await makeUser(ctx)).actor)
    const content = await file(7)
    for (const work of [
      () => all(stranger, id),
      () => addPicture(stranger, { workspaceId: id, name: 'Mine', content }),
      () => changePicture(stranger, { workspaceId: id, pictureId: '1', name: 'Mine' }),
      () => replacePicture(stranger, { workspaceId: id, pictureId: '1', content }),
      () => removePicture(stranger, { workspaceId: id, pictureId: '1' }),
    ])
      expect(await code(work())).toBe('WORKSPACE_NOT_FOUND')
  })

  it('is not changed while its workspace is frozen', async () => {
    const { as, id, add } = await scene()
    const { id: pictureId } = await add(8)
    await database.db.update(workspaces).set({ status: 'FROZEN' }).where(eq(workspaces.publicId, id))
    expect((await all(as, id)).items).toHaveLength(1)
    expect(await code(add(9))).toBe('WORKSPACE_FROZEN')
    expect(await code(removePicture(as, { workspaceId: id, pictureId }))).toBe('WORKSPACE_FROZEN')
  })

  it.each(['0', 'x', '99', '1e1'])('knows no picture %s', async (pictureId) => {
    const { as, id } = await scene()
    expect(await code(removePicture(as, { workspaceId: id, pictureId }))).toBe('PICTURE_NOT_FOUND')
  })
})

describe('a picture that is replaced', () => {
  it('is replaced wherever its workspace shows it, and nowhere else', async () => {
    const { as, id, add, show, sourceOf } = await scene()
    const old = await add(20)
    await show(old.address)
    await updateWorkspace(as, { id, image: old.address, settings: { socialPicture: old.address } })
    const buyer = await makeUser(ctx)
    const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, id))
    const copy = await cloneWorkspace(ctx, {
      sourceId: row?.id ?? 0n,
      buyerId: buyer.id,
      sellerId: row?.ownerId ?? '',
      reason: 'a test',
    })
    const changed = await replacePicture(as, { workspaceId: id, pictureId: old.id, content: await file(21) })
    expect(changed).toMatchObject({ id: old.id, name: old.name, pages: 1 })
    expect(await sourceOf(as, id)).toContain(changed.address)
    const document = JSON.stringify(await exportWorkspace(as, id))
    expect(document).not.toContain(old.address)
    expect(document.split(changed.address)).toHaveLength(5)
    const theirs = ctx.as(buyer.actor)
    expect(JSON.stringify(await exportWorkspace(theirs, copy.clonedWorkspaceId))).not.toContain(
      changed.address,
    )
    expect(await sourceOf(theirs, copy.clonedWorkspaceId)).toContain(old.address)
  })
})

describe('a picture that is removed', () => {
  it('stays where pages and copies show it', async () => {
    const { as, id, add, show, seller } = await scene()
    const [shown, listed] = [await add(30), await add(31)]
    await show(shown.address)
    const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, id))
    const buyer = await makeUser(ctx)
    await cloneWorkspace(ctx, {
      sourceId: row?.id ?? 0n,
      buyerId: buyer.id,
      sellerId: seller.id,
      reason: 'a test',
    })
    for (const picture of [shown, listed]) await removePicture(as, { workspaceId: id, pictureId: picture.id })
    expect((await all(as, id)).items).toEqual([])
    ctx.clock.advance(3 * DAY)
    await collectPictures(ctx)
    ctx.clock.advance(3 * DAY)
    await collectPictures(ctx)
    for (const { address } of [shown, listed])
      expect(await ctx.outside.pictures.read(address.replace('/pictures/', ''))).not.toBeNull()
  })

  it('is refused while the settings name it, with where', async () => {
    const { as, id, add } = await scene()
    const picture = await add(32)
    await updateWorkspace(as, { id, image: picture.address })
    await expect(removePicture(as, { workspaceId: id, pictureId: picture.id })).rejects.toMatchObject({
      code: 'PICTURE_IN_USE',
      message: expect.stringContaining('the workspace’s picture'),
    })
    await add(32)
    await removePicture(as, { workspaceId: id, pictureId: picture.id })
  })
})

describe('a copy’s library', () => {
  it('is the source’s, and its export the source’s export', async () => {
    const { as, id, add, show, seller } = await scene()
    const { address } = await add(40, 'People')
    await add(41)
    await show(address)
    const buyer = await makeUser(ctx, { plan: 'AGENCY' })
    const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, id))
    const copy = await cloneWorkspace(ctx, {
      sourceId: row?.id ?? 0n,
      buyerId: buyer.id,
      sellerId: seller.id,
      reason: 'a test',
    })
    const theirs = ctx.as(buyer.actor)
    const [ours, copied] = [
      await exportWorkspace(as, id),
      await exportWorkspace(theirs, copy.clonedWorkspaceId),
    ]
    expect(ours.pictures).toHaveLength(2)
    expect(copied.pictures).toEqual(ours.pictures)
    const again = await importWorkspace(theirs, ours)
    expect((await exportWorkspace(theirs, again.id)).pictures).toEqual(ours.pictures)
  })

  it('is left out of the export where there is none', async () => {
    const { as, id } = await scene()
    expect(await exportWorkspace(as, id)).not.toHaveProperty('pictures')
  })

  it('does not tell by an import whether there is such a picture', async () => {
    const { as, id } = await scene()
    const { id: _id, slug: _slug, ...document } = await exportWorkspace(as, id)
    const address = `/pictures/${'ab'.repeat(32)}-40x30.webp`
    const made = await importWorkspace(as, { ...document, pictures: [{ name: 'Theirs', address }] })
    expect(await exportWorkspace(as, made.id)).not.toHaveProperty('pictures')
  })

  it.each([
    [[{ name: 'A', address: 'https://elsewhere.example/a.webp' }], 'address'],
    [[{ name: '', address: `/pictures/${'ab'.repeat(32)}-4x3.webp` }], 'name'],
    [[{ name: 'A', folder: 'x'.repeat(101), address: `/pictures/${'ab'.repeat(32)}-4x3.webp` }], 'folder'],
  ])('refuses an import of %j', async (pictures, member) => {
    const { as, id } = await scene()
    const { id: _id, slug: _slug, ...document } = await exportWorkspace(as, id)
    await expect(importWorkspace(as, { ...document, pictures })).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      issues: [expect.objectContaining({ path: ['pictures', 0, member] })],
    })
  })
})

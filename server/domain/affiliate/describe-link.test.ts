import { beforeEach, expect, it } from 'vitest'
import type { workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeBareWorkspace, makeSeller } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { sellingTerms } from '../marketplace'
import { describeLink, generateAffiliateLink, readLink, revokeLink } from '.'
import type { GenerateAffiliateLinkInput } from './schemas'

const database = useDatabase()
const ONE_OFF = { mode: 'ONE_OFF' as const, price: { amount: 11_500, currency: 'USD' } }

let world: TestContext
let ctx: TestContext
let seller: MadeUser
let workspace: typeof workspaces.$inferSelect

beforeEach(async () => {
  world = testContext(database.db)
  seller = await makeSeller(world, { commissionPercentage: '22.50' })
  workspace = await makeBareWorkspace(world, seller.id, { name: 'Kit', description: 'All of it.' })
  ctx = world.as(seller.actor)
})

const generate = (more: Partial<GenerateAffiliateLinkInput> = {}) =>
  generateAffiliateLink(ctx, { name: 'Launch', workspaceId: workspace.publicId, offer: ONE_OFF, ...more })

it('shows whoever has the link what it sells and from whom, and no address of the seller', async () => {
  const { token } = await generate()
  const landing = await describeLink(world, { token })
  expect(landing).toMatchObject({
    workspace: { name: 'Kit', description: 'All of it.', counts: { funnels: 0, pages: 0, themes: 0 } },
    offer: ONE_OFF,
    expiresAt: null,
    planAfter: 'FREE',
    limits: { funnels: 3, pagesPerFunnel: 35 },
  })
  expect(landing.seller.name).not.toBe('')
  expect(JSON.stringify(landing)).not.toContain('@')
})

it('says which plan the reader will have: their own after one payment, the offer’s with a subscription', async () => {
  const once = await generate()
  const monthly = await generateAffiliateLink(ctx, { name: 'Club', workspaceId: workspace.publicId })
  const reader = world.as((await makeUser(world, { plan: 'AGENCY' })).actor)
  expect(await describeLink(reader, once)).toMatchObject({
    planAfter: 'AGENCY',
    limits: { funnels: null, pagesPerFunnel: null },
  })
  expect(await describeLink(world, monthly)).toMatchObject({ planAfter: 'BUSINESS', limits: { funnels: 20 } })
})

it('describes nothing through a link that is no longer sold, or none of ours', async () => {
  const { id, token } = await generate()
  await revokeLink(ctx, { id })
  await expect(describeLink(world, { token })).rejects.toMatchObject({
    status: 422,
    code: 'LINK_NOT_AVAILABLE',
  })
  await expect(describeLink(world, { token: 'x' })).rejects.toMatchObject({
    status: 400,
    code: 'LINK_INVALID',
  })
})

it('reads one link for its seller; to anyone else it is not there', async () => {
  const { id, url } = await generate()
  expect(await readLink(ctx, { id })).toMatchObject({ id, url, commissionPercentage: '22.50' })
  const other = world.as((await makeSeller(world)).actor)
  for (const [as, which] of [
    [other, id],
    [ctx, 'nonsense'],
  ] as const)
    await expect(readLink(as, { id: which })).rejects.toMatchObject({ status: 404, code: 'LINK_NOT_FOUND' })
})

it('tells a seller their plan, their rate and what each plan costs by itself', async () => {
  const terms = await sellingTerms(ctx)
  expect(terms).toMatchObject({ planType: 'AGENCY', commissionPercentage: '22.50' })
  expect(terms.plans).toContainEqual({
    plan: 'BUSINESS',
    monthly: { amount: 2_900, currency: 'USD' },
    yearly: { amount: 29_000, currency: 'USD' },
  })
})

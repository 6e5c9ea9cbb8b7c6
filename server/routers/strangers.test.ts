import { randomUUID } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  affiliates,
  attributions,
  commissions,
  notifications,
  orders,
  payments,
  sessions,
  withdrawals,
  workspaces,
} from '../../db/schema'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeAffiliate, makeReferral } from '../../db/testing/factories/affiliate'
import { makeUser, TEST_PASSWORD } from '../../db/testing/factories/identity'
import { makeListing } from '../../db/testing/factories/marketplace'
import { makeOffer, makeOrder, makePaidAddon, paidFacts } from '../../db/testing/factories/payment'
import { givenBalance, givenMethod, PAYPAL } from '../../db/testing/factories/payout'
import { makeCoupon } from '../domain/affiliate'
import { createEndpoint } from '../domain/endpoint'
import { createApiKey, signIn } from '../domain/identity'
import { settleOrder } from '../domain/payment'
import { requestWithdrawal } from '../domain/payout'
import { procedures } from '../http/plain'
import { type Actor, inTransaction } from '../kit/context'
import { type ProcedureMeta, toFailure } from '../trpc'
import { createCaller } from '.'

const database = useDatabase()
let ctx: TestContext
let stranger: Actor
/** What somebody else has, by what it is. */
let theirs: Things
/** The same names for nothing at all. */
const nothing = (): Things => ({
  workspace: randomUUID(),
  copy: randomUUID(),
  funnel: '1',
  page: 'p1',
  linkingId: randomUUID(),
  link: randomUUID(),
  listing: randomUUID(),
  commission: randomUUID(),
  order: randomUUID(),
  checkout: 'cs_none',
  purchase: randomUUID(),
  addon: randomUUID(),
  invitation: randomUUID(),
  member: randomUUID(),
  withdrawal: randomUUID(),
  referral: randomUUID(),
  apiKey: randomUUID(),
  endpoint: randomUUID(),
  coupon: randomUUID(),
  session: randomUUID(),
  notification: randomUUID(),
})
interface Things {
  workspace: string
  copy: string
  funnel: string
  page: string
  linkingId: string
  link: string
  listing: string
  commission: string
  order: string
  checkout: string
  purchase: string
  addon: string
  invitation: string
  member: string
  withdrawal: string
  referral: string
  apiKey: string
  endpoint: string
  coupon: string
  session: string
  notification: string
}

beforeAll(async () => {
  ctx = testContext(database.db)
  const offer = await makeOffer(ctx)
  const buyer = await makeUser(ctx, { plan: 'AGENCY' })
  const affiliate = await makeUser(ctx)
  await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id })
  const order = await makeOrder(ctx, offer, { buyerId: buyer.id })
  await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
  const seller = ctx.as(offer.seller.actor)
  await givenMethod(seller, PAYPAL)
  await givenBalance(seller, offer.seller.id, 10_000n)
  await requestWithdrawal(seller, { amount: 6_000, currency: 'USD' })
  const one = <T>(rows: T[]): T => {
    const [row] = rows
    if (row === undefined) throw new Error('nothing is there')
    return row
  }
  const payment = one(await ctx.db.select().from(payments).where(eq(payments.orderId, order.id)))
  theirs = {
    ...nothing(),
    workspace: offer.workspaceId,
    copy: one(
      await ctx.db
        .select({ id: workspaces.publicId })
        .from(orders)
        .innerJoin(workspaces, eq(workspaces.ownerId, orders.buyerId))
        .where(eq(orders.id, order.id)),
    ).id,
    linkingId: `${offer.workspaceId}-1`,
    link: offer.link.id,
    listing: (await makeListing(ctx, { draft: true })).listing.slug,
    commission: one(
      await ctx.db
        .select()
        .from(commissions)
        .where(and(eq(commissions.paymentId, payment.id), eq(commissions.kind, 'SALE'))),
    ).id,
    order: order.id,
    purchase: payment.id,
    member: offer.seller.id,
    addon: (await makePaidAddon(ctx, offer.seller, { addon: 'EXTRA_MEMBER', quantity: 1 })).subscriptionId,
    withdrawal: one(await ctx.db.select().from(withdrawals)).id,
    referral: one(await ctx.db.select().from(attributions)).customerId,
    coupon: (
      await makeCoupon(ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor), {
        affiliate: one(await ctx.db.select().from(affiliates).where(eq(affiliates.userId, affiliate.id)))
          .code,
        code: 'THEIRS20',
        percentage: '20.00',
        months: 0,
        scope: 'ALL',
      })
    ).id,
    endpoint: (await createEndpoint(seller, { url: 'https://example.com/hooks', kinds: ['sale.created'] }))
      .endpoint.id,
    apiKey: (await createApiKey(seller, { name: 'Theirs' })).apiKey.id,
    session: await theirSession(offer.seller.email),
    notification: one(
      await ctx.db.select().from(notifications).where(eq(notifications.userId, offer.seller.id)).limit(1),
    ).id,
  }
  const other = await makeUser(ctx, { plan: 'AGENCY' })
  await makeAffiliate(ctx, { userId: other.id })
  stranger = other.actor
})

const theirSession = async (email: string): Promise<string> => {
  await signIn(ctx, { email, password: TEST_PASSWORD })
  const [session] = await ctx.db.select().from(sessions)
  return session?.publicId ?? ''
}

const request = {
  address: '192.0.2.1',
  idempotencyKey: null,
  sessionId: null,
  setCookie: () => {},
  limit: async () => {},
}
const refusalOf = async (name: string, input: unknown) => {
  const api: unknown = createCaller({ ...ctx, actor: stranger, request })
  const ask = name.split('.').reduce((at, part) => (at as Record<string, unknown>)[part], api)
  return (ask as (input: unknown) => Promise<unknown>)(input).then(
    () => 'an answer',
    (error: unknown) => toFailure(error),
  )
}

/** How each procedure that takes the name of a thing is asked for one; a new one must be decided about. */
const ASKED: Readonly<Record<string, (of: Things) => unknown>> = {
  'affiliate.generateAffiliateLink': ({ workspace }) => ({
    name: 'Mine',
    workspaceId: workspace,
    offer: { mode: 'ONE_OFF', price: { amount: 10_000, currency: 'USD' } },
  }),
  'affiliate.link': ({ link }) => ({ id: link }),
  'affiliate.liftLink': ({ link }) => ({ id: link }),
  'affiliate.revokeLink': ({ link }) => ({ id: link }),
  'affiliate.explainCommission': ({ commission }) => ({ id: commission }),
  'coupons.endOwn': ({ coupon }) => ({ id: coupon }),
  'endpoint.change': ({ endpoint }) => ({ id: endpoint, status: 'OFF' }),
  'endpoint.remove': ({ endpoint }) => ({ id: endpoint }),
  'endpoint.rotate': ({ endpoint }) => ({ id: endpoint }),
  'endpoint.test': ({ endpoint }) => ({ id: endpoint }),
  'endpoint.deliveries': ({ endpoint }) => ({ id: endpoint }),
  'endpoint.redeliver': ({ endpoint }) => ({ id: endpoint, deliveryId: randomUUID() }),
  'auth.revokeApiKey': ({ apiKey }) => ({ id: apiKey }),
  'auth.revokeSession': ({ session }) => ({ id: session }),
  'notification.markRead': ({ notification }) => ({ id: notification }),
  'affiliates.referral': ({ referral }) => ({ id: referral }),
  'affiliates.askForReview': ({ referral }) => ({ referralId: referral, message: 'They are mine, I think.' }),
  'workspace.funnel': ({ workspace, funnel }) => ({ workspaceId: workspace, funnelId: funnel }),
  'workspace.createFunnel': ({ workspace }) => ({ workspaceId: workspace, name: 'Mine' }),
  'workspace.changeFunnel': ({ workspace, funnel }) => ({
    workspaceId: workspace,
    funnelId: funnel,
    name: 'Mine',
  }),
  'workspace.moveFunnel': ({ workspace, funnel }) => ({ workspaceId: workspace, funnelId: funnel }),
  'workspace.duplicateFunnel': ({ workspace, funnel }) => ({ workspaceId: workspace, funnelId: funnel }),
  'workspace.deleteFunnel': ({ workspace, funnel }) => ({ workspaceId: workspace, funnelId: funnel }),
  'workspace.createPage': ({ workspace, funnel }) => ({
    workspaceId: workspace,
    funnelId: funnel,
    name: 'Mine',
  }),
  'workspace.movePage': ({ workspace, page }) => ({ workspaceId: workspace, pageId: page }),
  'workspace.duplicatePage': ({ workspace, page }) => ({ workspaceId: workspace, pageId: page }),
  'workspace.deletePage': ({ workspace, page }) => ({ workspaceId: workspace, pageId: page }),
  'marketplace.create': ({ workspace }) => ({ workspaceId: workspace }),
  'marketplace.edit': ({ listing }) => ({ slug: listing, title: 'Mine' }),
  'marketplace.listing': ({ listing }) => ({ slug: listing }),
  'marketplace.page': ({ listing }) => ({ slug: listing }),
  'marketplace.pause': ({ listing }) => ({ slug: listing }),
  'marketplace.related': ({ listing }) => ({ slug: listing }),
  'marketplace.resume': ({ listing }) => ({ slug: listing }),
  'marketplace.replyToReview': ({ listing }) => ({ id: listing, reply: 'Mine' }),
  'marketplace.reviewStanding': ({ listing }) => ({ slug: listing }),
  'marketplace.reviews': ({ listing }) => ({ slug: listing }),
  'marketplace.writeReview': ({ listing }) => ({ slug: listing, rating: 5 }),
  'marketplace.submit': ({ listing }) => ({ slug: listing }),
  'marketplace.withdraw': ({ listing }) => ({ slug: listing }),
  'payment.planProgress': ({ order, checkout }) => ({ orderId: order, checkoutRef: checkout }),
  'payment.orderProgress': ({ order, checkout }) => ({ orderId: order, checkoutRef: checkout }),
  'payment.purchase': ({ purchase }) => ({ id: purchase }),
  'payment.cancelAddon': ({ addon }) => ({ id: addon }),
  'payment.resumeAddon': ({ addon }) => ({ id: addon }),
  'payment.openAddonInvoice': ({ addon }) => ({ id: addon }),
  'members.list': ({ workspace }) => ({ id: workspace }),
  'members.invite': ({ workspace }) => ({ id: workspace, email: 'me@x.example', role: 'ADMIN' }),
  'members.revokeInvitation': ({ workspace, invitation }) => ({ id: workspace, invitationId: invitation }),
  'members.makeLink': ({ workspace }) => ({ id: workspace, role: 'ADMIN', maxUses: 1 }),
  'members.revokeLink': ({ workspace, invitation }) => ({ id: workspace, linkId: invitation }),
  'members.change': ({ workspace, member }) => ({ id: workspace, userId: member, role: 'ADMIN' }),
  'members.remove': ({ workspace, member }) => ({ id: workspace, userId: member }),
  'members.leave': ({ workspace }) => ({ id: workspace }),
  'members.setRole': ({ workspace }) => ({ id: workspace, role: 'ADMIN', permissions: [] }),
  'members.offerOwnership': ({ workspace, member }) => ({ id: workspace, userId: member }),
  'payout.cancel': ({ withdrawal }) => ({ id: withdrawal }),
  'picture.list': ({ workspace }) => ({ workspaceId: workspace }),
  'picture.add': ({ workspace }) => ({ workspaceId: workspace, name: 'Mine', content: 'R0lGODlh' }),
  'picture.change': ({ workspace }) => ({ workspaceId: workspace, pictureId: '1', name: 'Mine' }),
  'picture.replace': ({ workspace }) => ({ workspaceId: workspace, pictureId: '1', content: 'R0lGODlh' }),
  'picture.remove': ({ workspace }) => ({ workspaceId: workspace, pictureId: '1' }),
  'workspace.submissions': ({ workspace }) => ({ workspaceId: workspace }),
  'workspace.submissionsCsv': ({ workspace }) => ({ id: workspace }),
  'workspace.get': ({ workspace }) => ({ id: workspace }),
  'workspace.update': ({ workspace }) => ({ id: workspace, name: 'Mine' }),
  'workspace.delete': ({ workspace }) => ({ id: workspace }),
  'workspace.tree': ({ workspace }) => ({ id: workspace }),
  'workspace.export': ({ workspace }) => ({ id: workspace }),
  'workspace.limits': ({ workspace }) => ({ id: workspace }),
  'workspace.cloneReport': ({ copy }) => ({ id: copy }),
  'workspace.page': ({ workspace, funnel, page }) => ({
    workspaceId: workspace,
    funnelId: funnel,
    pageId: page,
  }),
  'workspace.pageRefusal': ({ workspace, funnel, page }) => ({
    workspaceId: workspace,
    funnelId: funnel,
    pageId: page,
  }),
  'workspace.updatePage': ({ workspace, page }) => ({ workspaceId: workspace, pageId: page, name: 'Mine' }),
  'workspace.pageVersions': ({ workspace, page }) => ({ workspaceId: workspace, pageId: page }),
  'workspace.pageVersion': ({ workspace, page }) => ({ workspaceId: workspace, pageId: page, version: 1 }),
  'workspace.restorePage': ({ workspace, page }) => ({ workspaceId: workspace, pageId: page, version: 1 }),
  'workspace.makeRelease': ({ workspace }) => ({ workspaceId: workspace }),
  'workspace.releases': ({ workspace }) => ({ workspaceId: workspace }),
  'workspace.traces': ({ workspace }) => ({ id: workspace }),
  'workspace.readUpdate': ({ copy }) => ({ workspaceId: copy }),
  'workspace.previewUpdate': ({ copy }) => ({ workspaceId: copy }),
  'workspace.updatedPage': ({ copy, page }) => ({ workspaceId: copy, pageId: page }),
  'workspace.takeUpdate': ({ copy }) => ({ workspaceId: copy, seen: '' }),
  'workspace.undoUpdate': ({ copy }) => ({ workspaceId: copy }),
  'workspace.findPage': ({ linkingId }) => ({ linkingId }),
}

/** These name nothing that is somebody's alone. */
const OPEN: Readonly<Record<string, string>> = {
  'affiliate.landing': 'the token of a link is there to be handed to anybody',
  'coupons.enter': 'the token of a link is there to be handed to anybody',
  'payment.createPaymentLink':
    'links and live listings are there for anybody; a workspace must be the one they sell',
  'marketplace.reportReview': 'reviews are there for everybody to read, and to report',
  'payout.setTax': 'a tax id is text that its payer fills in; it finds nothing',
  'notification.readUnsubscribe': 'a signed link out of a mail: whoever has it is who was meant',
  'notification.unsubscribe': 'a signed link out of a mail: whoever has it is who was meant',
  'auth.readEmailChange': 'a secret out of a mail: whoever has it is who was meant',
  'auth.answerEmailChange': 'a secret out of a mail: whoever has it is who was meant',
  'workspace.publishedAddress': 'what is published is for anybody',
  'members.invitation': 'a secret out of a mail, or a link that is there to be handed on',
  'members.accept': 'the same; and what was mailed is for its address alone',
  'members.reject': 'the same: whoever has the mail may say no',
  'auth.resetPassword': 'a secret out of a mail: whoever has it is who was meant',
  'auth.verifyEmail': 'a secret out of a mail: whoever has it is who was meant',
}

/** Members of an input that name a thing. */
const NAMING = /^(id|token|slug)$|(Id|Ref|Token|Slug)$/

interface JsonSchema {
  readonly properties?: object
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}
const membersOf = ({ properties = {}, anyOf = [], oneOf = [] }: JsonSchema): string[] => [
  ...Object.keys(properties),
  ...[...anyOf, ...oneOf].flatMap(membersOf),
]

const all = Object.entries(procedures()).map(([name, procedure]) => {
  const def = procedure._def as unknown as { meta?: ProcedureMeta; inputs: z.ZodType[] }
  const schema =
    def.inputs[0] === undefined
      ? {}
      : (z.toJSONSchema(def.inputs[0], { io: 'input', unrepresentable: 'any' }) as JsonSchema)
  const members = membersOf(schema)
  return { name, guard: def.meta?.guard, names: members.filter((member) => NAMING.test(member)) }
})
const naming = all.filter(({ guard, names }) => guard !== 'admin' && names.length > 0 && guard !== undefined)

describe('what is somebody else’s', () => {
  it('is decided about for every procedure that takes the name of a thing', () => {
    const decided = [...Object.keys(ASKED), ...Object.keys(OPEN)]
    expect(naming.map(({ name }) => name).filter((name) => !decided.includes(name))).toEqual([])
    expect(decided.filter((name) => !naming.some((one) => one.name === name))).toEqual([])
  })

  it.each(Object.keys(ASKED))('is answered by %s as if there were no such thing', async (name) => {
    const of = ASKED[name]
    const refusal = await refusalOf(name, of?.(theirs))
    expect(refusal).toMatchObject({ status: 404 })
    expect(refusal).toEqual(await refusalOf(name, of?.(nothing())))
    expect(JSON.stringify(refusal)).not.toContain(theirs.workspace)
  })

  it.each(all.filter(({ guard }) => guard === 'admin'))(
    'is not there at all where admins ask: $name',
    async ({ name }) => {
      expect(await refusalOf(name, {})).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    },
  )
})

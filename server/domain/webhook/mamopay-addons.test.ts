import { eq } from 'drizzle-orm'
import { beforeEach, expect, it } from 'vitest'
import { mails, subscriptions } from '../../../db/schema'
import type { TestContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { useMamoHouse } from '../../../db/testing/factories/mamopay'
import type { MamoHarness } from '../../providers/sandbox/mamopay/mamopay.harness'
import { createPaymentLink, currentPlan, endPlan, learnSubscription, setAddonCancellation } from '../payment'
import { workspaceUsage } from '../workspace'

const database = useDatabase()
const house = useMamoHouse(database)
const { deliver, endOf, hooksOf, paymentsOf } = house
let h: MamoHarness
let ctx: TestContext
beforeEach(() => {
  ;({ h, ctx } = house.now())
})

it('an add-on through MamoPay raises its limit, is renewed, past due, paid, and stays to its end when MamoPay cancels it', async () => {
  const user = await makeUser(ctx)
  const me = ctx.as(user.actor)
  const { id, url } = await createPaymentLink(me, {
    paymentType: 'ADDON_PURCHASE',
    addon: 'EXTRA_WORKSPACE',
    quantity: 2,
    provider: 'mamopay',
    attempt: null,
  })
  await h.pay(url)
  for (const { body } of [...(await hooksOf(url))].reverse()) await deliver(body)
  expect(await endOf(id)).toMatchObject({ order: 'FULFILLED', payments: [['CAPTURED', 1_800n, 0n]] })
  expect(await workspaceUsage(me)).toMatchObject({ limit: 3 })
  const subscription = async () => {
    const [row] = await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, id))
    if (row === undefined) throw new Error('no subscription')
    return row
  }
  const { externalId: ref, id: addonId } = await subscription()
  const [subscriber] = (await (await h.api('GET', `/subscriptions/${ref}/subscribers`)).json()) as {
    id: string
  }[]
  for (const [what, status] of [
    ['renew', 'ACTIVE'],
    ['decline', 'PAST_DUE'],
    ['renew', 'ACTIVE'],
  ] as const) {
    h.hooks.length = 0
    ctx.clock.advance(86_400_000)
    await h.form(`/sandbox/mamopay/subscribers/${subscriber?.id}/${what}`)
    const [hook] = await hooksOf(url)
    expect(await deliver(hook?.body ?? '')).toMatchObject({ status: 'PROCESSED' })
    expect((await subscription()).status).toBe(status)
  }
  expect((await paymentsOf(id)).map(({ type }) => type).sort()).toEqual([
    'ADDON_PURCHASE',
    'ADDON_RENEWAL',
    'ADDON_RENEWAL',
  ])
  // MamoPay lets us end nothing for somebody: who wants it writes to us.
  await expect(setAddonCancellation(me, { id: addonId, cancel: true })).rejects.toMatchObject({
    status: 422,
    code: 'NOT_CHANGEABLE',
  })
  await h.api('DELETE', `/subscriptions/${ref}/subscribers/${subscriber?.id}`)
  await learnSubscription(ctx, addonId)
  const { status, planStaysUntil } = await subscription()
  expect(status).toBe('CANCELLED')
  expect(planStaysUntil?.getTime()).toBeGreaterThan(ctx.now().getTime())
  expect(await workspaceUsage(me)).toMatchObject({ limit: 3 })
  expect((await currentPlan(me)).addons).toMatchObject([{ ends: true, canChange: false }])
  ctx.clock.advance((planStaysUntil?.getTime() ?? 0) - ctx.now().getTime() + 1_000)
  await endPlan(ctx, user.organizationId)
  expect(await workspaceUsage(me)).toMatchObject({ limit: 1 })
  const told = await database.db.select().from(mails).where(eq(mails.to, user.email)).orderBy(mails.createdAt)
  expect(told.map(({ template }) => template)).toEqual([
    'addon-started',
    'renewal-paid',
    'renewal-failed',
    'renewal-paid',
    'addon-ending',
    'addon-ended',
  ])
}, 60_000)

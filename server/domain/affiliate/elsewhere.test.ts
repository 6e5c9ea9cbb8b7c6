import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { attributions, signUpsElsewhere, users } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeAffiliate, visit } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeOffer, makeOrder, paidFacts } from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { createCaller } from '../../routers'
import { toFailure } from '../../trpc'
import { createApiKey } from '../identity'
import { ApiKeyScope, SignUpInput } from '../identity/schemas'
import { settleOrder } from '../payment'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import {
  addTrackingSite,
  affiliateDashboard,
  clickedReferral,
  listTrackingSites,
  recordSignUpElsewhere,
  signUpReferred,
} from '.'
import { AddTrackingSiteInput, DashboardInput } from './schemas'

const database = useDatabase()
let next = 0
const given = async () => {
  const ctx = testContext(database.db)
  const referrer = await makeUser(ctx)
  const affiliate = await makeAffiliate(ctx, { userId: referrer.id })
  const referral = (await clickedReferral(ctx, visit(affiliate.code))) ?? ''
  next += 1
  const email = `elsewhere-${next}@customer.example`
  const open = (cookie: string | null = null, address = email) =>
    signUpReferred(
      ctx,
      SignUpInput.parse({
        email: address,
        password: 'lantern-orbit-meadow',
        firstName: 'Eli',
        lastName: 'E',
      }),
      cookie,
    )
  const attributed = async () => {
    const rows = await database.db
      .select({ attribution: attributions })
      .from(attributions)
      .innerJoin(users, eq(users.id, attributions.customerId))
      .where(eq(users.email, email))
    return rows.map(({ attribution }) => attribution)
  }
  const waiting = () =>
    database.db.select().from(signUpsElsewhere).where(eq(signUpsElsewhere.affiliateId, affiliate.id))
  const dashboard = () =>
    affiliateDashboard(ctx.as(referrer.actor), DashboardInput.parse({ timeframe: 'year' }))
  return { ctx, referrer, affiliate, referral, email, open, attributed, waiting, dashboard }
}

describe('a sign-up at a site outside', () => {
  it('counts from then on, and gives the account that is opened later to its affiliate, under the terms of then', async () => {
    const { ctx, affiliate, referral, email, open, attributed, waiting, dashboard } = await given()
    const at = ctx.now()
    await recordSignUpElsewhere(ctx, { referral, email })
    await recordSignUpElsewhere(ctx, { referral, email })
    const before = await dashboard()
    expect([before.signups, before.campaigns[0]?.signups]).toEqual([1, 1])
    expect(JSON.stringify(await waiting())).not.toContain(email)
    ctx.clock.advance(60 * 86_400_000)
    const other = await given()
    await open(other.referral)
    expect(await attributed()).toMatchObject([
      { affiliateId: affiliate.id, ratePercentage: '15.00', code: affiliate.code, createdAt: at },
    ])
    expect(await waiting()).toEqual([])
    await recordSignUpElsewhere(other.ctx, { referral: other.referral, email })
    expect(await attributed()).toHaveLength(1)
    ctx.clock.set(at)
    expect((await dashboard()).signups).toBe(1)
  })

  it('keeps its rate when the programme’s changes before the account is opened', async () => {
    const { ctx, referral, email, open, attributed } = await given()
    await recordSignUpElsewhere(ctx, { referral, email })
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    ctx.clock.advance(1_000)
    await changeProgram(admin, ChangeProgramInput.parse({ referralCommissionPercentage: 5 }))
    ctx.clock.advance(1_000)
    await open()
    expect(await attributed()).toMatchObject([{ ratePercentage: '15.00' }])
    await changeProgram(admin, ChangeProgramInput.parse({ referralCommissionPercentage: 15 }))
  })

  it('gives an account that a purchase makes to its affiliate too', async () => {
    const { ctx, affiliate, referral, email, attributed } = await given()
    await recordSignUpElsewhere(ctx, { referral, email })
    const order = await makeOrder(ctx, await makeOffer(ctx), { email })
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
    expect(await attributed()).toMatchObject([{ affiliateId: affiliate.id }])
  })

  it('that is told while the account is being opened attributes it once, whichever comes first', async () => {
    for (let i = 0; i < 5; i += 1) {
      const { ctx, affiliate, referral, email, open, attributed, waiting } = await given()
      await Promise.all([open(), recordSignUpElsewhere(ctx, { referral, email })])
      expect(await attributed()).toMatchObject([{ affiliateId: affiliate.id }])
      expect(await waiting()).toEqual([])
    }
  })

  it('of somebody with an account from before the click, or of the affiliate themselves, is nobody’s', async () => {
    const { ctx, referrer, affiliate, referral, email, open, attributed, waiting } = await given()
    await open()
    ctx.clock.advance(1_000)
    const later = (await clickedReferral(ctx, visit(affiliate.code))) ?? ''
    await recordSignUpElsewhere(ctx, { referral: later, email })
    const own = referrer.email.replace('@', '+shop@')
    await recordSignUpElsewhere(ctx, { referral, email: own })
    expect([await attributed(), await waiting()]).toEqual([[], []])
  })

  it('with a proof that is forged or over is refused', async () => {
    const { ctx, referral, email } = await given()
    const refusal = { status: 400, code: 'REFERRAL_INVALID' }
    await expect(recordSignUpElsewhere(ctx, { referral: `${referral}x`, email })).rejects.toMatchObject(
      refusal,
    )
    ctx.clock.advance(31 * 86_400_000)
    await expect(recordSignUpElsewhere(ctx, { referral, email })).rejects.toMatchObject(refusal)
  })
})

describe('who may tell of sign-ups', () => {
  const request = {
    address: '192.0.2.1',
    idempotencyKey: null,
    sessionId: null,
    setCookie: () => {},
    limit: async () => {},
  }
  it('is a key of the scope for it, which does nothing else; no session, and no key of somebody who is no admin', async () => {
    const { ctx, referral, email } = await given()
    const admin = await makeUser(ctx, { role: 'ADMIN' })
    const api = (keyScopes?: ApiKeyScope[]) =>
      createCaller({
        ...ctx,
        actor: admin.actor,
        request: { ...request, ...(keyScopes === undefined ? {} : { keyScopes }) },
      })
    const codeOf = (asked: Promise<unknown>) =>
      asked.then(
        () => 'done',
        (error: unknown) => toFailure(error).code,
      )
    const told = { referral, email }
    expect(await codeOf(api(['track']).affiliates.recordSignUp(told))).toBe('done')
    expect(await codeOf(api(['track']).auth.me())).toBe('SCOPE_MISSING')
    expect(await codeOf(api(['track']).affiliates.trackingSites())).toBe('SCOPE_MISSING')
    expect(await codeOf(api(['read', 'write', 'admin']).affiliates.recordSignUp(told))).toBe('SCOPE_MISSING')
    expect(await codeOf(api().affiliates.recordSignUp(told))).toBe('NOT_FOUND')
    expect(await codeOf(api(['track']).affiliates.recordSignUp({ referral: '', email: 'x' }))).toBe(
      'INVALID_INPUT',
    )
    const user = await makeUser(ctx)
    await expect(
      createApiKey(ctx.as(user.actor), { name: 'Mine', scopes: [ApiKeyScope.enum.track] }),
    ).rejects.toMatchObject({ status: 422, code: 'TRACK_SCOPE' })
  })

  it('adds sites by addresses that are exact, and sees each that there was', async () => {
    const ctx = testContext(database.db)
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    for (const origins of [
      [],
      ['shop.example'],
      ['https://shop.example/'],
      ['https://Shop.example'],
      ['https://shop.example/path'],
      ['http://shop.example'],
      ['https://user@shop.example'],
      ['javascript:alert(1)'],
      ['null'],
      ['*'],
    ])
      expect(AddTrackingSiteInput.safeParse({ name: 'Shop', origins }).success, String(origins)).toBe(false)
    const site = await addTrackingSite(
      admin,
      AddTrackingSiteInput.parse({
        name: ' Shop ',
        origins: ['https://shop.example', 'https://shop.example'],
      }),
    )
    expect(site).toMatchObject({ name: 'Shop', origins: ['https://shop.example'], revokedAt: null })
    expect((await listTrackingSites(admin))[0]).toEqual(site)
  })
})

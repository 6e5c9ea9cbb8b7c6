import { and, eq, like, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { jobs, ledgerAccounts, ledgerEntries, ledgerTransfers, mails, withdrawals } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { givenAccount, makePayoutHouse, type PayoutHouse } from '../../../db/testing/factories/payee'
import { givenMethod, makePayee } from '../../../db/testing/factories/payout'
import { newId } from '../../kit/context'
import { createBalanceTransaction, getBalances, verifyLedger } from '../balance'
import {
  applyPayoutEvent,
  approveWithdrawal,
  batchCsv,
  completePayoutEvent,
  followWithdrawals,
  holdWithdrawal,
  listAllWithdrawals,
  listWithdrawals,
  makeBatch,
  markFailed,
  markPaid,
  markReturned,
  releaseWithdrawal,
  requestWithdrawal,
  sendAgain,
  sendWithdrawal,
} from '.'
import { nextLook, TURN_MS } from './rules'

const database = useDatabase()
let house: PayoutHouse
beforeEach(() => {
  house = makePayoutHouse()
})

const ADMIN = { ADMIN_EMAIL: 'root@offshoot.example', ADMIN_PASSWORD: 'a password for the admin' }

/** A seller with money and an account, and an admin. */
const given = async (env = {}) => {
  const ctx = testContext(database.db, {
    clock: testClock(),
    env,
    outside: { payments: new Map([['stripe', house.provider]]) },
  })
  const { user, as } = await makePayee(ctx, { method: null, available: 10_000n })
  const account = await givenAccount(ctx, user.id)
  await givenMethod(as, { kind: 'STRIPE', details: { account } })
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  const worker = ctx.as({ kind: 'job', name: 'payout.send' })
  return { ctx, user, as, admin, worker }
}
const givenApproved = async (env = {}) => {
  const world = await given(env)
  const { id } = await requestWithdrawal(world.as, { amount: 6_000, currency: 'USD' })
  await approveWithdrawal(world.admin, { id })
  return { ...world, id }
}
type World = Awaited<ReturnType<typeof givenApproved>>

const rowOf = async (id: string) => {
  const [row] = await database.db.select().from(withdrawals).where(eq(withdrawals.id, id))
  if (row === undefined) throw new Error('no row')
  return row
}
const statusOf = async (id: string) => (await rowOf(id)).status
const mailsOf = async (id: string) =>
  (
    await database.db
      .select()
      .from(mails)
      .where(like(mails.key, `withdrawal:${id}:%`))
  )
    .map(({ key }) => key.split(':')[2])
    .sort()
const alerts = async () =>
  (await database.db.select().from(mails).where(like(mails.key, 'alert:%'))).map(({ key }) => key)

/** What one withdrawal moved, in all: each account's sum. */
const movedBy = async (id: string): Promise<Record<string, bigint>> => {
  const rows = await database.db
    .select({ kind: ledgerAccounts.kind, sum: sql<string>`sum(${ledgerEntries.amount})::text` })
    .from(ledgerEntries)
    .innerJoin(ledgerTransfers, eq(ledgerTransfers.id, ledgerEntries.transferId))
    .innerJoin(ledgerAccounts, eq(ledgerAccounts.id, ledgerEntries.accountId))
    .where(and(eq(ledgerTransfers.referenceType, 'withdrawal'), eq(ledgerTransfers.referenceId, id)))
    .groupBy(ledgerAccounts.kind)
  return Object.fromEntries(rows.map(({ kind, sum }) => [kind, BigInt(sum)]).filter(([, sum]) => sum !== 0n))
}

/**
 * The invariant: what a withdrawal moved is what its state says, the mails tell each end once, and the provider paid at
 * most once.
 */
const holds = async (id: string): Promise<void> => {
  const { status, amount, fee, providerFee } = await rowOf(id)
  const ours = providerFee ?? 0n
  const open = { available: -amount, withdrawing: amount }
  const expected: Record<string, Record<string, bigint>> = {
    APPROVED: open,
    ON_HOLD: open,
    PROCESSING: open,
    PAID: { available: -amount, provider: amount - fee + ours, fees: fee - ours },
    RETURNED: { provider: ours, fees: -ours },
    FAILED: { provider: ours, fees: -ours },
  }
  const wanted = Object.fromEntries(Object.entries(expected[status] ?? {}).filter(([, sum]) => sum !== 0n))
  expect(await movedBy(id)).toEqual(wanted)
  const ends: Record<string, string[]> = {
    PAID: ['PAID'],
    RETURNED: ['PAID', 'RETURNED'],
    FAILED: ['FAILED'],
  }
  expect(await mailsOf(id)).toEqual(['APPROVED', ...(ends[status] ?? [])].sort())
  expect([...house.paid.values()].filter((one) => one.withdrawalId === id).length).toBeLessThanOrEqual(1)
  expect((await verifyLedger(testContext(database.db))).violations).toEqual([])
}

/** What comes of a webhook about the payout. */
const hear = async ({ ctx }: Pick<World, 'ctx'>, id: string | null, ref = 'tr_x') => {
  const webhook = ctx.as({ kind: 'webhook', provider: 'stripe' })
  const event = await completePayoutEvent(webhook, house.provider, { kind: 'payout', ref, withdrawalId: id })
  return webhook.db.transaction((db) => applyPayoutEvent({ ...webhook, db }, house.provider, event))
}
const later = (ctx: TestContext) => ctx.clock.advance(TURN_MS + 1)

describe('sending a withdrawal', () => {
  it('is left to a job as soon as it is approved, and paid under the ledger', async () => {
    const world = await givenApproved()
    const [job] = await database.db
      .select()
      .from(jobs)
      .where(eq(jobs.key, `payout:send:${world.id}`))
    expect(job).toMatchObject({ kind: 'payout.send', payload: { withdrawalId: world.id } })
    // A batch at a bank would pay it a second time.
    await expect(makeBatch(world.admin)).rejects.toMatchObject({ code: 'NOTHING_TO_PAY' })
    house.fee = 25n
    await sendWithdrawal(world.worker, world.id)
    const row = await rowOf(world.id)
    const [ref] = house.paid.keys()
    expect(row).toMatchObject({
      status: 'PAID',
      provider: 'stripe',
      providerRef: ref,
      reference: ref,
      providerFee: 25n,
    })
    expect(row.sentAt).toEqual(world.ctx.now())
    expect(await movedBy(world.id)).toEqual({ available: -6_000n, provider: 6_025n, fees: -25n })
    await holds(world.id)
    expect((await listWithdrawals(world.as, { limit: 1 })).items).toMatchObject([
      { status: 'PAID', sentThrough: 'Stripe', sentAt: row.sentAt?.toISOString() },
    ])
    expect((await listAllWithdrawals(world.admin, { limit: 1 })).items).toMatchObject([
      { providerReference: ref },
    ])
  })

  it('keeps the user’s fee, which the provider never gets', async () => {
    const world = await given()
    const id = newId(world.ctx)
    await createBalanceTransaction(world.ctx, {
      userId: world.user.id,
      type: 'WITHDRAWAL',
      amount: -6_000n,
      currency: 'USD',
      referenceType: 'withdrawal',
      referenceId: id,
      notes: '',
      idempotencyKey: `withdrawal:${id}:request`,
    })
    const [method] = await database.db.query.payoutMethods.findMany({
      where: (t, { eq }) => eq(t.userId, world.user.id),
    })
    await database.db.insert(withdrawals).values({
      id,
      userId: world.user.id,
      amount: 6_000n,
      fee: 150n,
      currency: 'USD',
      methodId: method?.id ?? '',
      createdAt: world.ctx.now(),
      updatedAt: world.ctx.now(),
    })
    await approveWithdrawal(world.admin, { id })
    house.fee = 25n
    await sendWithdrawal(world.worker, id)
    expect(await movedBy(id)).toEqual({ available: -6_000n, provider: 5_875n, fees: 125n })
    await holds(id)
    house.change(id, { status: 'returned', returned: 5_850n })
    await hear(world, id)
    expect(await movedBy(id)).toEqual({ provider: 25n, fees: -25n })
    await holds(id)
  })

  it('that is refused ends failed, with the money back once and a word to both', async () => {
    const world = await givenApproved(ADMIN)
    house.temper = 'refuses'
    await sendWithdrawal(world.worker, world.id)
    await sendWithdrawal(world.worker, world.id)
    expect(await rowOf(world.id)).toMatchObject({ status: 'FAILED', reason: 'This account cannot be paid.' })
    expect((await getBalances(world.ctx, world.user.id))[0]).toMatchObject({ balance: { amount: 10_000 } })
    expect(house.calls).toEqual(['send'])
    expect(await alerts()).toContain(`alert:payout:${world.id}:refused`)
    await holds(world.id)
  })

  it('goes on by hand where no provider sends', async () => {
    const ctx = testContext(database.db)
    const { as } = await makePayee(ctx)
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    const { id } = await requestWithdrawal(as, { amount: 6_000, currency: 'USD' })
    await approveWithdrawal(admin, { id })
    expect(
      await database.db
        .select()
        .from(jobs)
        .where(eq(jobs.key, `payout:send:${id}`)),
    ).toEqual([])
    await sendWithdrawal(ctx, id)
    expect(await statusOf(id)).toBe('APPROVED')
    await followWithdrawals(ctx)
    await expect(sendAgain(admin, { id })).rejects.toMatchObject({ status: 422, code: 'PAID_BY_HAND' })
    expect(await batchCsv(admin, await makeBatch(admin))).toContain(id)
    await markPaid(admin, { id, reference: 'B-1' })
    expect(await movedBy(id)).toEqual({ available: -6_000n, paid_out: 6_000n })
  })

  it('waits for a provider that was switched off', async () => {
    const world = await givenApproved()
    house.temper = 'loses the answer'
    await expect(sendWithdrawal(world.worker, world.id)).rejects.toThrow('lost')
    later(world.ctx)
    const off = testContext(database.db, { clock: world.ctx.clock })
    await expect(sendWithdrawal(off, world.id)).rejects.toThrow('stripe is switched off')
    // An admin may then decide by hand: nobody else will.
    await markFailed(off.as(world.admin.actor), { id: world.id, reason: 'Stripe is gone' })
    expect(await statusOf(world.id)).toBe('FAILED')
  })

  it('is not decided by hand while the provider is at it', async () => {
    const world = await givenApproved()
    house.temper = 'takes its time'
    await sendWithdrawal(world.worker, world.id)
    const refusal = { status: 409, code: 'WITHDRAWAL_STATE' }
    await expect(markPaid(world.admin, { id: world.id, reference: 'x' })).rejects.toMatchObject(refusal)
    await expect(markFailed(world.admin, { id: world.id, reason: 'x' })).rejects.toMatchObject(refusal)
    await expect(holdWithdrawal(world.admin, { id: world.id, reason: 'x' })).rejects.toMatchObject(refusal)
    house.change(world.id, { status: 'paid' })
    await sendWithdrawal(world.worker, world.id)
    expect(await statusOf(world.id)).toBe('PAID')
    // What a provider paid comes back to the account it left.
    await markReturned(world.admin, { id: world.id, reason: 'The bank says so' })
    await holds(world.id)
  })
})

describe('after a lost answer', () => {
  it('the provider is asked first, and nothing is sent twice', async () => {
    const world = await givenApproved()
    house.temper = 'loses the answer'
    await expect(sendWithdrawal(world.worker, world.id)).rejects.toThrow('lost')
    expect(await rowOf(world.id)).toMatchObject({ status: 'PROCESSING', providerRef: null })
    house.temper = 'pays'
    // Whoever asks at once is early: what was sent may be seen only in a moment.
    await sendWithdrawal(world.worker, world.id)
    expect(house.calls).toEqual(['send'])
    later(world.ctx)
    await sendWithdrawal(world.worker, world.id)
    expect(house.calls).toEqual(['send', 'find'])
    expect(await statusOf(world.id)).toBe('PAID')
    await holds(world.id)
  })

  it('what the provider does not know is sent again', async () => {
    const world = await givenApproved()
    house.temper = 'is away'
    await expect(sendWithdrawal(world.worker, world.id)).rejects.toThrow('out of reach')
    later(world.ctx)
    await expect(sendWithdrawal(world.worker, world.id)).rejects.toThrow('out of reach')
    later(world.ctx)
    house.temper = 'pays'
    await sendWithdrawal(world.worker, world.id)
    expect(house.calls).toEqual(['send', 'find', 'find', 'send'])
    await holds(world.id)
  })

  it('what has a name is never sent again, though the provider has forgotten it', async () => {
    const world = await givenApproved()
    house.temper = 'takes its time'
    await sendWithdrawal(world.worker, world.id)
    house.paid.clear()
    await expect(sendWithdrawal(world.worker, world.id)).rejects.toThrow('does not know payout')
    expect(house.calls).toEqual(['send', 'find'])
  })

  it('is looked after until it ends, and an admin is told when no answer comes for an hour', async () => {
    const world = await givenApproved(ADMIN)
    house.temper = 'is away'
    await expect(sendWithdrawal(world.worker, world.id)).rejects.toThrow()
    const due = async () => {
      await database.db.delete(jobs).where(eq(jobs.kind, 'payout.send'))
      await followWithdrawals(world.worker)
      return (
        await database.db
          .select()
          .from(jobs)
          .where(eq(jobs.key, `payout:send:${world.id}`))
      ).length
    }
    expect(await due()).toBe(0)
    later(world.ctx)
    expect(await due()).toBe(1)
    expect(await alerts()).not.toContain(`alert:payout:${world.id}:unanswered`)
    world.ctx.clock.advance(3_600_000)
    expect(await due()).toBe(1)
    expect(await due()).toBe(1)
    expect((await alerts()).filter((key) => key === `alert:payout:${world.id}:unanswered`)).toHaveLength(1)
    house.temper = 'pays'
    await sendWithdrawal(world.worker, world.id)
    expect(await due()).toBe(0)
  })

  it('what is on its way is asked about less and less often', async () => {
    const sentAt = new Date('2026-11-21T12:00:00.000Z')
    const after = (minutes: number) => {
      const updatedAt = new Date(sentAt.getTime() + minutes * 60_000)
      return (nextLook({ sentAt, updatedAt }).getTime() - updatedAt.getTime()) / 60_000
    }
    expect([0, 4, 60, 24 * 60, 10 * 24 * 60].map(after)).toEqual([2, 2, 15, 360, 360])
    const world = await givenApproved()
    house.temper = 'takes its time'
    await sendWithdrawal(world.worker, world.id)
    await sendWithdrawal(world.worker, world.id)
    expect(await statusOf(world.id)).toBe('PROCESSING')
    house.change(world.id, { status: 'failed', reason: 'The account was closed.' })
    await sendWithdrawal(world.worker, world.id)
    expect(await rowOf(world.id)).toMatchObject({ status: 'FAILED', reason: 'The account was closed.' })
    await holds(world.id)
  })

  it('an approved one whose job was lost is enqueued anew', async () => {
    const world = await givenApproved()
    await database.db.delete(jobs).where(eq(jobs.kind, 'payout.send'))
    await followWithdrawals(world.worker)
    const found = await database.db
      .select()
      .from(jobs)
      .where(eq(jobs.key, `payout:send:${world.id}`))
    expect(found).toHaveLength(1)
  })

  it('an admin may have it looked after at once', async () => {
    const world = await givenApproved()
    expect(await sendAgain(world.admin, { id: world.id })).toMatchObject({ status: 'APPROVED' })
    await sendWithdrawal(world.worker, world.id)
    await expect(sendAgain(world.admin, { id: world.id })).rejects.toMatchObject({ code: 'WITHDRAWAL_STATE' })
    await expect(sendAgain(world.admin, { id: 'nothing' })).rejects.toMatchObject({ status: 404 })
  })
})

describe('at the same time', () => {
  it('two workers send one withdrawal once', async () => {
    const world = await givenApproved()
    house.step = () => new Promise((resume) => setImmediate(resume))
    await Promise.all([1, 2, 3, 4].map(() => sendWithdrawal(world.worker, world.id)))
    expect(house.calls.filter((call) => call === 'send')).toHaveLength(1)
    expect(await statusOf(world.id)).toBe('PAID')
    await holds(world.id)
  })

  it('a worker that comes while the first is still sending lets it finish', async () => {
    const world = await givenApproved()
    house.step = async (where) => {
      house.step = () => {}
      expect(where).toBe('before sending')
      await sendWithdrawal(world.worker, world.id)
    }
    await sendWithdrawal(world.worker, world.id)
    expect(house.calls).toEqual(['send'])
    await holds(world.id)
  })

  it('a hold comes before it is sent, or is refused', async () => {
    for (let round = 0; round < 6; round += 1) {
      const world = await givenApproved()
      const hold = () => holdWithdrawal(world.admin, { id: world.id, reason: 'A look' })
      const send = () => sendWithdrawal(world.worker, world.id)
      const [first, second] = round % 2 === 0 ? [hold, send] : [send, hold]
      await Promise.allSettled([first(), second()])
      const status = await statusOf(world.id)
      expect(['ON_HOLD', 'PAID']).toContain(status)
      expect([...house.paid.values()].some((one) => one.withdrawalId === world.id)).toBe(status === 'PAID')
      await holds(world.id)
      if (status === 'PAID') continue
      await releaseWithdrawal(world.admin, { id: world.id, reason: 'All well' })
      await sendWithdrawal(world.worker, world.id)
      await holds(world.id)
    }
  })

  it.each(permutations(['the answer', 'a webhook', 'a poll']))(
    'the answer, a webhook and a poll tell it once: %s, %s, %s',
    async (...order) => {
      for (const outcome of ['paid', 'failed', 'returned'] as const) {
        house = makePayoutHouse()
        house.temper = outcome === 'failed' ? 'takes its time' : 'pays'
        const world = await givenApproved()
        let hearAnswer = () => {}
        const sent = new Promise<void>((wasSent) => {
          house.step = (where) => {
            if (where !== 'after sending') return
            wasSent()
            return new Promise((resume) => {
              hearAnswer = resume
            })
          }
        })
        const sending = sendWithdrawal(world.worker, world.id)
        await sent
        // What is answered is older than what the others hear.
        house.change(world.id, { status: outcome, returned: outcome === 'returned' ? 6_000n : 0n })
        const does: Record<string, () => Promise<unknown>> = {
          'the answer': () => {
            hearAnswer()
            return sending
          },
          'a webhook': () => hear(world, world.id),
          'a poll': () => {
            later(world.ctx)
            return sendWithdrawal(world.worker, world.id)
          },
        }
        for (const who of order) await does[who]?.()
        await Promise.all(order.map((who) => does[who]?.()))
        expect(await statusOf(world.id)).toBe(
          { paid: 'PAID', failed: 'FAILED', returned: 'RETURNED' }[outcome],
        )
        await holds(world.id)
      }
    },
  )

  it('a webhook may be faster than the answer', async () => {
    const world = await givenApproved()
    house.step = async (where) => {
      if (where !== 'after sending') return
      house.step = () => {}
      expect(await hear(world, world.id)).toMatchObject({ status: 'PROCESSED' })
    }
    await sendWithdrawal(world.worker, world.id)
    await holds(world.id)
  })

  it.each(permutations(['processing', 'paid', 'returned', 'paid again']))(
    'words that come in any order end the same: %s, %s, %s, %s',
    async (...order) => {
      const world = await givenApproved()
      house.temper = 'takes its time'
      await sendWithdrawal(world.worker, world.id)
      for (const word of order) {
        const status = word === 'paid again' ? 'paid' : (word as 'processing' | 'paid' | 'returned')
        house.change(world.id, { status, returned: status === 'returned' ? 6_000n : 0n })
        await hear(world, world.id)
      }
      expect(await statusOf(world.id)).toBe('RETURNED')
      await holds(world.id)
    },
  )
})

describe('killed at any instant', () => {
  /** A process that dies at its nth step: when it looks at the clock, throws dice, speaks with anybody or has committed. */
  const killedAt = (world: World, n: number) => {
    let left = n
    const burn = () => {
      left -= 1
      if (left === 0) throw new Error('killed')
    }
    house.step = burn
    const { ctx } = world
    return {
      ...world.worker,
      now: () => {
        burn()
        return ctx.now()
      },
      outside: {
        ...ctx.outside,
        random: (bytes: number) => {
          burn()
          return ctx.outside.random(bytes)
        },
        wake: burn,
      },
    }
  }

  it.each(['pays', 'refuses', 'takes its time'] as const)(
    'there is one payout, one posting and one mail, where the provider %s',
    async (temper) => {
      for (let n = 1; ; n += 1) {
        house = makePayoutHouse()
        house.temper = temper
        const world = await givenApproved()
        const died = await sendWithdrawal(killedAt(world, n), world.id).then(
          () => false,
          (error: Error) => {
            expect(error.message).toBe('killed')
            return true
          },
        )
        house.step = () => {}
        later(world.ctx)
        if (temper === 'takes its time') house.temper = 'pays'
        await sendWithdrawal(world.worker, world.id)
        later(world.ctx)
        if (temper === 'takes its time' && house.paid.size > 0) house.change(world.id, { status: 'paid' })
        await sendWithdrawal(world.worker, world.id)
        expect(await statusOf(world.id)).toBe(temper === 'refuses' ? 'FAILED' : 'PAID')
        await holds(world.id)
        if (!died) break
        expect(n).toBeLessThan(60)
      }
    },
  )
})

describe('what does not fit', () => {
  const paid = async () => {
    const world = await givenApproved(ADMIN)
    await sendWithdrawal(world.worker, world.id)
    return world
  }

  it('a part that came back is an admin’s, and the rest may follow', async () => {
    const world = await paid()
    house.change(world.id, { status: 'returned', returned: 1_000n })
    const verdict = await hear(world, world.id)
    expect(verdict).toMatchObject({ status: 'QUARANTINED', about: `payout:${world.id}:part:1000` })
    expect(verdict.outcome).toContain('10.00 USD of 60.00 USD')
    expect(await statusOf(world.id)).toBe('PAID')
    await holds(world.id)
    house.change(world.id, { status: 'returned', returned: 6_000n })
    await hear(world, world.id)
    expect(await statusOf(world.id)).toBe('RETURNED')
    await holds(world.id)
  })

  it('a part that came back before the answer was heard leaves it paid', async () => {
    const world = await givenApproved(ADMIN)
    house.temper = 'loses the answer'
    await expect(sendWithdrawal(world.worker, world.id)).rejects.toThrow()
    house.change(world.id, { status: 'returned', returned: 1_000n })
    later(world.ctx)
    await sendWithdrawal(world.worker, world.id)
    expect(await statusOf(world.id)).toBe('PAID')
    expect(await alerts()).toContain(`alert:webhook:stripe:payout:${world.id}:part:1000`)
    await holds(world.id)
  })

  it('another amount, another payout or another withdrawal moves nothing', async () => {
    const world = await paid()
    house.change(world.id, {
      status: 'returned',
      returned: 6_001n,
      amount: { amount: 6_001n, currency: 'USD' },
    })
    expect(await hear(world, world.id)).toMatchObject({
      status: 'QUARANTINED',
      about: `payout:${world.id}:amount`,
    })
    house.change(world.id, { amount: { amount: 6_000n, currency: 'EUR' } })
    expect((await hear(world, world.id)).outcome).toContain('60.00 EUR')
    const first = [...house.paid.values()][0]
    if (first === undefined) throw new Error('nothing paid')
    house.paid.set('tr_second', { ...first, ref: 'tr_second' })
    expect(await hear(world, world.id, 'tr_second')).toMatchObject({ about: `payout:${world.id}:twice` })
    house.paid.set('tr_third', { ...first, ref: 'tr_third', withdrawalId: 'another' })
    expect(await hear(world, world.id, 'tr_third')).toMatchObject({ about: `payout:${world.id}:other` })
    expect(await statusOf(world.id)).toBe('PAID')
    house.paid.delete('tr_second')
    await holds(world.id)
  })

  it('what failed and is paid after all is an admin’s', async () => {
    for (const status of ['paid', 'returned'] as const) {
      const world = await givenApproved(ADMIN)
      house.temper = 'takes its time'
      await sendWithdrawal(world.worker, world.id)
      house.change(world.id, { status: 'failed' })
      await hear(world, world.id)
      await hear(world, world.id)
      house.change(world.id, { status, returned: status === 'paid' ? 0n : 6_000n })
      expect(await hear(world, world.id)).toMatchObject({ about: `payout:${world.id}:late` })
      expect(await rowOf(world.id)).toMatchObject({
        status: 'FAILED',
        reason: 'The provider could not pay it.',
      })
      await holds(world.id)
    }
  })

  it('what failed after it was paid comes back once', async () => {
    const world = await paid()
    house.change(world.id, { status: 'failed', reason: 'The bank sent it back.' })
    await hear(world, world.id)
    await hear(world, world.id)
    expect(await rowOf(world.id)).toMatchObject({ status: 'RETURNED', reason: 'The bank sent it back.' })
    await holds(world.id)
  })

  it('a fee told later is booked once', async () => {
    const world = await paid()
    house.change(world.id, { fee: 30n })
    await hear(world, world.id)
    await hear(world, world.id)
    expect(await movedBy(world.id)).toEqual({ available: -6_000n, provider: 6_030n, fees: -30n })
    await holds(world.id)
  })

  it('a payout that names a withdrawal nobody sent is an admin’s', async () => {
    const world = await givenApproved()
    expect(await hear(world, world.id)).toMatchObject({
      status: 'QUARANTINED',
      about: `payout:${world.id}:unsent`,
    })
    expect(house.calls).toEqual([])
    expect(await statusOf(world.id)).toBe('APPROVED')
  })

  it('a payout of somebody else is ignored, unless one of ours still waits for its name', async () => {
    const world = await paid()
    expect(await hear(world, null)).toMatchObject({
      status: 'IGNORED',
      outcome: 'a payout that is not one of ours',
    })
    expect(await hear(world, newId(world.ctx))).toMatchObject({ status: 'IGNORED' })
    expect(await hear(world, 'nothing of ours')).toMatchObject({ status: 'IGNORED' })
    const [ref = ''] = house.paid.keys()
    expect(await hear(world, null, ref)).toMatchObject({ status: 'PROCESSED' })
    const waiting = await givenApproved()
    house.temper = 'loses the answer'
    await expect(sendWithdrawal(waiting.worker, waiting.id)).rejects.toThrow()
    await expect(hear(waiting, null)).rejects.toThrow('whose answer has not come yet')
  })

  it('a payout of ours that the provider does not know yet is waited for', async () => {
    const world = await givenApproved()
    house.temper = 'is away'
    await expect(sendWithdrawal(world.worker, world.id)).rejects.toThrow()
    house.temper = 'pays'
    await expect(hear(world, world.id)).rejects.toThrow('does not know payout tr_x yet')
  })
})

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length <= 1) return [[...all]]
  return all.flatMap((one, at) =>
    permutations(all.filter((_, other) => other !== at)).map((rest) => [one, ...rest]),
  )
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { and, eq, sql } from 'drizzle-orm'
import { afterEach, describe, expect, it } from 'vitest'
import { ledgerAccounts, ledgerEntries, ledgerTransfers, mails, withdrawals } from '../../../db/schema'
import { testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makePayee } from '../../../db/testing/factories/payout'
import { createMamoProvider } from '../../providers/mamopay'
import {
  approveWithdrawal,
  followWithdrawals,
  listAllWithdrawals,
  markFailed,
  markPaid,
  requestWithdrawal,
  sendWithdrawal,
} from '.'
import { TURN_MS } from './rules'

const database = useDatabase()

const ADMIN = { ADMIN_EMAIL: 'root@offshoot.example', ADMIN_PASSWORD: 'a password for the admin' }

const rowOf = async (id: string) => {
  const [row] = await database.db.select().from(withdrawals).where(eq(withdrawals.id, id))
  if (row === undefined) throw new Error('no row')
  return row
}

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

describe('MamoPay, which cannot be asked by our number', () => {
  const stops: (() => void)[] = []
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })
  type Reply = { status: number; body?: object } | 'hang up'
  /** One that is approved and goes through MamoPay, where `reply` is what is answered. */
  const givenMamo = async (first: Reply | null) => {
    const remote = { reply: first, posts: 0 }
    const server = createServer((request, response) => {
      request.resume()
      if (request.method === 'POST') remote.posts += 1
      const { reply } = remote
      if (reply === 'hang up' || reply === null) return void request.socket.destroy()
      response.writeHead(reply.status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(reply.body ?? {}))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const close = () => {
      server.closeAllConnections()
      server.close()
    }
    stops.push(close)
    if (first === null) close()
    const provider = createMamoProvider({
      apiKey: 'sk-xxxxxxxx',
      webhookSecrets: ['12345678'],
      apiBase: `http://127.0.0.1:${port}`,
      mode: 'sandbox',
    })
    const ctx = testContext(database.db, {
      clock: testClock(),
      env: ADMIN,
      outside: { payments: new Map([['mamopay', provider]]) },
    })
    const { as } = await makePayee(ctx, {
      available: 100_000n,
      currency: 'AED',
      method: { kind: 'MAMOPAY', details: { name: 'P P', iban: 'AE070331234567890123456' } },
    })
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    const worker = ctx.as({ kind: 'job', name: 'payout.send' })
    const { id } = await requestWithdrawal(as, { amount: 50_000, currency: 'AED' })
    await approveWithdrawal(admin, { id })
    return { ctx, as, admin, worker, id, remote }
  }
  const HOUR = 60 * 60 * 1000

  it.each([401, 403])('is sent again after MamoPay turned us away (%i)', async (status) => {
    const { worker, id, remote } = await givenMamo({ status })
    await expect(sendWithdrawal(worker, id)).rejects.toThrow()
    expect(await rowOf(id)).toMatchObject({ status: 'PROCESSING', sentAt: null, providerRef: null })
    const ref = `PYT-${id}`
    const sent = { identifier: ref, amount_formatted: '500.00', currency: 'AED', status: 'Processing' }
    remote.reply = { status: 200, body: [{ ...sent, reason: `Payout ${id}` }] }
    await sendWithdrawal(worker, id)
    expect(await rowOf(id)).toMatchObject({ status: 'PROCESSING', providerRef: ref })
    expect(remote.posts).toBe(2)
    expect(await movedBy(id)).toEqual({ available: -50_000n, withdrawing: 50_000n })
  })

  it('that was not reached has nothing of it: an admin may decide at once', async () => {
    const { worker, admin, id } = await givenMamo(null)
    await expect(sendWithdrawal(worker, id)).rejects.toThrow()
    await markPaid(admin, { id, reference: 'by bank' })
    // Ours, not MamoPay's.
    expect(await movedBy(id)).toEqual({ available: -50_000n, paid_out: 50_000n })
  })

  it('whose answer was lost is decided by hand once an hour has passed, and booked as sent through it', async () => {
    const { ctx, worker, admin, id, remote } = await givenMamo('hang up')
    await expect(sendWithdrawal(worker, id)).rejects.toThrow()
    ctx.clock.advance(TURN_MS + 1)
    await expect(sendWithdrawal(worker, id)).rejects.toThrow('dashboard')
    expect(remote.posts).toBe(1)
    await expect(markFailed(admin, { id, reason: 'x' })).rejects.toMatchObject({ code: 'WITHDRAWAL_STATE' })
    ctx.clock.advance(HOUR)
    await followWithdrawals(worker)
    const [mail] = await database.db
      .select()
      .from(mails)
      .where(eq(mails.key, `alert:payout:${id}:unanswered`))
    expect(JSON.stringify(mail?.data)).toContain(`look in MamoPay’s dashboard for the reason “Payout ${id}”`)
    const { items } = await listAllWithdrawals(admin, { limit: 100, status: 'PROCESSING' })
    expect(items.find((one) => one.id === id)?.byHand).toMatchObject({ lookFor: `Payout ${id}`, open: true })
    await expect(markPaid(admin, { id, reference: '' })).rejects.toMatchObject({ code: 'REFERENCE_NEEDED' })
    await markPaid(admin, { id, reference: 'PYT-7' })
    expect(await movedBy(id)).toEqual({ available: -50_000n, provider: 50_000n })
  })

  it('whose answer was lost may be failed by hand: the money is back, and can be asked for again', async () => {
    const { ctx, as, worker, admin, id } = await givenMamo('hang up')
    await expect(sendWithdrawal(worker, id)).rejects.toThrow()
    ctx.clock.advance(HOUR)
    await markFailed(admin, { id, reason: 'It is not there.' })
    expect(await movedBy(id)).toEqual({})
    await requestWithdrawal(as, { amount: 50_000, currency: 'AED' })
  })
})

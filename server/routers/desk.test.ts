import { describe, expect, it } from 'vitest'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser } from '../../db/testing/factories/identity'
import { mailboxMails } from '../http/mailbox'
import { type ApiContext, toFailure } from '../trpc'
import { createCaller } from '.'

const database = useDatabase()
const request = {
  address: '192.0.2.1',
  idempotencyKey: null,
  sessionId: null,
  setCookie: () => {},
  limit: async () => {},
}
const given = async () => {
  const ctx = testContext(database.db)
  const admin = await makeUser(ctx, { role: 'ADMIN' })
  return { ctx, api: createCaller({ ...ctx, actor: admin.actor, request }) }
}
const failed = (asked: Promise<unknown>) =>
  asked.then(
    () => 'done',
    (error: unknown) => toFailure(error),
  )

describe('an admin’s desk', () => {
  it('proves the books in full and what is new, with and without keeping it', async () => {
    const { api } = await given()
    for (const scope of ['full', 'incremental'] as const) {
      expect(await api.balance.verify({ scope })).toMatchObject({ ok: true })
      expect(await api.balance.prove({ scope })).toMatchObject({ ok: true, scope: scope.toUpperCase() })
    }
    expect(await failed(api.balance.verify({ scope: 'half' as never }))).toMatchObject({ status: 400 })
  })

  it('shows nothing held on new books, and refuses to judge what is none', async () => {
    const { api } = await given()
    for (const state of ['HELD', 'RELEASED', 'REFUSED'] as const)
      expect(await api.affiliates.held({ state })).toEqual({ items: [], nextCursor: null })
    const foreign = Buffer.from('2026-11-21T12:00:00.000Z|no-id').toString('base64url')
    expect(await failed(api.affiliates.held({ state: 'HELD', cursor: foreign }))).toMatchObject({
      status: 400,
    })
    for (const id of ['nonsense', '00000000-0000-7000-8000-000000000000'])
      expect(await failed(api.affiliates.judge({ id, verdict: 'REFUSED', reason: 'Because' }))).toMatchObject(
        { status: 404, code: 'COMMISSION_NOT_FOUND' },
      )
  })
})

describe('the mailbox', () => {
  it('is there outside production without a mail server, and nowhere else', async () => {
    const { ctx } = await given()
    expect(await mailboxMails({ ...ctx, request } as ApiContext)).toEqual(expect.any(Array))
    const real = testContext(database.db, {
      env: { SMTP_URL: 'smtp://localhost:25', MAIL_FROM: 'a@shop.example' },
    })
    await expect(mailboxMails({ ...real, request } as ApiContext)).rejects.toMatchObject({ status: 404 })
  })
})

import { expect, test } from 'vitest'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser } from '../../db/testing/factories/identity'
import type { Actor } from '../kit/context'
import { createCallerFactory, toFailure } from '../trpc'
import { paymentRouter } from './payment'

const database = useDatabase()

const caller = (actor: Actor) =>
  createCallerFactory(paymentRouter)({
    ...testContext(database.db, { actor }),
    request: {
      address: '127.0.0.1',
      idempotencyKey: null,
      sessionId: null,
      setCookie: () => {},
      limit: async () => {},
    },
  })
const NOBODYS = '00000000-0000-7000-8000-000000000000'
const failureOf = (asked: Promise<unknown>) =>
  asked.then(
    () => null,
    (error: unknown) => toFailure(error),
  )
const refund = (actor: Actor, input: { amount?: number; reason: string }) =>
  failureOf(caller(actor).refund({ id: NOBODYS, ...input }))

test('a refund is for admins: anyone else finds nothing there', async () => {
  const { actor } = await makeUser(testContext(database.db))
  if (actor.kind !== 'user') throw new Error('no user')
  for (const other of [actor, { kind: 'visitor' as const }])
    expect(await refund(other, { reason: 'Mine.' })).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  const admin: Actor = { ...actor, kind: 'admin' }
  expect(await refund(admin, { reason: 'Late.' })).toMatchObject({ status: 404, code: 'PAYMENT_NOT_FOUND' })
  for (const wrong of [{ reason: ' ' }, { reason: 'Late.', amount: 0 }, { reason: 'Late.', amount: 1.5 }])
    expect(await refund(admin, wrong)).toMatchObject({ status: 400, code: 'INVALID_INPUT' })
})

test('everyone’s payments are for admins: anyone else finds nothing there', async () => {
  const { actor } = await makeUser(testContext(database.db))
  if (actor.kind !== 'user') throw new Error('no user')
  for (const other of [actor, { kind: 'visitor' as const }])
    for (const asked of [caller(other).listAll({}), caller(other).read({ id: NOBODYS })])
      expect(await failureOf(asked)).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  const admin = caller({ ...actor, kind: 'admin' })
  expect(await admin.listAll({})).toEqual({ items: [], nextCursor: null })
  expect(await failureOf(admin.read({ id: NOBODYS }))).toMatchObject({ code: 'PAYMENT_NOT_FOUND' })
  for (const amount of [0, -1, 1.5, 2 ** 53])
    expect(await failureOf(admin.read({ id: NOBODYS, amount }))).toMatchObject({ status: 400 })
})

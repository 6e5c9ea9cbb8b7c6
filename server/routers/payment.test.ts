import { expect, test } from 'vitest'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser } from '../../db/testing/factories/identity'
import type { Actor } from '../kit/context'
import { createCallerFactory, toFailure } from '../trpc'
import { paymentRouter } from './payment'

const database = useDatabase()

const refund = (actor: Actor, input: { amount?: number; reason: string }) =>
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
    .refund({ id: '00000000-0000-7000-8000-000000000000', ...input })
    .then(
      () => null,
      (error: unknown) => toFailure(error),
    )

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

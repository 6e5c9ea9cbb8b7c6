import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sandboxDeliveries } from '../../../db/schema'
import { testClock } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { systemRandom } from '../../kit/context'
import { armFault, takeFault } from './faults'
import { type Harness, startHarness } from './sandbox.harness'

const database = useDatabase()
const clock = testClock()
let h: Harness
beforeAll(async () => {
  h = await startHarness(database.db, clock.now)
})
afterAll(() => h.stop())
afterEach(async () => {
  await h.form('/sandbox/faults/disarm', {})
  await database.db.delete(sandboxDeliveries)
  h.received.length = 0
})

const customer = async (email: string) => {
  const answer = await h.api('POST', '/v1/customers', new URLSearchParams({ email }).toString())
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const told = () => h.received.map(({ object }) => object.email)
const metOf = async () => (await database.db.select().from(sandboxDeliveries)).map(({ met }) => met).sort()
const inspector = () => h.get('/sandbox')

describe('webhooks', () => {
  test('are sent twice, as often as it is armed for', async () => {
    await h.arm('duplicate', { kind: 'customer.*', times: '1' })
    await customer('a@example.com')
    await expect.poll(told).toEqual(['a@example.com', 'a@example.com'])
    await customer('b@example.com')
    await expect.poll(told).toEqual(['a@example.com', 'a@example.com', 'b@example.com'])
    expect(new Set(h.received.map(({ body }) => body)).size).toBe(2)
    expect(await inspector()).toMatch(/customer\.created evt_/)
  })

  test('come in reverse order', async () => {
    await h.arm('reorder', { times: '3' })
    for (const name of ['a', 'b', 'c']) await customer(`${name}@example.com`)
    await expect.poll(told, { timeout: 10_000 }).toEqual(['c@example.com', 'b@example.com', 'a@example.com'])
  })

  test('are lost, and can still be asked for', async () => {
    await h.arm('drop', { kind: 'customer.created' })
    await customer('lost@example.com')
    await expect.poll(metOf).toEqual(['lost'])
    expect(await inspector()).toContain('lost: not sent')
    const listed = await h.api('GET', '/v1/events?delivery_success=false&limit=1')
    expect(await listed.json()).toMatchObject({ data: [{ data: { object: { email: 'lost@example.com' } } }] })
  })

  test.each(['wrong-secret', 'old-signature', 'altered-body'])(
    'that are not proven are tried again: %s',
    async (fault) => {
      await h.arm(fault)
      h.answers.push(400)
      await customer(`${fault}@example.com`)
      await expect.poll(told, { timeout: 10_000 }).toEqual([`${fault}@example.com`])
    },
  )

  test('of another type are left alone', async () => {
    await h.arm('drop', { kind: 'invoice.*' })
    await customer('through@example.com')
    await expect.poll(told).toEqual(['through@example.com'])
    expect(await inspector()).toContain('nothing yet')
  })
})

describe('calls', () => {
  test('are done, and answered 500 under their key from then on', async () => {
    await h.arm('error-after', { kind: 'customers' })
    const key = { 'idempotency-key': 'k1' }
    const send = () => h.api('POST', '/v1/customers', 'email=once%40example.com', key)
    const [first, again] = [await send(), await send()]
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([500, 500, 'true'])
    await expect.poll(told).toEqual(['once@example.com'])
  })

  test('are done, and never answered', async () => {
    await h.arm('no-answer', { kind: 'customers' })
    await expect(customer('silent@example.com')).rejects.toThrow()
    await expect.poll(told).toEqual(['silent@example.com'])
    expect((await customer('loud@example.com')).status).toBe(200)
  })

  test('that only read, or are refused, meet nothing', async () => {
    await h.arm('error-after', { times: '' })
    expect((await h.api('GET', '/v1/events')).status).toBe(200)
    expect((await customer('nobody')).status).toBe(400)
    expect(await inspector()).toContain('nothing yet')
  })
})

describe('what is armed', () => {
  test('is met by one each, of many at once', async () => {
    const world = { db: database.db, now: clock.now, random: systemRandom, webhookUrl: '', pagesUrl: '' }
    await armFault(world, { provider: 'stripe', fault: 'drop', kind: '*', left: 3, seconds: 5 })
    const taken = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        takeFault(world, 'stripe', ['drop'], { kind: 'x', ref: String(n) }),
      ),
    )
    expect(taken.filter((fault) => fault !== null)).toHaveLength(3)
  })

  test('is shown until it is disarmed, one or all', async () => {
    await h.arm('drop', { times: '' })
    const [, id = ''] = /\/sandbox\/faults\/(fault_[A-Za-z0-9]+)\/disarm/.exec(await inspector()) ?? []
    expect(await inspector()).toContain('A fault is armed.')
    expect((await h.form(`/sandbox/faults/${id}/disarm`, {})).status).toBe(303)
    expect(await inspector()).toContain('None is armed')
    await customer('told@example.com')
    await expect.poll(told).toEqual(['told@example.com'])
    await h.arm('drop')
    await h.arm('delay')
    expect(await inspector()).toContain('2 faults are armed.')
    await h.form('/sandbox/faults/disarm', {})
    expect(await inspector()).toContain('None is armed')
    expect((await h.form('/sandbox/faults/fault_none/disarm', {})).status).toBe(404)
  })

  test.each([
    [{ fault: 'rain' }, 'Choose what is offered.'],
    [{ provider: 'else' }, 'Choose what is offered.'],
    [{ provider: 'mamopay' }, 'This provider has nothing'],
    [{ kind: 'a b' }, 'Name a type of event'],
    [{ kind: '*.paid' }, 'Name a type of event'],
    [{ times: '0' }, 'How often is a whole number'],
    [{ times: '101' }, 'How often is a whole number'],
    [{ times: '1e2' }, 'How often is a whole number'],
    [{ seconds: '-1' }, 'Seconds are a whole number'],
    [{ seconds: '9999' }, 'Seconds are a whole number'],
  ])('is refused in words when it makes no sense: %o', async (wrong, words) => {
    const answer = await h.form('/sandbox/faults', { provider: 'stripe', fault: 'drop', ...wrong })
    expect([answer.status, (await answer.text()).includes(words)]).toEqual([422, true])
    expect(await inspector()).toContain('None is armed')
  })
})

import { expect, it } from 'vitest'
import { NaturalBatch } from './natural-batch'

const open = () => {
  const steps: { inputs: readonly number[]; finish: () => void; fail: () => void }[] = []
  const batch = new NaturalBatch<number, string>(
    (inputs) =>
      new Promise((done, failed) => {
        steps.push({
          inputs,
          finish: () => done(inputs.map((n) => `did ${n}`)),
          fail: () => failed(new Error('down')),
        })
      }),
  )
  const step = async (i: number) => {
    while (steps[i] === undefined) await new Promise((resume) => setImmediate(resume))
    return steps[i]
  }
  return { batch, steps, step }
}

it('does at once what comes at once, and what comes meanwhile together afterwards', async () => {
  const { batch, steps, step } = open()
  const first = [batch.add(1), batch.add(2)]
  const one = await step(0)
  expect(one?.inputs).toEqual([1, 2])
  const later = [batch.add(3), batch.add(4), batch.add(5)]
  expect(steps).toHaveLength(1)
  one?.finish()
  expect(await Promise.all(first)).toEqual(['did 1', 'did 2'])
  const two = await step(1)
  expect(two?.inputs).toEqual([3, 4, 5])
  two?.finish()
  expect(await Promise.all(later)).toEqual(['did 3', 'did 4', 'did 5'])
})

it('tells all that were done together of a failure, and goes on', async () => {
  const { batch, step } = open()
  const failing = Promise.allSettled([batch.add(1), batch.add(2)])
  ;(await step(0))?.fail()
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = batch.add(3)
  ;(await step(1))?.finish()
  expect(await next).toBe('did 3')
})

it('keeps only so much waiting, and takes more once that is done', async () => {
  const { batch, step } = open()
  const all = [Promise.allSettled(Array.from({ length: 20_000 }, (_, i) => batch.add(i)))]
  await expect(batch.add(0)).rejects.toThrow('too much')
  for (let i = 0; i < 40; i += 1) (await step(i))?.finish()
  expect((await Promise.all(all))[0]?.every(({ status }) => status === 'fulfilled')).toBe(true)
  const next = batch.add(7)
  ;(await step(40))?.finish()
  expect(await next).toBe('did 7')
})

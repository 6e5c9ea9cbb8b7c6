import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Saver, type Saving, type Sent } from './saver'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const given = () => {
  const sent: { draft: string; from: string; over: boolean; answer: (answer: Sent<string>) => void }[] = []
  const told: Saving<string>[] = []
  const saver = new Saver<string, string>({
    version: 'v0',
    send: (draft, asked) =>
      new Promise((answer) => {
        sent.push({ draft, ...asked, answer })
      }),
    onChange: (saving) => told.push(saving),
    onBase: () => {},
  })
  const saved = async (version: string) => {
    sent.at(-1)?.answer({ result: 'saved', version })
    await vi.advanceTimersByTimeAsync(0)
  }
  return { saver, sent, told, saved }
}

describe('what is edited', () => {
  it('is saved after a moment, the newest only', async () => {
    const { saver, sent, told, saved } = given()
    saver.edited('a')
    saver.edited('ab')
    expect(saver.unsaved).toBe(true)
    await vi.advanceTimersByTimeAsync(1_200)
    expect(sent).toMatchObject([{ draft: 'ab', from: 'v0', over: false }])
    await saved('v1')
    expect(told.at(-1)).toEqual({ state: 'saved' })
    expect(saver.unsaved).toBe(false)
  })

  it('is never sent twice at once; what came meanwhile goes after it, made of what was saved', async () => {
    const { saver, sent, saved } = given()
    saver.edited('a')
    void saver.flush()
    await vi.advanceTimersByTimeAsync(0)
    saver.edited('ab')
    void saver.flush()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(sent).toHaveLength(1)
    await saved('v1')
    await vi.advanceTimersByTimeAsync(5_000)
    expect(sent[1]).toMatchObject({ draft: 'ab', from: 'v1' })
    await saved('v2')
    expect(sent).toHaveLength(2)
    expect(saver.unsaved).toBe(false)
  })

  it('is kept while the server cannot be reached, and tried again with longer pauses', async () => {
    const { saver, sent, told, saved } = given()
    saver.edited('a')
    for (let n = 1; n <= 3; n += 1) {
      await vi.advanceTimersByTimeAsync(30_000)
      expect(sent).toHaveLength(n)
      sent.at(-1)?.answer({ result: 'unreachable', why: 'away' })
      await vi.advanceTimersByTimeAsync(0)
      expect(told.at(-1)).toEqual({ state: 'failed', why: 'away', again: true })
      expect(saver.unsaved).toBe(true)
    }
    await vi.advanceTimersByTimeAsync(30_000)
    await saved('v1')
    expect(saver.unsaved).toBe(false)
  })

  it('is not sent again by itself when it was refused, but after the next change', async () => {
    const { saver, sent, told } = given()
    saver.edited('a')
    await vi.advanceTimersByTimeAsync(1_200)
    sent[0]?.answer({ result: 'refused', why: 'no' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toHaveLength(1)
    expect(told.at(-1)).toEqual({ state: 'failed', why: 'no', again: false })
    saver.edited('b')
    await vi.advanceTimersByTimeAsync(1_200)
    expect(sent).toHaveLength(2)
  })
})

describe('what somebody else saved since', () => {
  const inConflict = async () => {
    const all = given()
    all.saver.edited('mine')
    await vi.advanceTimersByTimeAsync(1_200)
    all.sent[0]?.answer({ result: 'conflict', version: 'v9', theirs: 'theirs' })
    await vi.advanceTimersByTimeAsync(0)
    return all
  }

  it('stops all saving until it is decided', async () => {
    const { saver, sent, told } = await inConflict()
    expect(told.at(-1)).toEqual({ state: 'conflict', theirs: 'theirs' })
    saver.edited('mine, more')
    await saver.flush()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toHaveLength(1)
    expect(saver.unsaved).toBe(true)
  })

  it('is gone over by mine, which says so and is made of theirs', async () => {
    const { saver, sent, saved } = await inConflict()
    void saver.keepMine('mine, more')
    await vi.advanceTimersByTimeAsync(0)
    expect(sent[1]).toMatchObject({ draft: 'mine, more', from: 'v9', over: true })
    await saved('v10')
    saver.edited('later')
    await vi.advanceTimersByTimeAsync(1_200)
    expect(sent[2]).toMatchObject({ from: 'v10', over: false })
  })

  it('is gone on from when it is taken', async () => {
    const { saver, sent } = await inConflict()
    saver.takeTheirs('theirs')
    expect(saver.unsaved).toBe(false)
    saver.edited('theirs, more')
    await vi.advanceTimersByTimeAsync(1_200)
    expect(sent[1]).toMatchObject({ draft: 'theirs, more', from: 'v9', over: false })
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nesting, readBody, readJson } from './read-json'

const post = (body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  new Request('http://localhost/', { method: 'POST', body, headers })
const limits = { bytes: 1_000, depth: 5 }

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

describe('a JSON body', () => {
  it('is as deep as its brackets, whatever its strings say', () => {
    fc.assert(fc.property(fc.json(), (text) => nesting(text) === depthOf(JSON.parse(text))))
    expect(nesting('{"a":"[[[[\\"]]"}')).toBe(1)
  })
  it('is read, and empty is an empty object', async () => {
    expect(await readJson(post('{"a":[1]}'), limits)).toEqual({ a: [1] })
    expect(await readJson(post(''), limits)).toEqual({})
  })
  it.each([
    ['too deep', '[[[[[[1]]]]]]', 400],
    ['a million brackets', '['.repeat(900), 400],
    ['cut off', '{"a":', 400],
    ['too long', `"${'a'.repeat(1_000)}"`, 413],
  ])('is refused when it is %s', async (_what, body, status) => {
    await expect(readJson(post(body), limits)).rejects.toMatchObject({ status })
  })
  it('is refused in another type, compressed, or not in UTF-8', async () => {
    await expect(readJson(post('{}', { 'content-type': 'text/plain' }), limits)).rejects.toMatchObject({
      status: 415,
    })
    await expect(
      readJson(post('{}', { 'content-type': 'application/json', 'content-encoding': 'gzip' }), limits),
    ).rejects.toMatchObject({ status: 415 })
    await expect(readJson(post(new Uint8Array([0x22, 0xff, 0x22])), limits)).rejects.toMatchObject({
      status: 400,
    })
  })
  it('is cut off at the limit though it does not say how long it is', async () => {
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1
        controller.enqueue(new Uint8Array(600))
      },
    })
    const request = new Request('http://localhost/', {
      method: 'POST',
      body: endless,
      duplex: 'half',
    } as RequestInit)
    await expect(readBody(request, 1_000)).rejects.toMatchObject({ status: 413 })
    expect(sent).toBeLessThan(6)
  })
  it('is nothing when there is no body', async () => {
    expect(await readBody(new Request('http://localhost/', { method: 'POST' }), 10)).toBe('')
  })
})

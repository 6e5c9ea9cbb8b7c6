// @vitest-environment node
import { expect, test } from 'vitest'
import { parseText, readUpload } from './import-document.server'

const upload = (fields: Record<string, string | Blob>) => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return new Request('http://localhost/workspaces/import', { method: 'POST', body: form })
}

/** As a body that comes in pieces and does not say how long it is. */
const unannounced = async (request: Request) =>
  new Request(request.url, {
    method: 'POST',
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
    body: new Blob([await request.arrayBuffer()]).stream(),
    duplex: 'half',
  } as RequestInit)

test('a file and what was pasted are read as text, without a byte order mark', async () => {
  const file = new Blob(['\ufeff{"näme": "☕"}'], { type: 'application/json' })
  expect(await readUpload(upload({ file, text: 'pasted' }), 1_000)).toEqual({
    file: '{"näme": "☕"}',
    text: 'pasted',
  })
  expect(await readUpload(upload({ other: 'x' }), 1_000)).toEqual({ file: '', text: '' })
})

test('what is longer than allowed is refused, announced or not, and however it is split', async () => {
  const large = () => upload({ file: new Blob(['x'.repeat(600)]), text: 'y'.repeat(600) })
  const refusal = { status: 413, code: 'BODY_TOO_LARGE' }
  await expect(readUpload(await unannounced(large()), 1_000)).rejects.toMatchObject(refusal)
  await expect(readUpload(await unannounced(large()), 1_200)).resolves.toMatchObject({})
  const announced = await unannounced(large())
  announced.headers.set('content-length', '1001')
  await expect(readUpload(announced, 1_000)).rejects.toMatchObject(refusal)
  expect(announced.bodyUsed).toBe(true)
})

test('what is no text, no form, or a form cut short is refused', async () => {
  const refusal = { status: 400, code: 'INVALID_BODY' }
  await expect(
    readUpload(upload({ file: new Blob([new Uint8Array([0xff, 0xfe, 0])]) }), 1_000),
  ).rejects.toMatchObject(refusal)
  await expect(
    readUpload(new Request('http://localhost/', { method: 'POST', body: 'a=1' }), 1_000),
  ).rejects.toMatchObject(refusal)
  const whole = upload({ text: 'x'.repeat(500) })
  const cut = new Request(whole.url, {
    method: 'POST',
    headers: { 'content-type': whole.headers.get('content-type') ?? '' },
    body: (await whole.text()).slice(0, 300),
  })
  await expect(readUpload(cut, 1_000)).rejects.toMatchObject(refusal)
})

test('text that is no JSON is refused with the place, nothing and the bottomless as such', () => {
  expect(parseText(' {"a":[1]} ')).toEqual({ a: [1] })
  expect(() => parseText('{"a":\n1,,}')).toThrow('line 2, column 3')
  expect(() => parseText(' \n')).toThrow('both were empty')
  expect(() => parseText('['.repeat(20_000))).toThrow('nested deeper')
})

import { describe, expect, it } from 'vitest'
import { logPath } from '../kit/log'
import { bodyLimits } from './body-limits'
import { pageRequest } from './page-request'
import { MIB } from './read-json'

const post = (body: string | FormData | URLSearchParams | null, headers: Record<string, string> = {}) =>
  new Request('http://localhost/auth/sign-in', { method: 'POST', body, headers })

describe('what reaches a page', () => {
  it('is a request without a body as it is', async () => {
    const request = new Request('http://localhost/')
    expect(await pageRequest(request)).toBe(request)
  })
  it('is a form of either kind', async () => {
    const encoded = await pageRequest(post(new URLSearchParams({ a: 'ü' })))
    expect((await encoded.formData()).get('a')).toBe('ü')
    const form = new FormData()
    form.set('file', new Blob([new Uint8Array([0, 255, 1])]), 'x.bin')
    const file = (await (await pageRequest(post(form))).formData()).get('file') as File
    expect([...new Uint8Array(await file.arrayBuffer())]).toEqual([0, 255, 1])
  })
  it('is an empty form where nothing was sent', async () => {
    expect([...(await (await pageRequest(post(null))).formData()).keys()]).toEqual([])
  })
  it.each([
    ['JSON', post('{}', { 'Content-Type': 'application/json' }), 415],
    ['text', post('a=b', { 'Content-Type': 'text/plain' }), 415],
    [
      'compressed',
      post('a=b', { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Encoding': 'gzip' }),
      415,
    ],
    ['no form', post('x', { 'Content-Type': 'multipart/form-data; boundary=y' }), 400],
    ['too long', post(new URLSearchParams({ a: 'x'.repeat(2_200_000) })), 413],
  ])('is refused when it is %s', async (_what, request, status) => {
    await expect(pageRequest(request)).rejects.toMatchObject({ status })
  })
})

describe('a large form', () => {
  const large = (path: string) => {
    const form = new FormData()
    form.set('file', new Blob(['x'.repeat(3 * MIB)]))
    return new Request(`http://localhost${path}`, { method: 'POST', body: form })
  }
  it('is limited here, but for the import of documents, which limits its own', async () => {
    const refusal = { status: 413, code: 'BODY_TOO_LARGE' }
    for (const path of ['/auth/sign-in', '/workspaces/import/x', '/x?to=/workspaces/import'])
      await expect(pageRequest(large(path))).rejects.toMatchObject(refusal)
    const document = large('/workspaces/import?_data=x')
    expect(await pageRequest(document)).toBe(document)
    expect(document.bodyUsed).toBe(false)
  })
})

describe('a body', () => {
  it('may be as long as the roomiest procedure it calls', () => {
    expect(bodyLimits([]).bytes).toBe(100 * 1024)
    expect(bodyLimits(['auth.signIn', 'workspace.updatePage', 'auth.me']).bytes).toBe(2 * 1024 * 1024)
    expect(bodyLimits(['workspace.import', 'workspace.updatePage']).bytes).toBe(101 * 1024 * 1024)
  })
})

describe('a path in the log', () => {
  it('does not show the token of a link', () => {
    const token = 'a'.repeat(40)
    expect(logPath(`/buy/${token}`)).toBe('/buy/[token]')
    expect(logPath(`/BUY/${token}/x`)).toBe('/BUY/[token]/x')
    expect(logPath('/buy/success')).toBe('/buy/success')
  })
})

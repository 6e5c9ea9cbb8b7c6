import { expect, test } from 'vitest'
import { pageRequest } from './page-request'
import { MIB } from './read-json'

const large = (path: string) => {
  const form = new FormData()
  form.set('file', new Blob(['x'.repeat(3 * MIB)]))
  return new Request(`http://localhost${path}`, { method: 'POST', body: form })
}

test('a page’s form is limited here, and the import of documents limits its own', async () => {
  const refusal = { status: 413, code: 'BODY_TOO_LARGE' }
  for (const path of ['/auth/sign-in', '/workspaces/import/x', '/x?to=/workspaces/import'])
    await expect(pageRequest(large(path))).rejects.toMatchObject(refusal)
  const document = large('/workspaces/import?_data=x')
  expect(await pageRequest(document)).toBe(document)
  expect(document.bodyUsed).toBe(false)
})

import { describe, expect, it } from 'vitest'
import { openApiDocument } from './openapi'
import { plainProcedures } from './plain'

interface Operation {
  readonly parameters?: { name: string; in: string; required: boolean }[]
  readonly requestBody?: {
    content: { 'application/json': { schema: { properties?: object; required?: string[] } } }
  }
  readonly security: object[]
}
const document = openApiDocument('https://offshoot.example') as {
  servers: object[]
  paths: Record<string, Record<string, Operation>>
}

describe('the OpenAPI document', () => {
  it('names the address it is served at, and every plain procedure', () => {
    expect(document.servers).toEqual([{ url: 'https://offshoot.example' }])
    for (const { http } of plainProcedures())
      expect(document.paths[http.path]?.[http.method.toLowerCase()], http.path).toBeDefined()
  })

  it('has no reference that leads nowhere', () => {
    const text = JSON.stringify(document)
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)
    expect(references.some((path) => path.startsWith('components/schemas/'))).toBe(true)
    for (const path of references) {
      const target = path
        .split('/')
        .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document)
      expect(target, path).toBeDefined()
    }
    expect(text).not.toContain('$defs')
  })

  it('puts what stands in the path there, what is read in the query, and the rest in the body', () => {
    const update = document.paths['/api/workspace/{id}']?.patch
    expect(update?.parameters).toMatchObject([{ name: 'id', in: 'path', required: true }])
    const body = update?.requestBody?.content['application/json'].schema
    expect(Object.keys(body?.properties ?? {})).toEqual(['name', 'description', 'image', 'settings'])
    expect(body?.required).toEqual([])
    expect(document.paths['/api/workspace']?.get?.parameters).toMatchObject([
      { name: 'limit', in: 'query', required: false },
      { name: 'cursor', in: 'query', required: false },
    ])
    expect(document.paths['/api/auth/sign-out']?.post?.requestBody).toBeUndefined()
    expect(document.paths['/api/affiliate/links/{id}/revoke']?.post?.requestBody).toBeUndefined()
  })

  it('says where nobody has to be signed in', () => {
    expect(document.paths['/api/auth/sign-in']?.post?.security).toContainEqual({})
    expect(document.paths['/api/workspace']?.get?.security).toEqual([{ session: [] }, { key: [] }])
  })
})

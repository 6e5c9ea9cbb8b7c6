import type { ServerBuild } from '@remix-run/node'
import { matchRoutes } from '@remix-run/router'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { narrowed } from './narrow'

type Routes = ServerBuild['routes']

/** A random flat-to-nested tree of routes as a build holds it. */
const routesArbitrary = fc
  .array(
    fc.record({
      parent: fc.nat(20),
      path: fc.option(
        fc
          .array(fc.constantFrom('a', 'b', 'c', ':id', ':other', 'Mixed'), { minLength: 1, maxLength: 3 })
          .map((segments) => segments.join('/')),
      ),
      index: fc.boolean(),
      splat: fc.boolean(),
    }),
    { minLength: 1, maxLength: 15 },
  )
  .map((specs) => {
    const routes: Record<string, { id: string; parentId?: string; path?: string; index?: boolean }> = {
      root: { id: 'root', path: '' },
    }
    specs.forEach((spec, n) => {
      const parents = Object.values(routes).filter((route) => !route.index && !route.path?.endsWith('*'))
      const parent = parents[spec.parent % parents.length]
      const id = `r${n}`
      routes[id] = spec.splat
        ? { id, parentId: parent?.id ?? 'root', path: '*' }
        : spec.index
          ? { id, parentId: parent?.id ?? 'root', index: true }
          : { id, parentId: parent?.id ?? 'root', ...(spec.path === null ? {} : { path: spec.path }) }
    })
    return routes as unknown as Routes
  })

const addressArbitrary = fc
  .array(fc.constantFrom('a', 'b', 'c', 'A', 'mixed', 'zzz', '%61', 'b%20c'), { maxLength: 5 })
  .map((segments) => `/${segments.join('/')}`)

interface Node {
  id: string
  path?: string
  index?: boolean
  children?: Node[]
}
const tree = (routes: Routes, parent?: string): Node[] =>
  Object.values(routes)
    .filter((route) => route !== undefined && route.parentId === parent)
    .map((route) => {
      const { id, path, index } = route as { id: string; path?: string; index?: boolean }
      const children = tree(routes, id)
      return {
        id,
        ...(path === undefined ? {} : { path }),
        ...(index ? { index } : {}),
        ...(children.length > 0 ? { children } : {}),
      }
    })

const matchIn = (routes: Routes, path: string) =>
  matchRoutes(tree(routes) as never, path)?.map((match) => match.route.id) ?? null

describe('a narrowed build', () => {
  it('matches every address as the whole one does', async () => {
    await fc.assert(
      fc.asyncProperty(
        routesArbitrary,
        fc.array(addressArbitrary, { maxLength: 12 }),
        async (routes, addresses) => {
          const build = { routes, assets: { routes } } as unknown as ServerBuild
          const handle = narrowed(build, (narrow) => async (request: Request) => {
            const found = matchIn(narrow.routes, new URL(request.url).pathname)
            return new Response(JSON.stringify(found))
          })
          for (const address of addresses) {
            const answer = await handle(new Request(`http://localhost${address}`), undefined as never)
            expect(await answer.json()).toEqual(matchIn(routes, address))
          }
        },
      ),
      { numRuns: 200 },
    )
  })
  it('leaves manifest requests and broken encodings to the whole build', async () => {
    const routes = {
      root: { id: 'root', path: '' },
      a: { id: 'a', parentId: 'root', path: 'a' },
    } as unknown as Routes
    const build = { routes, assets: { routes } } as unknown as ServerBuild
    const sizes = narrowed(
      build,
      (narrow) => async () => new Response(String(Object.keys(narrow.routes).length)),
    )
    const size = async (path: string) =>
      (await sizes(new Request(`http://localhost${path}`), undefined as never)).text()
    expect(await size('/__manifest?p=/x')).toBe('2')
    expect(await size('/%ff')).toBe('2')
    expect(await size('/zzz')).toBe('1')
  })
})

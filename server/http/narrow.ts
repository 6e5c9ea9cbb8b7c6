import type { ServerBuild } from '@remix-run/node'

type Handler = (request: Request, loadContext: never) => Promise<Response>
type Routes = ServerBuild['routes']

/**
 * Remix ranks all routes anew for each request, so its cost grows with their number. This hands it, per shape of
 * address, a build with only the routes that can match. A segment is either a name some route spells out at that
 * depth, or any other: addresses of one shape share a handler.
 */
export const narrowed = <H extends (request: Request, loadContext: never) => Promise<Response>>(
  build: ServerBuild,
  createHandler: (build: ServerBuild) => H,
): ((request: Request, loadContext: Parameters<H>[1]) => Promise<Response>) => {
  const whole = createHandler(build)
  const paths = routePaths(build.routes)
  const names = staticNames(paths)
  const handlers = new Map<string, Handler>()
  return (request, loadContext) => {
    const segments = addressSegments(request.url)
    if (segments === null) return whole(request, loadContext)
    const shape = segments.map((segment, depth) => (names[depth]?.has(segment) ? segment : ':')).join('/')
    let handler = handlers.get(shape)
    if (handler === undefined) {
      handler = createHandler(subset(build, paths, segments)) as Handler
      if (handlers.size < MAX_SHAPES) handlers.set(shape, handler)
    }
    return handler(request, loadContext)
  }
}

const MAX_SHAPES = 500

/** Each route's whole path, as segments. */
const routePaths = (routes: Routes): Map<string, string[]> => {
  const pathOf = (id: string): string[] => {
    const route = routes[id]
    if (route === undefined) return []
    const own = (route.path ?? '').split('/').filter((segment) => segment !== '')
    return [...(route.parentId === undefined ? [] : pathOf(route.parentId)), ...own]
  }
  return new Map(Object.keys(routes).map((id) => [id, pathOf(id)]))
}

const staticNames = (paths: Map<string, string[]>): Set<string>[] => {
  const names: Set<string>[] = []
  for (const path of paths.values())
    path.forEach((segment, depth) => {
      names[depth] ??= new Set()
      if (isStatic(segment)) names[depth].add(segment.toLowerCase())
    })
  return names
}

const isStatic = (segment: string) => !segment.startsWith(':') && segment !== '*' && !segment.endsWith('?')

/** Lower-cased decoded segments; null: leave it to the whole build. */
const addressSegments = (url: string): string[] | null => {
  const { pathname } = new URL(url)
  if (pathname.startsWith('/__')) return null
  try {
    return pathname
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => decodeURIComponent(segment).toLowerCase())
  } catch {
    return null
  }
}

const subset = (build: ServerBuild, paths: Map<string, string[]>, segments: string[]): ServerBuild => {
  const keep = new Set<string>()
  for (const [id, path] of paths)
    if (canMatch(path, segments)) {
      for (let at: string | undefined = id; at !== undefined; at = build.routes[at]?.parentId) keep.add(at)
    }
  const only = <T>(all: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([id]) => keep.has(id)))
  return {
    ...build,
    routes: only(build.routes as Record<string, Routes[string] & object>) as Routes,
    assets: { ...build.assets, routes: only(build.assets.routes) },
  }
}

/** May this path be (a part of) the match of an address? Generous: what is kept too much costs time, nothing else. */
const canMatch = (path: readonly string[], segments: readonly string[]): boolean => {
  for (let depth = 0; depth < path.length; depth += 1) {
    const segment = path[depth] ?? ''
    if (segment === '*' || segment.endsWith('?')) return true
    if (depth >= segments.length) return false
    if (isStatic(segment) && segment.toLowerCase() !== segments[depth]) return false
  }
  return true
}

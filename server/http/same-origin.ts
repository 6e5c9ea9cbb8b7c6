/**
 * May a request change something? Only when it comes from our own pages, or from no browser at all:
 * a browser says where it comes from (Sec-Fetch-Site, Origin), and what says nothing may not carry a session.
 * @param own the origin of APP_URL; on loopback its other names are the same place
 */
export const mayChange = (request: Request, own: string, sessionCookie: string): boolean => {
  if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS') return true
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = request.headers.get('origin')
  if (origin !== null) return sameOrigin(origin, own)
  return !(request.headers.get('cookie') ?? '').includes(`${sessionCookie}=`)
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

const sameOrigin = (origin: string, own: string): boolean => {
  try {
    const a = new URL(origin)
    const b = new URL(own)
    if (a.origin === b.origin) return true
    return (
      LOOPBACK.has(a.hostname) && LOOPBACK.has(b.hostname) && a.port === b.port && a.protocol === b.protocol
    )
  } catch {
    return false
  }
}

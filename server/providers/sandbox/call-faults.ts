import type { Context as Call, MiddlewareHandler } from 'hono'
import { type FaultProvider, takeFault } from './faults'
import type { World } from './world'

/** How one provider says that something went wrong on its side. */
interface Meeting {
  readonly provider: FaultProvider
  /** What the paths of its interface begin with. */
  readonly prefix: string
  /** The answer 500, and what is kept of it. */
  readonly fail: (call: Call) => Promise<Response>
}

/** What a call changed stays changed, and whoever asked does not hear of it, or late. */
export const meetFaults =
  (world: World, { provider, prefix, fail }: Meeting): MiddlewareHandler =>
  async (call, next) => {
    await next()
    if (call.req.method === 'GET' || call.res.status >= 300) return
    const kind = kindOfCall(call.req.path.slice(prefix.length))
    const met = await takeFault(world, provider, ['error-after', 'no-answer', 'late'], { kind, ref: '' })
    if (met?.fault === 'late') await wait(met.seconds)
    if (met?.fault === 'error-after') call.res = await fail(call)
    if (met?.fault === 'no-answer') {
      const { outgoing } = call.env as { outgoing: { destroy: () => void } }
      outgoing.destroy()
    }
  }

/** checkout/sessions/cs_123/expire is one of checkout/sessions/:id/expire. */
const kindOfCall = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (/\d|[A-Z]/.test(part) ? ':id' : part))
    .join('/')

const wait = (seconds: number): Promise<void> =>
  new Promise((resume) => setTimeout(resume, seconds * 1_000).unref())

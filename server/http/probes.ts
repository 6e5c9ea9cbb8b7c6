import { sql } from 'drizzle-orm'
import { Hono } from 'hono'
import type { Context } from '../kit/context'
import type { HttpEnv } from './env'
import { createMetrics } from './metrics'

/** What a worker alone answers to whoever watches it: whether it lives and can work, and its metrics. */
export const createProbes = (base: Context): Hono<HttpEnv> => {
  const app = new Hono<HttpEnv>()
  serveHealth(app, base)
  createMetrics(base).serve(app)
  return app
}

/** /healthz: the process answers. /readyz: so does the database, and it was migrated. */
export const serveHealth = (app: Hono<HttpEnv>, base: Context): void => {
  app.get('/healthz', (call) => call.json({ status: 'ok' }))
  app.get('/readyz', async (call) => {
    try {
      await base.db.execute(sql`select 1 from drizzle.__drizzle_migrations limit 1`)
      return call.json({ status: 'ready' })
    } catch {
      call.header('Retry-After', '5')
      return call.json(
        { status: 'unavailable', code: 'UNAVAILABLE', message: 'The database cannot be reached.' },
        503,
      )
    }
  })
}

import { sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { enqueueJob } from '../kit/queue'
import type { HttpEnv } from './env'
import { createMetrics } from './metrics'

const database = useDatabase()
const given = (env: Record<string, string> = {}) => {
  const ctx = testContext(database.db, { env })
  const metrics = createMetrics(ctx)
  const app = new Hono<HttpEnv>()
  app.use(metrics.measure)
  metrics.serve(app)
  app.get('/r/:code', (call) => call.text('on'))
  app.all('*', (call) => call.text('a page', 404))
  return { ctx, app }
}
const figureOf = (text: string, name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])

describe('the metrics', () => {
  it('tell how long requests took by route, never by address', async () => {
    const { app } = given()
    await app.request('/r/secret-code')
    await app.request('/buy/a-token')
    const text = await (await app.request('/metrics')).text()
    expect(text).toContain(
      'offshoot_http_request_duration_seconds_count{method="GET",route="/r/:code",status="200"} 1',
    )
    expect(text).toContain('route="page",status="404"')
    expect(text).not.toMatch(/secret-code|a-token/)
    expect(text).toContain('process_cpu_seconds_total')
  })

  it('tell what waits, and for how long', async () => {
    const { ctx, app } = given()
    const before = await (await app.request('/metrics')).text()
    expect(figureOf(before, 'offshoot_jobs_due')).toBe(0)
    expect(figureOf(before, 'offshoot_inbox_age_seconds')).toBe(0)
    await enqueueJob(ctx, { kind: 'affiliate.rollUpClicks', key: 'waiting', payload: {} })
    await database.owner.execute(
      sql`update jobs set run_at = now() - interval '90 seconds' where key = 'waiting'`,
    )
    const after = await (await app.request('/metrics')).text()
    expect(figureOf(after, 'offshoot_jobs_due')).toBe(1)
    expect(figureOf(after, 'offshoot_job_age_seconds')).toBeGreaterThanOrEqual(90)
  })

  it('are for the bearer of the token where one is set', async () => {
    const { app } = given({ METRICS_TOKEN: 'a-token-for-metrics' })
    for (const authorization of [undefined, 'Bearer ', 'Bearer nonsense', 'a-token-for-metrics'])
      expect(
        (await app.request('/metrics', { headers: authorization === undefined ? {} : { authorization } }))
          .status,
      ).toBe(401)
    const answer = await app.request('/metrics', { headers: { authorization: 'Bearer a-token-for-metrics' } })
    expect(answer.status).toBe(200)
  })
})

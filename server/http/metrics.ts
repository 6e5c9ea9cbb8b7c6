import type { Context as Call, Hono, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type OperationalFigures, operationalFigures } from '../domain/reporting'
import type { Context } from '../kit/context'
import { equalSecrets } from '../kit/crypto'
import type { HttpEnv } from './env'

export interface Metrics {
  /** Times every request. */
  readonly measure: MiddlewareHandler<HttpEnv>
  /** Serves them at /metrics; with METRICS_TOKEN set, to its bearer only. */
  readonly serve: (app: Hono<HttpEnv>) => void
}

/** What this process measures of itself, and of the queues when it is asked. For Prometheus. */
export const createMetrics = (base: Context): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'offshoot_http_request_duration_seconds',
    help: 'How long requests took, by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  const gauges = GAUGES.map(({ name, help, value }) => ({
    gauge: new Gauge({ name, help, registers: [registry] }),
    value,
  }))
  return {
    measure: async (call, next) => {
      const begun = performance.now()
      await next()
      requests.observe(
        { method: call.req.method, route: routeOf(call), status: String(call.res.status) },
        (performance.now() - begun) / 1_000,
      )
    },
    serve: (app) => {
      app.get('/metrics', async (call) => {
        const token = base.config.metricsToken
        if (token !== null && !equalSecrets(call.req.header('authorization') ?? '', `Bearer ${token}`))
          return call.text('Unauthorized', 401, { 'WWW-Authenticate': 'Bearer' })
        const figures = await operationalFigures(base)
        for (const { gauge, value } of gauges) gauge.set(value(figures))
        return call.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType })
      })
    },
  }
}

interface GaugeOf {
  readonly name: string
  readonly help: string
  readonly value: (figures: OperationalFigures) => number
}

const GAUGES: readonly GaugeOf[] = [
  { name: 'offshoot_jobs_due', help: 'Jobs whose time has come', value: ({ jobsDue }) => jobsDue },
  { name: 'offshoot_jobs_dead', help: 'Jobs whose last attempt failed', value: ({ jobsDead }) => jobsDead },
  {
    name: 'offshoot_job_age_seconds',
    help: 'How long the oldest job that is due has waited',
    value: ({ jobAge }) => jobAge,
  },
  {
    name: 'offshoot_inbox_age_seconds',
    help: 'How long the oldest webhook has waited to be processed',
    value: ({ inboxAge }) => inboxAge,
  },
  {
    name: 'offshoot_inbox_trouble',
    help: 'Webhooks in quarantine or dead',
    value: ({ inboxTrouble }) => inboxTrouble,
  },
  {
    name: 'offshoot_outbox_age_seconds',
    help: 'How long the oldest mail has waited to be sent',
    value: ({ outboxAge }) => outboxAge,
  },
  {
    name: 'offshoot_ledger_unsealed_seconds',
    help: 'Since when transfers are not under a seal',
    value: ({ unsealedAge }) => unsealedAge,
  },
]

/** The route's pattern, never the address: an address may hold a token, and there is no end of them. */
const routeOf = (call: Call<HttpEnv>): string =>
  matchedRoutes(call).find(({ path }) => !path.endsWith('*'))?.path ?? 'page'

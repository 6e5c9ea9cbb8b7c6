import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Db } from '../../../db/client'
import type { Log } from '../../kit/log'
import { createApi } from './api'
import { startDeliveries } from './deliveries'
import { stripeLetter } from './events'
import type { PageVariables } from './layout'
import { createMamoApi, MAMO_PATH } from './mamopay/api'
import { mamoLetter } from './mamopay/events'
import { createPages } from './pages'
import { catchUp } from './renewals'
import { expireSessions } from './sessions'
import type { World } from './world'

export interface SandboxOptions {
  readonly db: Db
  /** Without a trailing slash; the hosted pages are at its /sandbox. */
  readonly appUrl: string
  /** Where the application takes Stripe's webhooks. */
  readonly webhookUrl: string
  readonly stripeSecretKey: string
  readonly stripeWebhookSecret: string
  /** The same of MamoPay; not there: only Stripe is stood in for. */
  readonly mamo?: {
    readonly webhookUrl: string
    readonly apiKey: string
    readonly webhookSecret: string
  }
  readonly log: Log
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
}

export interface Sandbox {
  /** What the Stripe package is pointed at. */
  readonly apiBase: string
  /** MamoPay's address, with its path. */
  readonly mamoBase: string
  /** Hosted checkout and inspector, to be mounted at /sandbox. */
  readonly pages: Hono<{ Variables: PageVariables }>
  readonly stop: () => Promise<void>
}

/**
 * Starts a stand-in for Stripe and MamoPay: their HTTP interfaces on a loopback port of their own, their hosted pages,
 * and their webhooks. All it knows is in the database, so several processes may each run one over the same.
 */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const world: World & { readonly db: Db } = {
    db: options.db,
    now: options.now,
    random: options.random,
    webhookUrl: options.webhookUrl,
    pagesUrl: `${options.appUrl.replace(/\/+$/, '')}/sandbox`,
  }
  const { log, mamo } = options
  const deliveries = startDeliveries(world, {
    log,
    beforeRound: async () => {
      await expireSessions(world)
      await catchUp(world)
    },
    carriers: {
      stripe: {
        attempts: 20,
        letter: ({ eventId }, spoil) => stripeLetter(world, options.stripeWebhookSecret, eventId, spoil),
      },
      mamopay: mamo && {
        // Whether MamoPay tries again is not documented: an application must not count on it.
        attempts: 1,
        letter: (delivery, spoil) =>
          mamoLetter(world, { url: mamo.webhookUrl, secret: mamo.webhookSecret }, delivery, spoil),
      },
    },
  })
  const api = createApi(world, {
    secretKey: options.stripeSecretKey,
    log,
    wake: deliveries.wake,
  })
  const mamoApi = mamo && createMamoApi(world, { apiKey: mamo.apiKey, log, wake: deliveries.wake })
  const server = createAdaptorServer({
    fetch: (request, env) =>
      mamoApi !== undefined && new URL(request.url).pathname.startsWith(`${MAMO_PATH}/`)
        ? mamoApi.fetch(request, env)
        : api.fetch(request, env),
  })
  const port = await listen(server)
  return {
    apiBase: `http://127.0.0.1:${port}`,
    mamoBase: `http://127.0.0.1:${port}${MAMO_PATH}`,
    pages: createPages(world, deliveries.wake, mamo?.webhookUrl ?? null),
    stop: async () => {
      await Promise.all([close(server), deliveries.stop()])
    },
  }
}

const listen = (server: ServerType): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

const close = (server: ServerType): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })

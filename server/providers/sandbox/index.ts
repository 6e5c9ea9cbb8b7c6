import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Db } from '../../../db/client'
import type { Log } from '../../kit/log'
import { createApi } from './api'
import { startDeliveries } from './deliveries'
import { createPages, type PageVariables } from './pages'
import type { World } from './world'

export interface SandboxOptions {
  readonly db: Db
  /** Without a trailing slash; the hosted pages are at its /sandbox. */
  readonly appUrl: string
  /** Where the application takes Stripe's webhooks. */
  readonly webhookUrl: string
  readonly stripeSecretKey: string
  readonly stripeWebhookSecret: string
  readonly log: Log
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
}

export interface Sandbox {
  /** What the Stripe package is pointed at. */
  readonly apiBase: string
  /** Hosted checkout and inspector, to be mounted at /sandbox. */
  readonly pages: Hono<{ Variables: PageVariables }>
  readonly stop: () => Promise<void>
}

/**
 * Starts a stand-in for Stripe: its HTTP interface on a loopback port of its own, its hosted checkout, and its
 * webhooks. All it knows is in the database, so several processes may each run one over the same.
 */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const world: World & { readonly db: Db } = {
    db: options.db,
    now: options.now,
    random: options.random,
    webhookUrl: options.webhookUrl,
    pagesUrl: `${options.appUrl.replace(/\/+$/, '')}/sandbox`,
  }
  const deliveries = startDeliveries(world, { secret: options.stripeWebhookSecret, log: options.log })
  const api = createApi(world, {
    secretKey: options.stripeSecretKey,
    log: options.log,
    wake: deliveries.wake,
  })
  const server = createAdaptorServer({ fetch: api.fetch })
  const port = await listen(server)
  return {
    apiBase: `http://127.0.0.1:${port}`,
    pages: createPages(world, deliveries.wake),
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

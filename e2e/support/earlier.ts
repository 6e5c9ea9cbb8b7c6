import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { ServerBuild } from '@remix-run/node'
import { connect } from '../../db/client'
import { testClock, testContext } from '../../db/testing/context'
import { createHttpApp } from '../../server/http/app'
import { createLog } from '../../server/kit/log'
import type { OwnWorld } from './world'

/**
 * The application as it answered at another time: the same code in front of the same database, under the same secret,
 * with a clock of its own. It has no pages; cookies do not care for ports, so what it sets the running server reads.
 */
export const serveAt = async (
  { settings: { DATABASE_URL, ...env } }: OwnWorld,
  at: Date,
): Promise<{ url: string; stop: () => Promise<void> }> => {
  const connection = connect({ url: DATABASE_URL }, { max: 2 })
  const app = createHttpApp({
    base: testContext(connection.db, { clock: testClock(at), env: { APP_SECRET: env.APP_SECRET } }),
    log: createLog('silent'),
    build: noPages,
    clientFolder: '.',
    sandboxPages: null,
  })
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started))
  })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      if ('closeAllConnections' in server) server.closeAllConnections()
      server.close()
      await connection.close(1)
    },
  }
}

const noPages = {
  entry: { module: { default: () => new Response('There are no pages here.'), handleError: () => {} } },
  routes: {},
  assets: { version: '1', url: '/m.js', entry: { module: '/e.js', imports: [] }, routes: {} },
  publicPath: '/',
  assetsBuildDirectory: '',
  future: {},
  isSpaMode: false,
} as unknown as ServerBuild

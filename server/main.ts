import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as remixBuild from 'virtual:remix/server-build'
import { type ServerType, serve } from '@hono/node-server'
import type { ServerBuild } from '@remix-run/node'
import { pageRenderer } from '../app/features/page/published/render.server'
import type { Connection } from '../db/client'
import { DEMO_SIGN_INS, seedDemo, seedPlatform } from '../db/seed'
import { StartError } from './data-dir'
import { type OpenedDatabase, openDatabase } from './database'
import { ensureAdmin } from './domain/identity'
import { createHttpApp } from './http/app'
import { createProbes } from './http/probes'
import { createVisits } from './http/visits'
import { createHandlers, createUndertaker } from './jobs/handlers'
import { startSchedule } from './jobs/schedule'
import { startWorker, type Worker } from './jobs/worker'
import {
  type Config,
  type Environment,
  type MamoSettings,
  readConfig,
  type StripeSettings,
} from './kit/config'
import { type Context, systemClock, systemRandom } from './kit/context'
import { derivedKey } from './kit/crypto'
import { createLog, describeError, type Log } from './kit/log'
import type { PaymentProvider } from './kit/ports'
import { projectRoot } from './project-root'
import { createPost } from './providers/endpoint'
import { createMailbox, createSmtpTransport } from './providers/mail'
import { createMamoProvider, PRODUCTION_BASE } from './providers/mamopay'
import { createPictures } from './providers/pictures'
import { type Sandbox, startSandbox } from './providers/sandbox'
import { createStripeProvider } from './providers/stripe'

export { migrateGivenDatabase } from './database'
export { verifyBooks } from './verify'

export interface Running {
  readonly url: string
  /** Finishes what is under way, then ends everything that was started. */
  readonly stop: () => Promise<void>
}

/** What a process does. Any number of each kind may share a database. */
export type Part = 'web' | 'worker'

/**
 * Starts database, migrations, seed, and the parts asked for: web and worker, or one of them beside other processes. A
 * worker alone answers /healthz, /readyz and /metrics at its PORT.
 * @param env the environment as it was when the process was started
 * @throws ConfigError, StartError
 */
export const start = async (
  env: Environment,
  parts: readonly Part[] = ['web', 'worker'],
): Promise<Running> => {
  const config = await withPort(readConfig(env, keptSecret))
  if (parts.length < 2 && config.databaseUrl === null)
    throw new StartError(
      `A ${parts.join()} alone needs a database that others can share. Set DATABASE_URL, or start both at once with npm start.`,
    )
  const log = createLog(config.logLevel)
  const stops: (() => Promise<void> | void)[] = []
  const stop = async () => {
    for (const end of stops.splice(0).reverse())
      await Promise.resolve(end()).catch((error: unknown) =>
        log.error({ error: describeError(error) }, 'could not stop'),
      )
  }
  try {
    await portIsFree(config)
    const database = await openDatabase(config, log, stops)
    const connection = database.open(10)
    stops.push(() => connection.close())
    await serveAll(config, connection, database, log, stops, parts)
    announce(config, parts)
    return { url: config.appUrl, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Stops = (() => Promise<void> | void)[]

const serveAll = async (
  config: Config,
  connection: Connection,
  { open, openReplica }: OpenedDatabase,
  log: Log,
  stops: Stops,
  parts: readonly Part[],
): Promise<void> => {
  const workerConnection = open(6)
  stops.push(() => workerConnection.close())
  const replica = openReplica?.(10)
  if (replica !== undefined) stops.push(() => replica.close())
  // Of several processes none knows whether it will be there when a webhook is sent: what stands in front does.
  const webhooks = parts.length < 2 ? `${config.appUrl}/webhooks` : ownWebhooks(config)
  const sandbox = config.sandbox ? await openSandbox(config, workerConnection, webhooks, log) : null
  if (sandbox !== null) stops.push(sandbox.stop)
  let worker: Worker | null = null
  const base: Context = {
    db: connection.db,
    ...(replica === undefined ? {} : { replica: replica.db }),
    actor: { kind: 'visitor' },
    now: systemClock,
    config,
    outside: {
      random: systemRandom,
      mail: config.smtpUrl === null ? createMailbox() : createSmtpTransport(config.smtpUrl, config.mailFrom),
      payments: new Map(openProviders(config, sandbox).map((provider) => [provider.name, provider])),
      pictures: createPictures(config, systemRandom),
      post: createPost({ allowPrivate: config.endpointsPrivate }),
      wake: () => worker?.wake(),
    },
  }
  if (config.admin !== null) await ensureAdmin(base, config.admin)
  await seedPlatform(base)
  if (config.seed === 'demo') await seedDemo(base)

  if (parts.includes('worker')) {
    const forWorker = { ...base, db: workerConnection.db }
    worker = startWorker({
      db: workerConnection.db,
      handlers: createHandlers(forWorker),
      onDead: createUndertaker(forWorker),
      log,
      lease: config.jobLease,
    })
    stops.push(worker.stop)
    stops.push(startSchedule(forWorker, log))
  }

  const visits = createVisits(base, log)
  stops.push(visits.flush)
  const app = parts.includes('web')
    ? createHttpApp({
        base,
        log,
        build: remixBuild as unknown as ServerBuild,
        clientFolder: join(projectRoot(), 'build/client'),
        sandboxPages: sandbox?.pages ?? null,
        pages: { render: pageRenderer, visits },
      })
    : createProbes(base)
  const server = await listen(config, app.fetch as never)
  stops.push(() => closeServer(server))
}

/** Requests under way are finished; idle connections are closed at once, the others after ten seconds. */
const closeServer = (server: ServerType): Promise<void> =>
  new Promise((done) => {
    const impatient = setTimeout(
      () => 'closeAllConnections' in server && server.closeAllConnections(),
      10_000,
    )
    server.close(() => {
      clearTimeout(impatient)
      done()
    })
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })

const listen = (config: Config, fetch: Parameters<typeof serve>[0]['fetch']): Promise<ServerType> =>
  new Promise((done, failed) => {
    const server = serve(
      {
        fetch,
        port: config.port,
        hostname: config.host,
        // How late a time-out may come is the interval of the checks.
        serverOptions: {
          requestTimeout: 30_000,
          headersTimeout: 10_000,
          keepAliveTimeout: 10_000,
          connectionsCheckingInterval: 2_000,
        },
      },
      () => done(server),
    )
    server.once('error', failed)
  })

/** Each that has keys, or both of the sandbox; the first is the default. None is called here. */
const openProviders = (config: Config, sandbox: Sandbox | null): PaymentProvider[] => {
  if (sandbox !== null)
    return [
      createStripeProvider({ ...sandboxStripe(config), apiBase: sandbox.apiBase, mode: 'sandbox' }),
      createMamoProvider({ ...sandboxMamo(config), apiBase: sandbox.mamoBase, mode: 'sandbox' }),
    ]
  const { stripe, mamo } = config
  return [
    ...(stripe === null
      ? []
      : [createStripeProvider({ ...stripe, mode: stripe.secretKey.includes('_live_') ? 'live' : 'test' })]),
    ...(mamo === null
      ? []
      : [createMamoProvider({ ...mamo, mode: isProduction(mamo.apiBase) ? 'live' : 'test' })]),
  ]
}

/** MamoPay's keys do not say what they are for; its host does. */
const isProduction = (apiBase: string | null): boolean =>
  apiBase === null || new URL(apiBase).hostname === new URL(PRODUCTION_BASE).hostname

const ownWebhooks = ({ host, port }: Config): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}/webhooks`

const openSandbox = (
  config: Config,
  connection: Connection,
  webhooks: string,
  log: Log,
): Promise<Sandbox> => {
  const stripe = sandboxStripe(config)
  const mamo = sandboxMamo(config)
  return startSandbox({
    db: connection.db,
    appUrl: config.appUrl,
    webhookUrl: `${webhooks}/stripe`,
    stripeSecretKey: stripe.secretKey,
    stripeWebhookSecret: stripe.webhookSecrets[0] ?? '',
    mamo: {
      webhookUrl: `${webhooks}/mamopay`,
      apiKey: mamo.apiKey,
      webhookSecret: mamo.webhookSecrets[0] ?? '',
    },
    log,
    now: systemClock,
    random: systemRandom,
  })
}

/** Keys of the stand-in's own: the product checks them as it checks real ones. */
const sandboxStripe = (config: Config): StripeSettings => ({
  secretKey: `sk_test_${derivedKey(config.appSecret, 'sandbox-stripe-key').toString('hex').slice(0, 24)}`,
  webhookSecrets: [`whsec_${derivedKey(config.appSecret, 'sandbox-stripe-webhook').toString('hex')}`],
  apiBase: null,
  planPrices: {},
})

const sandboxMamo = (config: Config): MamoSettings => ({
  apiKey: `sk-${derivedKey(config.appSecret, 'sandbox-mamopay-key').toString('hex').slice(0, 32)}`,
  webhookSecrets: [derivedKey(config.appSecret, 'sandbox-mamopay-webhook').toString('hex').slice(0, 48)],
  apiBase: null,
})

/** The secret kept beside the data, made on the first start. */
const keptSecret = (dataDir: string): string => {
  const file = join(dataDir, 'app-secret')
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(file, systemRandom(48).toString('base64'), { mode: 0o600, flag: 'wx' })
  }
  return readFileSync(file, 'utf8').trim()
}

/** PORT=0: any free one, known before the address is. */
const withPort = async (config: Config): Promise<Config> => {
  if (config.port !== 0) return config
  const port = await new Promise<number>((done, failed) => {
    const probe = createServer()
    probe.once('error', failed)
    probe.listen(0, config.host, () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
  return { ...config, port, appUrl: config.appUrl.replace(/:0$/, `:${port}`) }
}

/** Asked before anything is started, so that nothing has to be stopped again. */
const portIsFree = (config: Config): Promise<void> =>
  new Promise((done, failed) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) =>
      failed(
        new StartError(
          error.code === 'EADDRINUSE'
            ? `Port ${config.port} is in use. Stop what is using it, or choose another with PORT=${config.port + 1}.`
            : `Cannot listen on ${config.host}:${config.port} (${error.code}). Check HOST and PORT.`,
        ),
      ),
    )
    probe.listen(config.port, config.host, () => probe.close(() => done()))
  })

const announce = (config: Config, parts: readonly Part[]): void => {
  if (!parts.includes('web')) {
    process.stdout.write(`\n  Offshoot's worker is at work; its probes answer at port ${config.port}\n\n`)
    return
  }
  const lines = ['', `  Offshoot is ready: ${config.appUrl}`, '']
  if (config.sandbox)
    lines.push('  Payments: sandbox, no money moves', `  Inspector: ${config.appUrl}/sandbox`)
  if (config.smtpUrl === null && !config.production) lines.push(`  Mails: ${config.appUrl}/dev/mailbox`)
  if (config.seed === 'demo') {
    lines.push('', '  Demo sign-ins:')
    for (const { email, password, what } of DEMO_SIGN_INS)
      lines.push(`    ${email.padEnd(28)} ${password}   ${what}`)
  }
  if (config.admin !== null && !config.production)
    lines.push(`    ${config.admin.email.padEnd(28)} ${config.admin.password}   admin`)
  process.stdout.write(`${lines.join('\n')}\n\n`)
}

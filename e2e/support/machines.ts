import { execFileSync, spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server as HttpServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../db/embedded'
import { until } from './client'
import { freePort } from './server'

/** A folder that the database's user may enter. */
export const openFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  chmodSync(folder, 0o755)
  return folder
}

/** One statement as the superuser, on a connection of its own. */
export const ask = async <T extends object>(
  { url }: EmbeddedPostgres,
  statement: string,
  database = 'postgres',
): Promise<T[]> => {
  const client = postgres(url(database), { max: 1, connect_timeout: 5, onnotice: () => {} })
  try {
    return [...(await client.unsafe<T[]>(statement))]
  } finally {
    await client.end({ timeout: 1 })
  }
}

/** As a power cut does it: nothing is written any more. */
export const killPostgres = async ({ dataDir }: EmbeddedPostgres): Promise<void> => {
  const pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])
  const isThere = () => {
    try {
      process.kill(pid, 0)
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    } catch {
      return false
    }
  }
  process.kill(pid, 'SIGKILL')
  await until(async () => !isThere())
}

/** A streaming standby of a running primary, made from a copy of its files taken between the two calls of a backup. */
export const startStandby = async (primary: EmbeddedPostgres, folder: string): Promise<EmbeddedPostgres> => {
  const dataDir = join(folder, 'standby')
  const backup = postgres(primary.url('postgres'), { max: 1, onnotice: () => {} })
  try {
    await backup`select pg_backup_start('standby', true)`
    mkdirSync(dataDir, { mode: 0o700 })
    // Files that come and go meanwhile are no fault: the log brings what is missing.
    spawnQuietly('cp', ['-a', `${primary.dataDir}/.`, dataDir])
    const [label] = await backup<{ labelfile: string }[]>`select labelfile from pg_backup_stop(false)`
    for (const left of ['postmaster.pid', 'postmaster.opts']) rmSync(join(dataDir, left), { force: true })
    for (const file of readdirSync(join(dataDir, 'pg_wal')))
      if (/^[0-9A-F]{24}/.test(file)) rmSync(join(dataDir, 'pg_wal', file))
    writeFileSync(join(dataDir, 'backup_label'), label?.labelfile ?? '')
  } finally {
    await backup.end({ timeout: 1 })
  }
  const { port, username } = new URL(primary.url('postgres'))
  appendFileSync(
    join(dataDir, 'postgresql.auto.conf'),
    `\nprimary_conninfo = 'host=127.0.0.1 port=${port} user=${username} application_name=standby'\n`,
  )
  writeFileSync(join(dataDir, 'standby.signal'), '')
  const owner = statSync(primary.dataDir)
  for (const file of ['', 'backup_label', 'standby.signal', 'postgresql.auto.conf'])
    chownSync(join(dataDir, file), owner.uid, owner.gid)
  return startEmbeddedPostgres({ dataDir })
}

const spawnQuietly = (command: string, words: string[]): void => {
  try {
    execFileSync(command, words, { stdio: 'ignore' })
  } catch {}
}

/** Commits wait for the standby from now on, or no longer: what was answered as done is then on both. */
export const waitForStandby = async (primary: EmbeddedPostgres, wait: boolean): Promise<void> => {
  await ask(primary, `alter system set synchronous_standby_names = '${wait ? 'standby' : ''}'`)
  await ask(primary, 'select pg_reload_conf()')
  if (wait)
    await until(
      async () =>
        (await ask(primary, "select 1 from pg_stat_replication where sync_state = 'sync'")).length > 0,
    )
}

export interface Pooler {
  readonly url: (database: string, user: string) => string
  /** Sends everybody to another server. */
  readonly pointAt: (target: EmbeddedPostgres) => void
  readonly start: () => Promise<void>
  readonly kill: () => Promise<void>
}

/** PgBouncer that hands out a session for each transaction. */
export const createPooler = async (
  folder: string,
  first: EmbeddedPostgres,
  user: string,
): Promise<Pooler> => {
  const port = await freePort()
  const config = join(folder, 'pgbouncer.ini')
  const owner = statSync(first.dataDir)
  const own = process.getuid?.() === 0 ? { uid: owner.uid, gid: owner.gid } : {}
  writeFileSync(join(folder, 'users.txt'), `"${user}" ""\n`)
  const pointAt = (target: EmbeddedPostgres) =>
    writeFileSync(
      config,
      `[databases]
* = host=127.0.0.1 port=${new URL(target.url('postgres')).port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
pool_mode = transaction
default_pool_size = 20
server_login_retry = 1
`,
    )
  pointAt(first)
  let process_: ReturnType<typeof spawn> | null = null
  const url = (database: string, as: string) => `postgres://${as}@127.0.0.1:${port}/${database}`
  return {
    url,
    pointAt: (target) => {
      pointAt(target)
      process_?.kill('SIGHUP')
    },
    start: async () => {
      process_ = spawn(process.env.PGBOUNCER_PATH ?? 'pgbouncer', ['-q', config], { ...own, stdio: 'ignore' })
      await until(() => answers(url('offshoot', user)))
    },
    kill: async () => {
      const ended = new Promise((done) => process_?.once('exit', done))
      process_?.kill('SIGKILL')
      await ended
    },
  }
}

const answers = async (url: string): Promise<boolean> => {
  const client = postgres(url, { max: 1, prepare: false, connect_timeout: 2, onnotice: () => {} })
  try {
    await client`select 1`
    return true
  } catch {
    return false
  } finally {
    await client.end({ timeout: 1 })
  }
}

/** What stands in front of the webs: sends each request to the next of them that can be reached. */
export const startBalancer = async (
  port: number,
  webs: () => readonly string[],
): Promise<{ readonly stop: () => Promise<void> }> => {
  let turn = 0
  const server: HttpServer = createServer((incoming, outgoing) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      const body = Buffer.concat(parts)
      const all = webs()
      turn += 1
      const forward = (tries: number): void => {
        const target = all[(turn + tries) % Math.max(1, all.length)]
        if (target === undefined || tries >= all.length) {
          outgoing.writeHead(502).end()
          return
        }
        const onward = request(new URL(incoming.url ?? '/', target), {
          method: incoming.method,
          headers: incoming.headers,
        })
        let sent = false
        onward.once('socket', (socket) => {
          if (socket.connecting) socket.once('connect', () => (sent = true))
          else sent = true
        })
        onward.once('response', (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
        })
        onward.once('error', () => {
          if (!sent) return forward(tries + 1)
          // It may have been done: whoever asked has to find out.
          if (!outgoing.headersSent) outgoing.writeHead(502)
          outgoing.end()
        })
        onward.end(body)
      }
      forward(0)
    })
  })
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  return {
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

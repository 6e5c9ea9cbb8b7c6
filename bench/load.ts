import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'

/** Runs a script of pgbench's for some seconds with so many connections; transactions per second. */
export type Load = (script: string, options: { clients: number; seconds: number }) => Promise<number>

/** pgbench, where there is one; else the same statements, prepared, over one connection per client from here. */
export const openLoad = (url: string): { load: Load; how: string } => {
  const pgbench = findPgbench()
  return pgbench === null
    ? {
        load: (script, options) => loadFromHere(url, script, options),
        how: 'no pgbench: the same statements, prepared, over one connection per client from Node',
      }
    : {
        load: (script, options) => loadWithPgbench(pgbench, url, script, options),
        how: 'pgbench -M prepared',
      }
}

const findPgbench = (): string | null => {
  const folders = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  try {
    for (const version of readdirSync('/usr/lib/postgresql'))
      folders.unshift(`/usr/lib/postgresql/${version}/bin`)
  } catch {}
  for (const folder of folders) {
    const file = join(folder, 'pgbench')
    try {
      execFileSync(file, ['--version'], { stdio: 'ignore' })
      return file
    } catch {}
  }
  return null
}

const loadWithPgbench = async (
  pgbench: string,
  url: string,
  script: string,
  { clients, seconds }: { clients: number; seconds: number },
): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'offshoot-load-'))
  try {
    const file = join(folder, 'script.sql')
    writeFileSync(file, script)
    const { hostname, port, username, pathname } = new URL(url)
    const where = ['-h', hostname, '-p', port, '-U', username]
    const how = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '2', '-T', String(seconds), '-f', file]
    const { stdout } = await promisify(execFile)(pgbench, [...where, ...how, pathname.slice(1)])
    const failed = Number(/number of failed transactions: (\d+)/.exec(stdout)?.[1] ?? 0)
    const tps = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1])
    if (!(tps > 0) || failed > 0) throw new Error(`pgbench measured nothing:\n${stdout}`)
    return tps
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const loadFromHere = async (
  url: string,
  script: string,
  { clients, seconds }: { clients: number; seconds: number },
): Promise<number> => {
  const { variables, statements } = parseScript(script)
  const sql = postgres(url, { max: clients, onnotice: () => {} })
  try {
    const connections = await Promise.all(Array.from({ length: clients }, () => sql.reserve()))
    const until = performance.now() + seconds * 1000
    let done = 0
    const client = async (connection: postgres.ReservedSql): Promise<void> => {
      while (performance.now() < until) {
        const values = new Map(variables.map(({ name, low, high }) => [name, between(low, high)]))
        for (const { text, names } of statements)
          await connection.unsafe(
            text,
            names.map((name) => values.get(name) ?? null),
            { prepare: true },
          )
        done += 1
      }
    }
    const start = performance.now()
    await Promise.all(connections.map(client))
    const took = performance.now() - start
    for (const connection of connections) connection.release()
    return (done / took) * 1000
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** The little of pgbench's language that the scripts here use: `\set name random(a, b)`, statements, `:name`. */
const parseScript = (script: string) => {
  const variables = [...script.matchAll(/^\\set (\w+) random\((-?\d+), (-?\d+)\)$/gm)].map(
    ([, name, low, high]) => ({
      name: name ?? '',
      low: Number(low),
      high: Number(high),
    }),
  )
  const statements = script
    .replace(/^\\set .*$/gm, '')
    .split(';')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((statement) => {
      const names: string[] = []
      const text = statement.replace(/(?<!:):(\w+)/g, (_, name: string) => `$${names.push(name)}`)
      return { text, names }
    })
  return { variables, statements }
}

const between = (low: number, high: number): string =>
  String(BigInt(low) + BigInt(Math.floor(Math.random() * (high - low + 1))))

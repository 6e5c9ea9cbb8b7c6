// What a fresh clone needs before anything else can run: the right Node, the packages of the lock file, a current build.
// Nothing here may need an installed package.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** Exits with a plain sentence when this Node is too old. */
export const requireNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Offshoot needs Node 20.19 or newer; this is ${process.versions.node}.`)
  process.exit(1)
}

/**
 * Installs what the lock file says when it is not there yet.
 * @param {{ root?: string, development?: boolean }} options development: also what only building and testing need
 */
export const ensureInstalled = async ({ root = ROOT, development = true } = {}) => {
  const missing = missingPackages(root, development)
  if (missing.length === 0) return
  const shown = missing.length > 3 ? `${missing.length} packages` : missing.join(', ')
  console.error(`Installing what package-lock.json says (${shown} missing or out of date) …`)
  const [command, ...args] = npm()
  const code = await run(command, [...args, 'ci', '--include=dev'], { cwd: root })
  if (code !== 0) throw new SetupError(`npm ci failed with exit code ${code}.`)
}

/** Builds when there is no build or it was made from other sources. */
export const ensureBuilt = async (root = ROOT) => {
  if (buildIsCurrent(root)) return
  console.error('Building …')
  const code = await run(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root })
  if (code !== 0) throw new SetupError(`The build failed with exit code ${code}.`)
}

export class SetupError extends Error {
  name = 'SetupError'
}

/**
 * The packages of the lock file that are not installed in the version it names, compared with the copy of the lock
 * that npm leaves behind: exact, and fast enough for every start. Packages for other platforms may be absent.
 * @returns {string[]} folders, as in the lock file
 */
export const missingPackages = (root, development) => {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {}
  const found = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages ?? {}
  return Object.entries(wanted)
    .filter(([folder]) => folder !== '')
    .filter(([, entry]) => development || !entry.dev)
    .filter(([folder, entry]) =>
      found[folder] === undefined
        ? !entry.optional && !entry.devOptional
        : found[folder].version !== entry.version,
    )
    .map(([folder]) => folder)
}

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** npm as a command: the one that started us, else the one beside this Node, else whatever PATH has. */
const npm = () => {
  const beside = dirname(process.execPath)
  const candidates = [
    process.env.npm_execpath ?? '',
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ]
  const script = candidates.find((path) => path.endsWith('npm-cli.js') && existsSync(path))
  if (script !== undefined) return [process.execPath, script]
  const command = join(beside, 'npm')
  return [existsSync(command) ? command : 'npm']
}

const SOURCES = ['app', 'server', 'db', 'public', 'vite.config.ts', 'tsconfig.json', 'package-lock.json']
const STAMP = ['build', '.stamp']

export const buildIsCurrent = (root = ROOT) => {
  if (!existsSync(join(root, 'build', 'server', 'index.js'))) return false
  // An image that holds the build alone has nothing to compare it with.
  if (!existsSync(join(root, 'app'))) return true
  const stamp = join(root, ...STAMP)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesHash(root)
}

/** Called by the build when it is done, with the hash taken before it began. */
export const stampBuild = (hash, root = ROOT) => {
  mkdirSync(join(root, 'build'), { recursive: true })
  writeFileSync(join(root, ...STAMP), hash)
}

/** One hash over names and contents of all that goes into the build; tests do not. */
export const sourcesHash = (root = ROOT) => {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap((name) => filesUnder(join(root, name)))) {
    if (/\.test\.tsx?$/.test(file)) continue
    hash
      .update(`${relative(root, file).split(sep).join('/')}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}

/** All files under a path (or the file itself), sorted. @returns {string[]} */
export const filesUnder = (path) => {
  if (!existsSync(path)) return []
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort()
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path]
    throw error
  }
}

/**
 * Runs a command to its end, with our input and output, and passes on a request to stop.
 * @returns {Promise<number>} its exit code
 */
export const run = (command, args, options = {}) =>
  new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    const stop = (signal) => {
      child.kill(signal)
      stopped = signal
    }
    let stopped = null
    for (const signal of SIGNALS) process.on(signal, stop)
    child.once('error', failed)
    child.once('close', (code, signal) => {
      for (const name of SIGNALS) process.off(name, stop)
      if (stopped !== null) process.exit(exitCodeOf(stopped))
      done(code ?? exitCodeOf(signal))
    })
  })

export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** What a shell reports of a process that a signal ended. */
export const exitCodeOf = (signal) => 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0)

/** The path of an installed command-line tool. */
export const tool = (name, root = ROOT) => join(root, 'node_modules', '.bin', name)

/**
 * Installs packages of Debian, as root there.
 * @param {string} name what to call it
 * @param {string[]} packages
 * @returns {Promise<boolean>} whether they are there now; false where this cannot be done
 */
export const installFromDebian = async (name, packages) => {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  console.error(`Installing ${name} with apt-get …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Quiet but for errors; a failing update may still leave a usable list of packages.
  await run('apt-get', ['update', '-qq'], { env })
  const code = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return code === 0
}

// The checks that need no running program. Each is a command; what it prints is shown when it fails.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, tool } from './setup.mjs'

const script = (name) => [process.execPath, join(ROOT, 'scripts', name)]

/** The native compiler where there is one for this platform; the other gives the same answers, more slowly. */
const typeChecker = () =>
  existsSync(join(ROOT, 'node_modules', '@typescript', `native-preview-${process.platform}-${process.arch}`))
    ? tool('tsgo')
    : tool('tsc')

/** @type {{ name: string, command: string[] }[]} */
const STEPS = [
  { name: 'types', command: [typeChecker(), '--noEmit', '-p', '.'] },
  { name: 'dead code', command: [tool('knip'), '--no-progress'] },
  {
    name: 'format and lint',
    command: [
      tool('biome'),
      'ci',
      '--error-on-warnings',
      process.stdout.isTTY ? '--colors=force' : '--colors=off',
      '.',
    ],
  },
  { name: 'boundaries', command: script('check-boundaries.mjs') },
  { name: 'sources', command: script('check-sources.mjs') },
]

/**
 * Runs all checks, two at a time, and prints a line for each.
 * @returns {Promise<{ passed: string[], failed: string[] }>} their names
 */
export const verify = async () => {
  const passed = []
  const failed = []
  const waiting = [...STEPS]
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const began = performance.now()
      const { code, output } = await capture(step.command)
      const time = `${((performance.now() - began) / 1000).toFixed(1)} s`
      if (code !== 0) console.log(output.trimEnd())
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${step.name} (${time})`)
      ;(code === 0 ? passed : failed).push(step.name)
    }
  }
  await Promise.all([work(), work()])
  return { passed, failed }
}

const capture = ([command, ...args]) =>
  new Promise((done) => {
    const env = { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) }
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    child.once('error', (error) => done({ code: 1, output: String(error) }))
    child.once('close', (code) => done({ code: code ?? 1, output }))
  })

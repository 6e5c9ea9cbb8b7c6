import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const LOCK = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', dev: true },
  },
}
const PRODUCTION = { packages: { 'node_modules/a': { version: '1.0.0' } } }

/** Stands in for the built server: says what it was given, and how it is stopped. */
const SERVER = `
  export const start = async (env) => {
    if (env.BREAK) throw Object.assign(new Error('PORT must be a number.'), { name: env.BREAK })
    console.log('started ' + JSON.stringify({ outside: env.NODE_ENV, inside: process.env.NODE_ENV, port: env.PORT }))
    const alive = setInterval(() => {}, 1000)
    return { url: '', stop: async () => {
      console.log('stopping')
      await new Promise((done) => setTimeout(done, Number(env.SLOW ?? 0)))
      clearInterval(alive)
      console.log('stopped')
    } }
  }`

let project = ''
const children: ChildProcess[] = []
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'offshoot-start-'))
  for (const file of ['scripts/start.mjs', 'scripts/setup.mjs']) cpSync(join(ROOT, file), join(project, file))
  write('package.json', '{ "type": "module" }')
  write('package-lock.json', JSON.stringify(LOCK))
  write('node_modules/.package-lock.json', JSON.stringify(LOCK))
  write('build/server/index.js', SERVER)
  // Stands in for npm ci and for the build: each leaves behind what the real one does.
  write(
    'bin/npm-cli.js',
    `import { copyFileSync } from 'node:fs'
     console.log('npm ' + process.argv.slice(2).join(' '))
     copyFileSync('package-lock.json', 'node_modules/.package-lock.json')`,
  )
  write(
    'scripts/build.mjs',
    `import { sourcesHash, stampBuild } from './setup.mjs'
     console.log('built')
     stampBuild(sourcesHash())`,
  )
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(project, { recursive: true, force: true })
})

const write = (file: string, text: string) => {
  mkdirSync(dirname(join(project, file)), { recursive: true })
  writeFileSync(join(project, file), text)
}

const start = (env: Record<string, string> = {}) => {
  const outside: Partial<NodeJS.ProcessEnv> = { ...process.env }
  delete outside.NODE_ENV
  const child = spawn(process.execPath, [join(project, 'scripts/start.mjs')], {
    cwd: tmpdir(),
    env: { ...outside, npm_execpath: join(project, 'bin/npm-cli.js'), ...env } as NodeJS.ProcessEnv,
  })
  children.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      child.emit('said')
    })
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  const said = async (words: string) => {
    while (!output.includes(words))
      await Promise.race([
        new Promise((more) => child.once('said', more)),
        ended.then(() => Promise.reject(new Error(`It ended without saying "${words}":\n${output}`))),
      ])
  }
  return { child, ended, said, output: () => output }
}

describe('npm start', () => {
  it('tells what came from outside from what it sets for React', async () => {
    const plain = start({ PORT: '0' })
    await plain.said('"inside":"production"')
    expect(plain.output()).toContain('started {"inside":"production","port":"0"}')
    const production = start({ NODE_ENV: 'production' })
    await production.said('"outside":"production"')
  })

  it('reads .env, and believes the environment first', async () => {
    write('.env', 'PORT=1\nNODE_ENV=production\n')
    const server = start({ PORT: '2' })
    await server.said('started')
    expect(server.output()).toContain('{"outside":"production","inside":"production","port":"2"}')
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('stops once and cleanly on %s', async (signal) => {
    const server = start()
    await server.said('started')
    server.child.kill(signal)
    expect(await server.ended).toBe(0)
    expect(server.output().match(/stopping|stopped/g)).toEqual(['stopping', 'stopped'])
  })

  it('takes one Ctrl-C that arrives twice, as it does under npm, for one', async () => {
    const server = start({ SLOW: '300' })
    await server.said('started')
    server.child.kill('SIGINT')
    await server.said('stopping')
    server.child.kill('SIGINT')
    expect(await server.ended).toBe(0)
    expect(server.output().match(/stopp\w+/g)).toEqual(['stopping', 'stopped'])
  })

  it('stops when npm, which started it, is told to stop', async () => {
    const outside = { ...process.env, npm_lifecycle_event: 'start' }
    const shell = spawn(
      '/bin/sh',
      ['-c', `"${process.execPath}" "${join(project, 'scripts/start.mjs')}"; true`],
      {
        env: outside,
      },
    )
    children.push(shell)
    const lines: string[] = []
    await new Promise<void>((stopped) => {
      shell.stdout.setEncoding('utf8').on('data', (text: string) => {
        lines.push(text)
        if (text.includes('started')) shell.kill('SIGTERM')
        if (text.includes('stopped')) stopped()
      })
    })
    expect(lines.join('').match(/stopp\w+/g)).toEqual(['stopping', 'stopped'])
  })

  it('ends at once on a second Ctrl-C', async () => {
    const server = start({ SLOW: '60000' })
    await server.said('started')
    server.child.kill('SIGINT')
    await server.said('stopping')
    await new Promise((resume) => setTimeout(resume, 700))
    server.child.kill('SIGINT')
    expect(await server.ended).toBe(130)
    expect(server.output()).not.toContain('stopped')
  })

  it.each(['ConfigError', 'StartError'])('says what is wrong without a stack (%s)', async (name) => {
    const server = start({ BREAK: name })
    expect(await server.ended).toBe(1)
    expect(server.output()).toBe('PORT must be a number.\n')
  })

  it('shows the stack of an error that nobody foresaw', async () => {
    const server = start({ BREAK: 'TypeError' })
    expect(await server.ended).toBe(1)
    expect(server.output()).toContain('    at ')
  })
})

describe('what a start sets up', () => {
  const startAndStop = async () => {
    const server = start()
    await server.said('started')
    server.child.kill('SIGTERM')
    await server.ended
    return server.output()
  }

  it('is nothing when all is there', async () => {
    expect(await startAndStop()).not.toMatch(/npm|built/)
  })

  it('is what the lock file says when packages are missing, and no more the second time', async () => {
    write('node_modules/.package-lock.json', '{}')
    expect(await startAndStop()).toContain('npm ci --include=dev\n')
    expect(await startAndStop()).not.toContain('npm')
  })

  it('is an install when a package has another version', async () => {
    write('node_modules/.package-lock.json', JSON.stringify(LOCK).replace('1.0.0', '1.0.1'))
    expect(await startAndStop()).toContain('npm ci')
  })

  it('asks for no building tools while the build is current', async () => {
    write('node_modules/.package-lock.json', JSON.stringify(PRODUCTION))
    expect(await startAndStop()).not.toContain('npm')
  })

  it('is a build when the sources changed, but not when only a test did', async () => {
    write('app/root.tsx', 'one')
    expect(await startAndStop()).toContain('built\n')
    expect(await startAndStop()).not.toContain('built')
    write('app/root.test.tsx', 'a test')
    expect(await startAndStop()).not.toContain('built')
    write('app/root.tsx', 'two')
    expect(await startAndStop()).toContain('built\n')
    expect(existsSync(join(project, 'build/.stamp'))).toBe(true)
  })

  it('fails with a sentence when npm fails', async () => {
    write('node_modules/.package-lock.json', '{}')
    write('bin/npm-cli.js', 'process.exit(7)')
    const server = start()
    expect(await server.ended).toBe(1)
    expect(server.output()).toContain('npm ci failed with exit code 7.')
    expect(server.output()).not.toContain('    at ')
  })

  it('ends with the install when it is told to stop meanwhile', async () => {
    write('node_modules/.package-lock.json', '{}')
    write(
      'bin/npm-cli.js',
      `process.on('SIGTERM', () => { console.log('npm was told'); process.exit(1) })
       setInterval(() => {}, 1000)
       console.log('npm works')`,
    )
    const server = start()
    await server.said('npm works')
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(143)
    expect(server.output()).toContain('npm was told')
  })
})

it('the commands of the project are what the documents say', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  expect(scripts).toMatchObject({ start: 'node scripts/start.mjs', test: 'node scripts/test.mjs' })
})

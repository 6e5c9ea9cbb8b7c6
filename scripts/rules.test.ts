import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

let project = ''
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'offshoot-rules-'))
  for (const file of ['tsconfig.json', 'biome.json', '.dependency-cruiser.mjs'])
    cpSync(join(ROOT, file), join(project, file))
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

const write = (file: string, text: string) => {
  mkdirSync(dirname(join(project, file)), { recursive: true })
  writeFileSync(join(project, file), text)
}

const runNode = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' })
  return { status, lines: `${stdout}\n${stderr}`.split('\n') }
}

const checkBoundaries = () => {
  const { status, lines } = runNode(join(ROOT, 'scripts/check-boundaries.mjs'), project)
  return { status, found: lines.filter((line) => /^[a-z-]+: /.test(line)).sort() }
}

/** One import: of a file of ours (made if need be) or of a package. */
interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly?: boolean
}

const specifier = ({ from, to }: Import) => {
  if (!to.includes('.ts')) return to
  if (to.startsWith('app/')) return to.replace(/^app\//, '~/').replace(/\.tsx?$/, '')
  const path = relative(dirname(from), to).replace(/(\/index)?\.tsx?$/, '')
  return path.startsWith('.') ? path : `./${path}`
}

const writeImports = (imports: readonly Import[]) => {
  for (const { to } of imports)
    if (to.includes('.ts')) write(to, 'export const value = 1\nexport type Shape = number\n')
  for (const [file, its] of groupByFile(imports))
    write(
      file,
      its
        .map((one, place) =>
          one.typeOnly === true
            ? `import type { Shape as S${place} } from '${specifier(one)}'\nexport type T${place} = S${place}\n`
            : `import { value as v${place} } from '${specifier(one)}'\nexport const w${place} = v${place}\n`,
        )
        .join(''),
    )
}

const groupByFile = (imports: readonly Import[]) => {
  const groups = new Map<string, Import[]>()
  for (const one of imports) groups.set(one.from, [...(groups.get(one.from) ?? []), one])
  return groups
}

describe('the boundaries', () => {
  it('name each import that crosses one, and no other', () => {
    const crossing: readonly (Import & { readonly rules: readonly string[] })[] = [
      { rules: ['app-values'], from: 'app/routes/a.tsx', to: 'server/kit/money.ts' },
      { rules: ['app-values'], from: 'app/routes/b.tsx', to: 'db/schema/x.ts' },
      { rules: ['app-values'], from: 'app/lib/c.ts', to: 'server/domain/payment/index.ts' },
      { rules: ['app-server-doors'], from: 'app/lib/d.server.ts', to: 'server/domain/payment/index.ts' },
      { rules: ['app-server-doors'], from: 'app/lib/e.server.ts', to: 'db/client.ts' },
      { rules: ['app-no-server-package'], from: 'app/lib/f.ts', to: 'drizzle-orm' },
      { rules: ['app-no-node'], from: 'app/lib/g.ts', to: 'node:fs' },
      { rules: ['routers-no-sql'], from: 'server/routers/a.ts', to: 'drizzle-orm' },
      { rules: ['routers-no-sql'], from: 'server/routers/b.ts', to: 'db/schema/x.ts', typeOnly: true },
      { rules: ['domain-no-frameworks'], from: 'server/domain/audit/a.ts', to: '@trpc/server' },
      { rules: ['domain-no-frameworks'], from: 'server/domain/audit/b.ts', to: '@remix-run/node' },
      { rules: ['domain-no-frameworks'], from: 'server/domain/audit/c.ts', to: 'react' },
      { rules: ['domain-no-outside'], from: 'server/domain/audit/d.ts', to: 'server/trpc.ts' },
      {
        rules: ['domain-no-outside'],
        from: 'server/domain/audit/e.ts',
        to: 'server/providers/stripe/index.ts',
      },
      {
        rules: ['domain-by-its-door'],
        from: 'server/domain/payment/a.ts',
        to: 'server/domain/audit/verb.ts',
      },
      {
        rules: ['domain-by-its-door-outside'],
        from: 'server/routers/c.ts',
        to: 'server/domain/audit/verb.ts',
      },
      { rules: ['order-audit'], from: 'server/domain/audit/f.ts', to: 'server/domain/identity/index.ts' },
      {
        rules: ['order-identity'],
        from: 'server/domain/identity/f.ts',
        to: 'server/domain/balance/index.ts',
      },
      {
        rules: ['order-balance'],
        from: 'server/domain/balance/f.ts',
        to: 'server/domain/workspace/index.ts',
      },
      {
        rules: ['order-workspace'],
        from: 'server/domain/workspace/f.ts',
        to: 'server/domain/marketplace/index.ts',
      },
      {
        rules: ['order-marketplace'],
        from: 'server/domain/marketplace/f.ts',
        to: 'server/domain/affiliate/index.ts',
      },
      {
        rules: ['order-affiliate'],
        from: 'server/domain/affiliate/f.ts',
        to: 'server/domain/payment/index.ts',
      },
      { rules: ['order-payment'], from: 'server/domain/payment/f.ts', to: 'server/domain/payout/index.ts' },
      { rules: ['order-payout'], from: 'server/domain/payout/f.ts', to: 'server/domain/reporting/index.ts' },
      {
        rules: ['order-reporting', 'outer-domains'],
        from: 'server/domain/reporting/f.ts',
        to: 'server/domain/webhook/index.ts',
      },
      { rules: ['outer-domains'], from: 'server/kit/a.ts', to: 'server/domain/notification/index.ts' },
      {
        rules: ['outer-domains-apart'],
        from: 'server/domain/webhook/a.ts',
        to: 'server/domain/notification/index.ts',
      },
      { rules: ['vendor-stripe'], from: 'server/http/a.ts', to: 'stripe' },
      { rules: ['vendor-stripe'], from: 'server/providers/sandbox/a.ts', to: 'stripe' },
      { rules: ['vendor-mail'], from: 'server/jobs/a.ts', to: 'nodemailer' },
      { rules: ['vendor-pictures'], from: 'server/http/c.ts', to: 'sharp' },
      { rules: ['mail-server-in-tests'], from: 'server/jobs/b.ts', to: 'smtp-server' },
      { rules: ['lucia-in-sessions'], from: 'server/domain/identity/g.ts', to: 'lucia' },
      { rules: ['db-imports-nothing'], from: 'db/schema/a.ts', to: 'server/kit/money.ts' },
      { rules: ['no-test-code'], from: 'server/http/b.ts', to: 'db/testing/database.ts' },
    ]
    const allowed: readonly Import[] = [
      { from: 'app/routes/ok.tsx', to: 'server/domain/payment/schemas.ts' },
      { from: 'app/routes/ok.tsx', to: 'server/routers/index.ts', typeOnly: true },
      { from: 'app/routes/ok.tsx', to: 'app/lib/ok.server.ts' },
      { from: 'app/lib/ok.server.ts', to: 'server/trpc.ts' },
      { from: 'app/lib/ok.server.ts', to: 'server/kit/money.ts' },
      { from: 'app/lib/ok.server.ts', to: 'server/http/load-context.ts' },
      { from: 'app/lib/ok.test.ts', to: 'db/testing/database.ts' },
      { from: 'server/routers/ok.ts', to: 'server/domain/payment/index.ts' },
      { from: 'server/domain/payment/ok.ts', to: 'server/domain/affiliate/index.ts' },
      { from: 'server/domain/payment/ok.ts', to: 'drizzle-orm' },
      { from: 'server/domain/payment/ok.test.ts', to: 'server/domain/payout/index.ts' },
      { from: 'server/domain/notification/ok.ts', to: 'server/domain/reporting/index.ts' },
      { from: 'server/jobs/ok.ts', to: 'server/domain/webhook/index.ts' },
      { from: 'server/providers/stripe/ok.ts', to: 'stripe' },
      { from: 'server/providers/mail/ok.ts', to: 'nodemailer' },
      { from: 'server/domain/notification/ok.test.ts', to: 'smtp-server' },
      { from: 'app/lib/ok.server.ts', to: 'server/http/webhook.ts' },
      { from: 'server/domain/identity/sessions.ts', to: 'lucia' },
      { from: 'db/seed/ok.ts', to: 'server/domain/payment/index.ts' },
    ]
    writeImports([...crossing, ...allowed])

    const { status, found } = checkBoundaries()

    expect(found).toEqual(
      crossing.flatMap(({ rules, from, to }) => rules.map((rule) => `${rule}: ${from} → ${bare(to)}`)).sort(),
    )
    expect(status).toBe(1)
  })

  it('let a type and a value of one module not be taken for a type alone', () => {
    write('server/kit/money.ts', 'export const value = 1\nexport type Shape = number\n')
    write(
      'app/lib/a.ts',
      "import type { Shape } from '../../server/kit/money'\nimport { value } from '../../server/kit/money'\nexport const x: Shape = value\n",
    )
    write('app/lib/b.ts', "export { value } from '../../server/kit/money'\n")
    write('app/lib/c.ts', "export const load = () => import('../../server/kit/money')\n")
    expect(checkBoundaries().found).toEqual([
      'app-values: app/lib/a.ts → server/kit/money.ts',
      'app-values: app/lib/b.ts → server/kit/money.ts',
      'app-values: app/lib/c.ts → server/kit/money.ts',
    ])
  })

  it('find a cycle, also one of types', () => {
    writeImports([{ from: 'server/kit/a.ts', to: 'server/kit/b.ts' }])
    write(
      'server/kit/b.ts',
      "import type { w0 } from './a'\nexport const value = 1\nexport type B = typeof w0\n",
    )
    expect(checkBoundaries().found).toEqual([
      'no-cycles: server/kit/a.ts → server/kit/b.ts → server/kit/a.ts',
    ])
  })

  it('follow what schemas lead to', () => {
    write('db/client.ts', 'export const value = 1\n')
    write(
      'server/domain/payment/rules.ts',
      "import { value } from '../../../db/client'\nexport const rule = value\n",
    )
    write(
      'server/domain/payment/schemas.ts',
      "import { z } from 'zod'\nimport { rule } from './rules'\nexport const S = z.literal(rule)\n",
    )
    const { found } = checkBoundaries()
    expect(found).toEqual([
      'schemas-for-browsers: server/domain/payment/schemas.ts → server/domain/payment/rules.ts → db/client.ts',
    ])
  })

  it('refuse an import that leads nowhere and a domain without a place', () => {
    write('server/kit/a.ts', "import { value } from './gone'\nexport const w = value\n")
    write('server/domain/mystery/index.ts', 'export const value = 1\n')
    expect(checkBoundaries().found).toEqual([
      'resolvable: server/kit/a.ts → ./gone',
      'unlisted: server/domain/mystery',
    ])
  })

  it('fail when a source file was not seen', () => {
    write('server/kit/seen.ts', 'export const value = 1\n')
    write('server/hidden/unseen.ts', 'export const value = 1\n')
    write(
      '.dependency-cruiser.mjs',
      `import config from '${join(ROOT, '.dependency-cruiser.mjs')}'
       export default { ...config, options: { ...config.options, exclude: { path: '^server/hidden/' } } }`,
    )
    const { status, found } = checkBoundaries()
    expect(found).toEqual(['unseen: server/hidden/unseen.ts'])
    expect(status).toBe(1)
  })

  it('are content with a clean tree', () => {
    write('server/kit/money.ts', 'export const value = 1\n')
    expect(checkBoundaries()).toEqual({ status: 0, found: [] })
  })
})

/** Node's own modules are reported without their prefix. */
const bare = (name: string) => name.replace(/^node:/, '')

describe('the rules of the sources', () => {
  const check = () => {
    const { status, lines } = runNode(join(ROOT, 'scripts/check-sources.mjs'), project)
    return {
      status,
      found: lines.flatMap((line) => /^(\S+?:\d+):\d+( [a-z-]+):/.exec(line)?.slice(1).join('') ?? []).sort(),
    }
  }
  const domain = 'server/domain/payment/a.ts'

  const REFUSED: readonly (readonly [rule: string, folder: string, text: string])[] = [
    ['clock', domain, 'export const x = new Date()'],
    ['clock', domain, 'export const x = new globalThis.Date()'],
    ['clock', domain, 'export const x = Date()'],
    ['clock', domain, 'export const x = Date.now()'],
    ['clock', domain, "export const x = Date['now']()"],
    ['clock', domain, 'export const { now } = Date'],
    ['clock', domain, 'export const x = ["a"].map(Date.now)'],
    ['randomness', domain, 'export const x = Math.random()'],
    ['ids', domain, 'export const x = crypto.randomUUID()'],
    ['sql-raw', 'server/http/a.ts', 'export const x = sql.raw(text)'],
    ['sql-raw', 'db/a.ts', "export const x = sql['raw'](text)"],
    ['sql-raw', 'db/seed/a.ts', 'const { raw: text } = sql'],
    [
      'unverified-webhook',
      'server/providers/stripe/a.ts',
      'stripe.webhooks.constructEventWithoutVerification(x)',
    ],
    [
      'unverified-webhook',
      'server/providers/stripe/a.ts',
      "stripe.webhooks['constructEventWithoutVerification'](x)",
    ],
    ['raw-html', 'app/a.tsx', 'export const A = () => <p dangerouslySetInnerHTML={{ __html: x }} />'],
    ['raw-html', 'app/a.tsx', 'export const props = { dangerouslySetInnerHTML: { __html: x } }'],
    ['definite', 'server/a.ts', 'let x!: string'],
    ['definite', 'server/a.ts', 'class A { x!: string }'],
    ['environment', 'server/http/a.ts', 'export const x = process.env.PORT'],
    ['environment', 'db/a.ts', 'const { env } = process'],
    ['silenced', 'server/a.ts', '// biome-ignore lint/suspicious/noExplicitAny: because'],
    ['silenced', 'server/a.ts', '// biome-ignore lint: because'],
    ['silenced', 'server/a.ts', '/* @ts-ignore */ x()'],
    ['silenced', 'app/a.tsx', 'export const A = () => <p>{/* @ts-ignore */}</p>'],
  ]
  const place = (file: string, number: number) => file.replace(/(\.tsx?)$/, `${number}$1`)

  it('name each line that breaks one', () => {
    for (const [number, [, file, text]] of REFUSED.entries()) write(place(file, number), `\n${text}\n`)
    const { status, found } = check()
    expect(found).toEqual(REFUSED.map(([rule, file], number) => `${place(file, number)}:2 ${rule}`).sort())
    expect(status).toBe(1)
  })

  const ALLOWED: readonly (readonly [file: string, text: string])[] = [
    [
      'server/domain/payment/b.ts',
      'export const x = new Date(0), y = Date.UTC(2026, 1), z = v instanceof Date',
    ],
    [
      'server/domain/payment/c.ts',
      '// new Date() and sql.raw\nexport const x = "Math.random() sql.raw(a) process.env.X"',
    ],
    ['server/domain/payment/d.ts', 'export const x = `it is Date.now()`'],
    ['server/http/a.ts', 'export const x = new Date(), y = Date.now(), z = String.raw`a`'],
    ['server/kit/config.ts', 'export const x = process.env.PORT'],
    [
      'app/components/sanitized-html.tsx',
      'export const A = () => <p dangerouslySetInnerHTML={{ __html: x }} />',
    ],
    ['app/a.tsx', "export const A = () => <p>Don't new Date() // @ts-ignore here</p>"],
    ['server/a.ts', '// biome-ignore lint/complexity/noBannedTypes: with a reason'],
  ]

  it('leave alone what only looks like it', () => {
    for (const [file, text] of ALLOWED) write(file, `${text}\n`)
    expect(check()).toEqual({ status: 0, found: [] })
  })
})

describe('the linter', () => {
  const lint = (file: string, text: string) => {
    write(file, text)
    const { status, lines } = runNode(join(ROOT, 'node_modules/.bin/biome'), 'lint', '--reporter=github', '.')
    return {
      status,
      found: lines.flatMap((line) => /^::error title=(lint\/\w+\/\w+),file=([^,]+)/.exec(line)?.[1] ?? []),
    }
  }

  it.each([
    ['lint/suspicious/noExplicitAny', 'server/a.ts', 'export const x = (y: any) => y'],
    ['lint/suspicious/noConsole', 'server/a.ts', "console.error('x')"],
    ['lint/style/noNonNullAssertion', 'app/a.ts', 'export const x = (y: string | null) => y!.length'],
    ['lint/style/noProcessEnv', 'server/a.ts', 'export const x = process.env.PORT'],
    ['lint/style/useImportType', 'app/a.ts', "import { type A, type B } from './b'\nexport type C = A | B"],
    [
      'lint/security/noDangerouslySetInnerHtml',
      'app/a.tsx',
      'export const A = () => <p dangerouslySetInnerHTML={x} />',
    ],
  ])('%s: %s may not say %s', (rule, file, text) => {
    const { status, found } = lint(file, `${text}\n`)
    expect(found).toEqual([rule])
    expect(status).toBe(1)
  })

  it.each([
    ['scripts/a.mjs', "console.log('x')"],
    ['server/kit/config.ts', 'export const x = process.env.PORT'],
    ['app/components/sanitized-html.tsx', 'export const A = () => <p dangerouslySetInnerHTML={x} />'],
  ])('%s may say %s', (file, text) => {
    expect(lint(file, `${text}\n`)).toEqual({ status: 0, found: [] })
  })
})

describe('the check of the client bundle', () => {
  const bundle = 'build/client/assets/root-abc.js'
  const check = (text: string) => {
    write(bundle, text)
    return runNode(join(ROOT, 'scripts/check-bundle.mjs'), join(project, 'build/client'))
  }

  it.each(['drizzle-orm', 'postgres', 'stripe', 'nodemailer', 'lucia', 'pino'])(
    'knows %s by a string of its real code',
    async (name) => {
      const { build } = await import('vite')
      symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'))
      write('entry.js', `export * from '${name}'`)
      await build({
        root: project,
        logLevel: 'silent',
        build: {
          outDir: join(project, 'build/client/assets'),
          minify: 'esbuild',
          lib: { entry: join(project, 'entry.js'), formats: ['es'], fileName: 'root' },
          rollupOptions: { external: [/^node:/, ...builtinModules] },
        },
      })
      const { status, lines } = runNode(join(ROOT, 'scripts/check-bundle.mjs'), join(project, 'build/client'))
      expect(lines.join('\n')).toContain(`: ${name} is in the client bundle`)
      expect(status).toBe(1)
    },
  )

  it('names our own server modules', () => {
    expect(check('const role="offshoot_app"').lines[1]).toContain('assets/root-abc.js: db/client.ts is in')
  })

  it('is content with a page, and fails without scripts', () => {
    expect(check('export const page = "Pay with a card"').status).toBe(0)
    rmSync(join(project, bundle))
    expect(runNode(join(ROOT, 'scripts/check-bundle.mjs'), join(project, 'build/client')).status).toBe(1)
  })
})

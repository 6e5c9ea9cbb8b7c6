import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const lockText = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
const lock = JSON.parse(lockText) as { packages: Record<string, { version?: string }> }

/** The first versions without a published fault that could reach us, with the faults. */
const MINIMUM: Readonly<Record<string, readonly [version: string, why: string]>> = {
  '@remix-run/node': ['2.17.5', 'CVE-2025-61686, CVE-2026-42342, CVE-2026-53663'],
  '@remix-run/react': ['2.17.5', 'CVE-2025-59057, CVE-2026-21884'],
  '@remix-run/server-runtime': ['2.17.5', 'CVE-2026-22030, CVE-2026-53663'],
  '@remix-run/dev': ['2.17.5', 'goes with the others'],
  'react-router': ['6.30.6', 'CVE-2025-68470, CVE-2026-22029, CVE-2026-40181, CVE-2026-53668'],
  'react-router-dom': ['6.30.6', 'CVE-2026-53668'],
  '@remix-run/router': ['1.23.4', 'CVE-2026-22029, CVE-2026-53668'],
  '@trpc/server': ['11.8.0', 'CVE-2025-68130, CVE-2025-43855'],
  'drizzle-orm': ['0.45.2', 'CVE-2026-39356'],
  postgres: ['3.4.9', 'the version that was looked through'],
  lucia: ['3.2.2', 'the last one; wrapped'],
  nodemailer: ['10.4.1', 'CVE-2025-13033, CVE-2025-14874, CVE-2026-121424, CVE-2026-121425, CVE-2026-125755'],
  vite: ['6.4.2', 'CVE-2026-39363, CVE-2026-39364, CVE-2026-39365'],
  // The one the development server uses; build tools carry older ones that serve nothing.
  'vite/node_modules/esbuild': ['0.25.0', 'GHSA-67mh-4wv8-2f99'],
}

/** Folders in node_modules that hold a package: its own, and copies inside other packages. */
const copiesOf = (name: string): string[] =>
  Object.keys(lock.packages).filter((folder) => folder.endsWith(`node_modules/${name}`))

const parts = (version: string): number[] => version.split(/[.-]/).slice(0, 3).map(Number)

const isAtLeast = (version: string, minimum: string): boolean => {
  const [have, want] = [parts(version), parts(minimum)]
  const different = want.findIndex((part, place) => have[place] !== part)
  return different === -1 || (have[different] ?? 0) > (want[different] ?? 0)
}

describe('the installed packages', () => {
  it.each(Object.entries(MINIMUM))('have %s in no version with a known fault', (name, [minimum]) => {
    const copies = copiesOf(name)
    expect(copies).not.toEqual([])
    for (const folder of copies) {
      const { version } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as {
        version: string
      }
      expect(version, folder).toBe(lock.packages[folder]?.version)
      expect(isAtLeast(version, minimum), `${folder} ${version} is older than ${minimum}`).toBe(true)
    }
  })

  it('do not hold React server components, which we have no use for (CVE-2025-55182)', () => {
    const found = Object.keys(lock.packages).filter((folder) => folder.includes('react-server-dom-'))
    expect(found).toEqual([])
    expect(existsSync(join(ROOT, 'node_modules/react-server-dom-webpack'))).toBe(false)
  })

  it('are locked without the host they came from', () => {
    expect(lockText).not.toContain('"resolved"')
    expect(lockText).not.toMatch(/https?:\/\/[^"]*\.tgz/)
  })

  it('are locked for every platform: a clean install refuses a lock that misses one', () => {
    const { packages } = JSON.parse(lockText) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>
    }
    const locked = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)))
    const missing = Object.values(packages)
      .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
      .filter((name) => !locked.has(name))
    expect(missing).toEqual([])
  })

  it('are named in exact versions', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>
    const inexact = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name]) => name)
    expect(inexact).toEqual([])
  })
})

describe('comparing versions', () => {
  it.each([
    ['1.2.3', '1.2.3', true],
    ['1.10.0', '1.9.9', true],
    ['2.0.0', '1.99.99', true],
    ['1.2.2', '1.2.3', false],
    ['0.9.9', '1.0.0', false],
  ])('%s is at least %s: %s', (version, minimum, answer) => {
    expect(isAtLeast(version, minimum)).toBe(answer)
  })
})

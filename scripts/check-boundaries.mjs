// Runs .dependency-cruiser.mjs over the tree, and makes sure that it saw all of it.
import { existsSync, readdirSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { filesUnder, ROOT } from './setup.mjs'

const FOLDERS = ['app', 'server', 'db', 'e2e', 'bench']

const root = resolve(process.argv[2] ?? ROOT)
process.chdir(root)
const config = (await import(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href)).default
const { BROWSER_SAFE, DOMAINS, OUTER_DOMAINS } = await import('../.dependency-cruiser.mjs')

const { output } = await cruise(
  FOLDERS.filter((folder) => existsSync(folder)),
  { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true },
  config.options.enhancedResolveOptions,
  { tsConfig: extractTSConfig(config.options.tsConfig.fileName) },
)

const why = new Map(config.forbidden.map(({ name, comment }) => [name, comment]))
const crossed = output.summary.violations.map(({ rule, from, to, cycle }) => {
  const way = cycle ? [from, ...cycle.map(({ name }) => name)].join(' → ') : `${from} → ${to}`
  return `${rule.name}: ${way}\n    ${why.get(rule.name)}`
})

const modules = new Map(output.modules.map((module) => [module.source, module]))

/** Follows the values a module imports, to the first that a browser must not get. @returns {string[]} the ways there */
const unsafeWays = (source, way = [source], visited = new Set([source])) =>
  (modules.get(source)?.dependencies ?? [])
    .filter(({ dependencyTypes }) => !dependencyTypes.includes('type-only'))
    .flatMap(({ resolved }) => {
      if (visited.has(resolved)) return []
      visited.add(resolved)
      if (!BROWSER_SAFE.test(resolved)) return [[...way, resolved].join(' → ')]
      return unsafeWays(resolved, [...way, resolved], visited)
    })
const unsafe = [...modules.keys()]
  .filter((source) => /^server\/domain\/[^/]+\/schemas\.ts$/.test(source))
  .flatMap((source) => unsafeWays(source))
  .map(
    (way) =>
      `schemas-for-browsers: ${way}\n    schemas.ts goes to the browser, with all it leads to: only zod and pure code`,
  )

const seen = new Set(output.modules.map(({ source }) => source))
const unseen = FOLDERS.flatMap(filesUnder)
  .map((file) => relative(root, resolve(file)).split(sep).join('/'))
  .filter((file) => /\.tsx?$/.test(file) && !seen.has(file))
  .map((file) => `unseen: ${file}\n    The check did not read this file, so it proves nothing about it`)

const listed = new Set([...DOMAINS, ...OUTER_DOMAINS])
const unlisted = existsSync('server/domain')
  ? readdirSync('server/domain')
      .filter((name) => !listed.has(name))
      .map(
        (name) => `unlisted: server/domain/${name}\n    Give the domain its place in .dependency-cruiser.mjs`,
      )
  : []

const problems = [...new Set(crossed), ...unsafe, ...unseen, ...unlisted]
for (const problem of problems) console.error(problem)
console.log(
  `${seen.size} modules, ${output.summary.totalDependenciesCruised} imports, ${problems.length} problems`,
)
process.exitCode = problems.length > 0 ? 1 : 0

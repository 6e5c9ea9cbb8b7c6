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
const { DOMAINS, OUTER_DOMAINS } = await import('../.dependency-cruiser.mjs')

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

const problems = [...new Set(crossed), ...unseen, ...unlisted]
for (const problem of problems) console.error(problem)
console.log(
  `${seen.size} modules, ${output.summary.totalDependenciesCruised} imports, ${problems.length} problems`,
)
process.exitCode = problems.length > 0 ? 1 : 0

// npm run ledger:verify [-- --incremental] [-- --json]: proves the books of the database the settings name, beside a
// running server or without one. Exit code 0: they add up; 1: they do not; 2: could not look.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import { buildIsCurrent, ROOT, requireNode } from './setup.mjs'

requireNode()

const HELP = `npm run ledger:verify [-- --incremental] [-- --json]

Proves the books of the database that DATABASE_URL or DATA_DIR names: every transfer, every balance, every seal, and
that payments, commissions, copies, withdrawals and mails fit them. A server may be running or not.

  --incremental   only what came since the last proof that was fine
  --json          what was found, as JSON
  --no-env-file   without the file .env`

const KNOWN = ['--incremental', '--json', '--no-env-file', '--help']

const environment = (args) => {
  const file = join(ROOT, '.env')
  if (args.includes('--no-env-file') || !existsSync(file)) return { ...process.env }
  return { ...parseEnv(readFileSync(file, 'utf8')), ...process.env }
}

/** From the build that serves; from the sources where there is none of them yet and they can be run. */
const verifier = async () => {
  const built = join(ROOT, 'build', 'server', 'index.js')
  if (buildIsCurrent()) {
    process.env.NODE_ENV = 'production'
    return (await import(pathToFileURL(built).href)).verifyBooks
  }
  const sources = join(ROOT, 'server', 'verify.ts')
  if (!existsSync(join(ROOT, 'node_modules', 'tsx')))
    throw new Error('There is no current build. Run npm start once, or npm ci and then this again.')
  const { tsImport } = await import('tsx/esm/api')
  return (await tsImport(pathToFileURL(sources).href, import.meta.url)).verifyBooks
}

const told = ({ scope, ok, checked, violations, sealNo, startedAt, finishedAt }) =>
  [
    scope === 'FULL'
      ? 'Everything was looked at:'
      : 'What came since the last proof that was fine was looked at:',
    `  ${checked.transfers} transfers with ${checked.entries} entries, ${checked.accounts} accounts, ${checked.seals} seals, ${checked.invariants} rules`,
    `  from ${startedAt} to ${finishedAt}${sealNo === null ? '' : `, up to seal ${sealNo}`}`,
    '',
    ok ? 'The books add up.' : `The books do NOT add up: ${violations.length} found.`,
    ...violations.flatMap(({ id, name, subject, problem, todo }) => [
      '',
      `${id}  ${subject}: ${problem}`,
      `  Should be: ${name}`,
      `  What to do: ${todo}`,
    ]),
  ].join('\n')

const main = async () => {
  const args = process.argv.slice(2)
  if (args.includes('--help')) return console.log(HELP)
  const unknown = args.filter((arg) => !KNOWN.includes(arg))
  if (unknown.length > 0) throw new Error(`${unknown.join(' ')} is not known here.\n\n${HELP}`)
  const env = environment(args)
  process.chdir(ROOT)
  const verifyBooks = await verifier()
  const proof = await verifyBooks(env, args.includes('--incremental') ? 'INCREMENTAL' : 'FULL')
  console.log(args.includes('--json') ? JSON.stringify(proof, null, 2) : told(proof))
  process.exitCode = proof.ok ? 0 : 1
}

main().catch((error) => {
  // A failed query tells its values: only what the database itself said is shown.
  const cause = error?.cause instanceof Error ? error.cause : error
  console.error(`Could not look at the books. ${cause?.message ?? cause}`)
  process.exitCode = 2
})

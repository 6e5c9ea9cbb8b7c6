// npm test: everything there is to prove, on a fresh clone too. The last line is always `N passed, N failed`.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, ROOT, requireNode, run, tool } from './setup.mjs'

requireNode()
process.chdir(ROOT)
// From outside it means production; tests run React's development build and read their settings themselves.
delete process.env.NODE_ENV

const REPORTS = join(ROOT, 'coverage', 'reports')

const total = { passed: 0, failed: 0 }
const failures = []

/** Runs one stage, prints its time, and counts what it proved; a stage that cannot run is one failure. */
const stage = async (name, work) => {
  console.log(`\n── ${name} ──`)
  const began = performance.now()
  let result
  try {
    result = await work()
  } catch (error) {
    result = { passed: 0, failed: [error.message] }
  }
  total.passed += result.passed
  total.failed += result.failed.length
  failures.push(...result.failed.map((what) => `${name}: ${what}`))
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const skipped = result.skipped ? `, ${result.skipped} skipped` : ''
  console.log(`── ${name}: ${result.passed} passed, ${result.failed.length} failed${skipped} (${seconds} s)`)
  return result.failed.length === 0
}

const step = async (work) => {
  await work()
  return { passed: 1, failed: [] }
}

const verifyStage = async () => {
  const { verify } = await import('./steps.mjs')
  const { passed, failed } = await verify()
  return { passed: passed.length, failed }
}

const vitest = async () => {
  const report = join(REPORTS, 'vitest.json')
  const code = await run(tool('vitest'), [
    'run',
    '--coverage',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  const { testResults, numPassedTests, numPendingTests = 0, numTodoTests = 0 } = readReport(report)
  const failed = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = name.replace(`${ROOT}/`, '')
    const tests = assertionResults.filter((test) => test.status === 'failed')
    if (tests.length > 0) return tests.map(({ fullName }) => `${file} › ${fullName}`)
    return status === 'failed' ? [`${file} did not run: ${firstLine(message)}`] : []
  })
  if (code !== 0 && failed.length === 0)
    failed.push(`vitest ended with ${code}: coverage or an error outside of tests`)
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests }
}

const playwright = async () => {
  const { findChromium } = await import('./chromium.mjs')
  const report = join(REPORTS, 'playwright.json')
  const env = { ...process.env, CHROMIUM_PATH: await findChromium(), PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  const code = await run(tool('playwright'), ['test'], { env })
  const { suites, stats, errors } = readReport(report)
  const failed = [
    ...specsOf(suites)
      .filter(({ ok }) => !ok)
      .map(({ file, title }) => `${file} › ${title}`),
    ...errors.map(({ message }) => firstLine(message)),
  ]
  if (code !== 0 && failed.length === 0) failed.push(`playwright ended with ${code}`)
  return { passed: stats.expected, failed, skipped: stats.skipped }
}

const specsOf = (suites = []) => suites.flatMap((suite) => [...(suite.specs ?? []), ...specsOf(suite.suites)])

const firstLine = (text) => (text ?? '').trim().split('\n')[0]

const readReport = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new Error('it ended before it could report')
  }
}

const main = async () => {
  if (!(await stage('install', () => step(() => ensureInstalled())))) return
  rmSync(REPORTS, { recursive: true, force: true })
  mkdirSync(REPORTS, { recursive: true })
  await stage('verify', verifyStage)
  await stage('unit and integration', vitest)
  if (await stage('build', () => step(() => ensureBuilt()))) await stage('browser', playwright)
}

await main()
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((what) => `  - ${what}`).join('\n')}`)
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0

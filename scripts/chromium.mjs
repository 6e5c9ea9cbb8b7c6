// Finds a Chromium for the browser journeys, or gets one.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { installFromDebian, ROOT, run, tool } from './setup.mjs'

/**
 * The path of a Chromium that runs: the one of CHROMIUM_PATH, the system's, one of Playwright's; else it is installed,
 * from Debian when we are root there, or by Playwright's own download.
 * @returns {Promise<string>}
 * @throws Error with what to do when there is none
 */
export const findChromium = async () => {
  const wanted = process.env.CHROMIUM_PATH ?? ''
  if (wanted !== '') {
    if (runs(wanted)) return wanted
    throw new Error(`CHROMIUM_PATH is ${wanted}, but that does not run.`)
  }
  const present = systemChromium() ?? (await playwrightChromium())
  if (present !== null) return present
  const installed = (await fromDebian()) ?? (await fromPlaywright())
  if (installed !== null) return installed
  throw new Error(
    'No Chromium was found and none could be installed. Install one (Debian: apt-get install chromium; ' +
      'macOS: brew install --cask chromium) or set CHROMIUM_PATH to one.',
  )
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const ELSEWHERE = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/snap/bin/chromium',
]

const systemChromium = () => {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...ELSEWHERE]
  return candidates.find(runs) ?? null
}

const playwrightChromium = async () => {
  try {
    const { chromium } = await import('@playwright/test')
    const path = chromium.executablePath()
    return runs(path) ? path : null
  } catch {
    return null
  }
}

const fromDebian = async () =>
  (await installFromDebian('Chromium', ['chromium', 'fonts-dejavu-core'])) ? systemChromium() : null

const fromPlaywright = async () => {
  console.error("Getting Playwright's own Chromium …")
  const code = await run(tool('playwright'), ['install', 'chromium'], { cwd: ROOT }).catch(() => 1)
  return code === 0 ? await playwrightChromium() : null
}

/** It exists, and all it needs to run is there. */
const runs = (path) => {
  if (!existsSync(path)) return false
  try {
    execFileSync(path, ['--version', '--no-sandbox'], { stdio: 'ignore', timeout: 30_000 })
    return true
  } catch {
    return false
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  findChromium().then(console.log, (error) => {
    console.error(error.message)
    process.exit(1)
  })

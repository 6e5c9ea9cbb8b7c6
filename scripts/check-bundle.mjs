// No server module may reach a browser. Names do not survive minifying, so each module is known by a string it carries.
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { filesUnder } from './setup.mjs'

/** What it is → a string that its code cannot do without. */
export const MARKERS = {
  'drizzle-orm': 'drizzle:entityKind',
  postgres: 'UNSAFE_TRANSACTION',
  '@node-rs/argon2': '@node-rs/argon2',
  stripe: 'api.stripe.com',
  nodemailer: 'api.nodemailer.com',
  lucia: 'auth_session',
  pino: 'pino.hierarchy',
  'db/client.ts': 'offshoot_app',
  'db/migrate.ts': 'offshoot:migrate',
  'server/kit/config.ts': 'STRIPE_WEBHOOK_SECRET',
}

/**
 * @param {string} folder the client build
 * @returns {string[]} what is wrong, a line each
 */
export const checkBundle = (folder) => {
  const scripts = filesUnder(folder).filter((file) => /\.m?js$/.test(file))
  if (scripts.length === 0) return [`${folder}: there are no scripts to check`]
  return scripts.flatMap((file) => {
    const code = readFileSync(file, 'utf8')
    return Object.entries(MARKERS)
      .filter(([, marker]) => code.includes(marker))
      .map(
        ([name, marker]) => `${relative(folder, file)}: ${name} is in the client bundle (found "${marker}")`,
      )
  })
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = process.argv[2] ?? 'build/client'
  const problems = existsSync(folder) ? checkBundle(folder) : [`${folder}: there is no client build`]
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}

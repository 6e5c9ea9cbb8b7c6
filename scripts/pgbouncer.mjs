// Finds a PgBouncer for the journey through many machines, or installs Debian's.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installFromDebian } from './setup.mjs'

/**
 * @returns {Promise<string>} the path of a PgBouncer
 * @throws Error with what to do when there is none
 */
export const findPgBouncer = async () => {
  const present = onPath()
  if (present !== null) return present
  const installed = (await installFromDebian('PgBouncer', ['pgbouncer'])) ? onPath() : null
  if (installed !== null) return installed
  throw new Error(
    'No PgBouncer was found and none could be installed. Install one (Debian: apt-get install pgbouncer; ' +
      'macOS: brew install pgbouncer).',
  )
}

const onPath = () =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'pgbouncer'))
    .find((path) => existsSync(path)) ?? null

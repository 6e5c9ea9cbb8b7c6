import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Something outside is in the way of the start: the message says what, and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** One process per data folder. A lock whose process is gone is stale and taken over. */
export const lockDataDir = (dataDir: string): (() => void) => {
  mkdirSync(dataDir, { recursive: true })
  const file = join(resolve(dataDir), 'offshoot.lock')
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const handle = openSync(file, 'wx', 0o600)
      writeSync(handle, String(process.pid))
      closeSync(handle)
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const owner = Number(readFileSync(file, 'utf8'))
      if (isAlive(owner))
        throw new StartError(
          `The data folder ${resolve(dataDir)} is in use by process ${owner}. Stop that process, or choose another folder with DATA_DIR. If it is not Offshoot, delete ${file} and start again.`,
        )
      rmSync(file, { force: true })
    }
  }
  throw new StartError(`The data folder ${resolve(dataDir)} could not be locked.`)
}

const isAlive = (pid: number): boolean => {
  if (!(pid > 0) || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

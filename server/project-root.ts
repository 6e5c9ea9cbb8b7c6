import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder that holds package.json, from wherever the build put this. @throws Error when there is none */
export const projectRoot = (): string => {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error('package.json was not found above the server')
    folder = dirname(folder)
  }
  return folder
}

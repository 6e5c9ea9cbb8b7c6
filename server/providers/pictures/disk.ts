import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PictureService } from '../../kit/ports'

type Store = Omit<PictureService, 'encode'>

/** Pictures in a folder of this machine, spread over 256 subfolders. @param random for names of unfinished files */
export const createDiskStore = (folder: string, random: (bytes: number) => Buffer): Store => {
  const pathOf = (name: string) => join(folder, name.slice(0, 2), name)
  return {
    put: async (name, bytes) => {
      const path = pathOf(name)
      await mkdir(dirname(path), { recursive: true })
      const unfinished = `${path}.${random(6).toString('hex')}`
      try {
        const file = await open(unfinished, 'wx')
        try {
          await file.writeFile(bytes)
          // The row that comes next must never outlive the file.
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(unfinished, path)
      } catch (error) {
        await rm(unfinished, { force: true })
        throw error
      }
    },
    read: (name) =>
      readFile(pathOf(name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      }),
    remove: (name) => rm(pathOf(name), { force: true }),
  }
}

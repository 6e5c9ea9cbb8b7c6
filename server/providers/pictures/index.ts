import { join } from 'node:path'
import type { Config } from '../../kit/config'
import type { PictureService } from '../../kit/ports'
import { createDiskStore } from './disk'
import { encodePicture } from './encode'
import { createS3Store } from './s3'

/** How many pictures are decoded at once; the others wait. */
const AT_ONCE = 2

/** Decodes pictures, and keeps them where the settings say. */
export const createPictures = (
  { pictureStore, dataDir }: Pick<Config, 'pictureStore' | 'dataDir'>,
  random: (bytes: number) => Buffer,
): PictureService => ({
  ...(pictureStore === null
    ? createDiskStore(join(dataDir, 'pictures'), random)
    : createS3Store(pictureStore)),
  encode: atMost(AT_ONCE, encodePicture),
})

/** The same function, of which no more than `limit` calls run at once. */
const atMost = <I, O>(limit: number, work: (input: I) => Promise<O>): ((input: I) => Promise<O>) => {
  let running = 0
  const waiting: (() => void)[] = []
  return async (input) => {
    if (running >= limit) await new Promise<void>((resume) => waiting.push(resume))
    else running += 1
    try {
      return await work(input)
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

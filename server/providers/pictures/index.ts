import { join } from 'node:path'
import { bound } from '../../kit/bound'
import type { Config } from '../../kit/config'
import type { PictureService } from '../../kit/ports'
import { createDiskStore } from './disk'
import { encodePicture } from './encode'
import { createS3Store } from './s3'

/** Few are decoded at once; the others wait. */
const inTurn = bound(2, 100)

/** Decodes pictures, and keeps them where the settings say. */
export const createPictures = (
  { pictureStore, dataDir }: Pick<Config, 'pictureStore' | 'dataDir'>,
  random: (bytes: number) => Buffer,
): PictureService => ({
  ...(pictureStore === null
    ? createDiskStore(join(dataDir, 'pictures'), random)
    : createS3Store(pictureStore)),
  encode: (bytes) => inTurn(() => encodePicture(bytes)),
})

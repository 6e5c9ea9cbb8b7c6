import { pictureSizes } from './schemas'

/** A picture's address at its full size; what pages, galleries and settings hold. */
export const pictureAddress = (hash: Buffer, width: number, height: number): string =>
  `/pictures/${pictureName(hash.toString('hex'), `${width}x${height}`)}`

/** The smallest size there is, for lists. */
export const thumbnailAddress = (hash: Buffer, width: number, height: number): string =>
  pictureSizes({ hash: hash.toString('hex'), width, height })[0]?.address ?? ''

/** What a file is called in the store, and in its address. @param size `WIDTHxHEIGHT` or a width */
export const pictureName = (hex: string, size: string): string => `${hex}-${size}.webp`

export const isPictureName = (name: string): boolean =>
  /^[0-9a-f]{64}-[1-9]\d{0,4}(x[1-9]\d{0,4})?\.webp$/.test(name)

/** The pictures that a text shows, by hash in hex, each once. */
export const picturesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\/pictures\/([0-9a-f]{64})-\d/g)].map(([, hex = '']) => hex)),
]

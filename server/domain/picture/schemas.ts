/** The widths a picture is made in where it is wider; with them, a page asks for no more than it shows. */
export const PICTURE_WIDTHS: readonly number[] = [320, 640, 960, 1280, 1920]

/** What one file may have when it is uploaded. */
export const MAX_PICTURE_BYTES = 10 * 1024 * 1024

/** A picture's address at full size, as it is kept in contents and settings. */
const ADDRESS = /^\/pictures\/([0-9a-f]{64})-([1-9]\d{0,4})x([1-9]\d{0,4})\.webp$/

export interface PictureAddress {
  /** Hex. */
  readonly hash: string
  readonly width: number
  readonly height: number
}

/** What an address of ours says, or null when it is none. */
export const readPictureAddress = (address: string): PictureAddress | null => {
  const [, hash, width, height] = ADDRESS.exec(address) ?? []
  return hash === undefined ? null : { hash, width: Number(width), height: Number(height) }
}

/** The addresses of a picture with their widths, the smallest first, for `srcset`. */
export const pictureSizes = ({
  hash,
  width,
  height,
}: PictureAddress): readonly { readonly address: string; readonly width: number }[] => [
  ...PICTURE_WIDTHS.filter((one) => one < width).map((one) => ({
    address: `/pictures/${hash}-${one}.webp`,
    width: one,
  })),
  { address: `/pictures/${hash}-${width}x${height}.webp`, width },
]

import sharp from 'sharp'
import { PICTURE_WIDTHS } from '../../domain/picture/schemas'
import { DomainError, refused } from '../../kit/errors'
import type { EncodedPicture } from '../../kit/ports'

/** Larger ones are made smaller: no screen shows more. */
const MAX_SIDE = 2_560
/** Decoded, all frames together; a small file may unpack to gigabytes. */
const MAX_PIXELS = 50_000_000
const MAX_FRAMES = 300
/** Seconds until decoding is given up. */
const PATIENCE = 20

// One thread a picture, and none kept in memory: pages have to be served meanwhile.
sharp.concurrency(1)
sharp.cache(false)

/** PNG, JPEG, WebP, GIF and AVIF by what is in them, turned upright, without metadata, as WebP in the sizes of the web. */
export const encodePicture = async (bytes: Buffer): Promise<EncodedPicture> => {
  const signature = signatureOf(bytes)
  if (signature === null) throw noPicture()
  const open = () =>
    sharp(bytes, {
      animated: signature === 'gif' || signature === 'webp',
      limitInputPixels: MAX_PIXELS,
      failOn: 'error',
    }).timeout({ seconds: PATIENCE })
  try {
    const known = await open().metadata()
    if (known.format !== signature) throw noPicture()
    const frames = known.pages ?? 1
    const tall = known.pageHeight ?? known.height
    if (frames > MAX_FRAMES || known.width * tall * frames > MAX_PIXELS) throw tooLarge()
    // A still one is turned as its camera says; frames have no such mark.
    const upright = () => (frames > 1 ? open() : open().autoOrient())
    const full = await upright()
      .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 82, effort: 3 })
      .toBuffer({ resolveWithObject: true })
    const width = full.info.width
    const height = frames > 1 ? (full.info.pageHeight ?? full.info.height) : full.info.height
    const files = [{ size: `${width}x${height}`, bytes: full.data }]
    for (const smaller of PICTURE_WIDTHS.filter((one) => one < width))
      files.push({
        size: String(smaller),
        bytes: await upright().resize({ width: smaller }).webp({ quality: 80, effort: 3 }).toBuffer(),
      })
    return { width, height, files }
  } catch (error) {
    if (error instanceof DomainError) throw error
    if (/pixel limit|timeout/i.test(error instanceof Error ? error.message : '')) throw tooLarge()
    throw noPicture()
  }
}

/** By the first bytes: no decoder is handed anything else. Named as the decoder names them. */
const signatureOf = (bytes: Buffer): 'png' | 'jpeg' | 'webp' | 'gif' | 'heif' | null => {
  const ascii = (from: number, to: number) => bytes.subarray(from, to).toString('latin1')
  if (ascii(0, 8) === '\x89PNG\r\n\x1a\n') return 'png'
  if (ascii(0, 3) === '\xff\xd8\xff') return 'jpeg'
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'webp'
  if (ascii(0, 6) === 'GIF87a' || ascii(0, 6) === 'GIF89a') return 'gif'
  if (ascii(4, 8) === 'ftyp' && /^avi[fs]$/.test(ascii(8, 12))) return 'heif'
  return null
}

const noPicture = () =>
  new DomainError(
    415,
    'PICTURE_TYPE',
    'This is no picture that can be shown: send a PNG, JPEG, WebP, GIF or AVIF.',
  )

const tooLarge = () =>
  refused(
    'PICTURE_TOO_LARGE',
    'This picture is too large when unpacked: at most 50 megapixels, all frames together.',
  )

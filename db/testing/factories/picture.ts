import sharp from 'sharp'

/** A picture of one colour, which differs from that of any other `shade`. */
export const samplePicture = (
  shade = 1,
  { width = 40, height = 30, format = 'png' as 'png' | 'jpeg' | 'webp' | 'gif' | 'avif' } = {},
): Promise<Buffer> =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: { r: (shade * 37) % 256, g: (shade * 11) % 256, b: (shade * 101) % 256 },
    },
  })
    .toFormat(format)
    .toBuffer()

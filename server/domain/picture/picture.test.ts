import { deflateSync } from 'node:zlib'
import { eq } from 'drizzle-orm'
import sharp from 'sharp'
import { beforeEach, describe, expect, it } from 'vitest'
import { contentPictures, pageContents, pictureFiles, pictureLeftovers } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { samplePicture } from '../../../db/testing/factories/picture'
import type { PictureService } from '../../kit/ports'
import { collectPictures, isPictureName, picturesIn, storePicture, thumbnailAddress } from '.'
import { pictureSizes, readPictureAddress } from './schemas'

const database = useDatabase()
let ctx: TestContext
beforeEach(async () => {
  ctx = testContext(database.db)
  await database.db.delete(contentPictures)
  await database.db.delete(pictureFiles)
  await database.db.delete(pictureLeftovers)
})

const DAY = 86_400_000
const nameOf = (address: string) => address.replace('/pictures/', '')
const read = (address: string, from: PictureService = ctx.outside.pictures) => from.read(nameOf(address))
const refusal = (bytes: Buffer) =>
  storePicture(ctx, bytes).then(String, (error: { code: string }) => error.code)

describe('a picture', () => {
  it.each(['png', 'jpeg', 'webp', 'gif', 'avif'] as const)(
    'is kept as WebP when it is %s',
    async (format) => {
      const { address, width, height } = await storePicture(ctx, await samplePicture(1, { format }))
      expect([width, height]).toEqual([40, 30])
      expect((await sharp((await read(address)) ?? Buffer.alloc(0)).metadata()).format).toBe('webp')
    },
  )

  it('is made in the widths of the web, and no larger than it is', async () => {
    const { address, hash, width, height } = await storePicture(
      ctx,
      await samplePicture(2, { width: 3_000, height: 1_500, format: 'jpeg' }),
    )
    expect([width, height]).toEqual([2_560, 1_280])
    const sizes = pictureSizes(readPictureAddress(address) ?? { hash: '', width: 0, height: 0 })
    expect(sizes.map((size) => size.width)).toEqual([320, 640, 960, 1_280, 1_920, 2_560])
    for (const size of sizes) {
      expect(isPictureName(nameOf(size.address))).toBe(true)
      expect((await sharp((await read(size.address)) ?? Buffer.alloc(0)).metadata()).width).toBe(size.width)
    }
    expect(thumbnailAddress(hash, width, height)).toBe(sizes[0]?.address)
  })

  it('stands upright, and tells neither camera nor place', async () => {
    const bytes = await sharp(await samplePicture(3))
      .withExif({
        IFD0: { Make: 'Camera of mine', Orientation: '6' },
        IFD3: { GPSLatitude: '51/1 30/1 0/1' },
      })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const { address, width, height } = await storePicture(ctx, bytes)
    expect([width, height]).toEqual([30, 40])
    const kept = (await read(address)) ?? Buffer.alloc(0)
    const { exif, icc, xmp, orientation } = await sharp(kept).metadata()
    expect([exif, icc, xmp, orientation]).toEqual([undefined, undefined, undefined, undefined])
  })

  it('that moves goes on moving', async () => {
    const frames = [await samplePicture(4), await samplePicture(5)]
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()
    const { address, height } = await storePicture(ctx, gif)
    expect(height).toBe(30)
    expect((await sharp((await read(address)) ?? Buffer.alloc(0)).metadata()).pages).toBe(2)
  })

  it('is kept once for whoever uploads the same', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(async () => storePicture(ctx, await samplePicture(6))),
    )
    expect(first?.address).toBe(second?.address)
    expect(await database.db.select().from(pictureFiles)).toHaveLength(1)
    expect(await database.db.select().from(pictureLeftovers)).toHaveLength(0)
  })

  it('has an address that its file alone does not tell', async () => {
    const other = testContext(database.db, { env: { APP_SECRET: 'another-secret-of-more-than-32-bytes!' } })
    const [here, there] = [
      await storePicture(ctx, await samplePicture(7)),
      await storePicture(other, await samplePicture(7)),
    ]
    expect(here.address).not.toBe(there.address)
  })
})

describe('what is no picture', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
  it.each([
    ['an SVG', Buffer.from(svg)],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['a PDF', Buffer.from('%PDF-1.7\n%%EOF')],
    ['nothing', Buffer.alloc(0)],
    ['a signature alone', Buffer.from('89504e470d0a1a0a', 'hex')],
    ['HTML behind a signature', Buffer.concat([Buffer.from('GIF89a'), Buffer.from(svg)])],
  ])('is refused: %s', async (_, bytes) => {
    expect(await refusal(bytes)).toBe('PICTURE_TYPE')
  })

  it('is refused when it is cut off', async () => {
    const whole = await samplePicture(8, { width: 400, height: 400, format: 'jpeg' })
    expect(await refusal(whole.subarray(0, whole.length / 2))).toBe('PICTURE_TYPE')
  })

  it('is refused when it would unpack to gigabytes', async () => {
    expect(await refusal(bomb(60_000, 60_000))).toBe('PICTURE_TOO_LARGE')
  })

  it('is refused when it is longer than a picture may be', async () => {
    expect(await refusal(Buffer.alloc(10 * 1024 * 1024 + 1))).toBe('PICTURE_BYTES')
  })

  it('leaves nothing behind', async () => {
    await refusal(Buffer.from(svg))
    expect(await database.db.select().from(pictureFiles)).toHaveLength(0)
    expect(await database.db.select().from(pictureLeftovers)).toHaveLength(0)
  })
})

describe('what nobody shows', () => {
  it('is removed after a day, with its file', async () => {
    const { address } = await storePicture(ctx, await samplePicture(9))
    expect(await collectPictures(ctx)).toEqual({ forgotten: 0, removed: 0 })
    ctx.clock.advance(DAY + 1)
    expect(await collectPictures(ctx)).toEqual({ forgotten: 1, removed: 0 })
    expect(await read(address)).not.toBeNull()
    ctx.clock.advance(DAY)
    expect(await collectPictures(ctx)).toEqual({ forgotten: 0, removed: 1 })
    expect(await read(address)).toBeNull()
  })

  it('stays as long as something points at it', async () => {
    const { hash, address } = await storePicture(ctx, await samplePicture(10))
    const contentHash = Buffer.alloc(32, 1)
    await database.db
      .insert(pageContents)
      .values({ hash: contentHash, body: {}, bytes: 2, createdAt: ctx.now() })
      .onConflictDoNothing()
    await database.db.insert(contentPictures).values({ contentHash, pictureHash: hash })
    ctx.clock.advance(2 * DAY)
    expect(await collectPictures(ctx)).toEqual({ forgotten: 0, removed: 0 })
    expect(await read(address)).not.toBeNull()
  })

  it('is there again when it was uploaded once more before its file was removed', async () => {
    await storePicture(ctx, await samplePicture(11))
    ctx.clock.advance(2 * DAY)
    await collectPictures(ctx)
    const { address } = await storePicture(ctx, await samplePicture(11))
    ctx.clock.advance(DAY / 2)
    expect(await collectPictures(ctx)).toEqual({ forgotten: 0, removed: 0 })
    expect(await read(address)).not.toBeNull()
  })

  it('is removed though the process died between file and row', async () => {
    const put: string[] = []
    const dying: PictureService = {
      ...ctx.outside.pictures,
      put: async (name, bytes) => {
        await ctx.outside.pictures.put(name, bytes)
        put.push(name)
        throw new Error('killed')
      },
    }
    const bytes = await samplePicture(12)
    await expect(
      storePicture({ ...ctx, outside: { ...ctx.outside, pictures: dying } }, bytes),
    ).rejects.toThrow()
    expect(await ctx.outside.pictures.read(put[0] ?? '')).not.toBeNull()
    ctx.clock.advance(2 * 3_600_000)
    expect(await collectPictures(ctx)).toEqual({ forgotten: 0, removed: 1 })
    expect(await ctx.outside.pictures.read(put[0] ?? '')).toBeNull()
  })

  it('is never taken from under whoever uploads it at that moment', async () => {
    const bytes = await samplePicture(13)
    for (let turn = 0; turn < 5; turn += 1) {
      await storePicture(ctx, bytes)
      ctx.clock.advance(2 * DAY)
      await collectPictures(ctx)
      ctx.clock.advance(DAY)
      const [stored] = await Promise.all([storePicture(ctx, bytes), collectPictures(ctx)])
      expect(await read(stored.address), `turn ${turn}`).not.toBeNull()
      expect(
        await database.db.select().from(pictureFiles).where(eq(pictureFiles.hash, stored.hash)),
      ).toHaveLength(1)
    }
  })
})

it('finds the pictures of a text', () => {
  const hash = 'ab'.repeat(32)
  expect(
    picturesIn(`"/pictures/${hash}-10x10.webp" and /pictures/${hash}-320.webp, /pictures/short-1.webp`),
  ).toEqual([hash])
})

/** A PNG of a few kilobytes that says it is enormous. */
const bomb = (width: number, height: number): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100_000))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

const crc32 = (data: Buffer): number => {
  let crc = 0xffffffff
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { samplePicture } from '../../../db/testing/factories/picture'
import { createPictures } from '.'

/** A bucket in this process that keeps what is signed. */
const objects = new Map<string, Buffer>()
let failing = false
const server = createServer((request, answer) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => void chunks.push(chunk))
  request.on('end', () => {
    const signed = /^AWS4-HMAC-SHA256 Credential=key-id\/\d{8}\/eu-1\/s3\/aws4_request/.test(
      request.headers.authorization ?? '',
    )
    const path = request.url ?? ''
    const found = objects.get(path)
    if (failing) answer.writeHead(500).end()
    else if (!signed) answer.writeHead(403).end()
    else if (!path.startsWith('/a-bucket/')) answer.writeHead(404).end()
    else if (request.method === 'PUT') {
      objects.set(path, Buffer.concat(chunks))
      answer.writeHead(200).end()
    } else if (request.method === 'DELETE') {
      objects.delete(path)
      answer.writeHead(204).end()
    } else answer.writeHead(found === undefined ? 404 : 200).end(found)
  })
})
let endpoint = ''
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((done) => server.close(done)))

const store = (more: { bucket?: string; endpoint?: string } = {}) =>
  createPictures(
    {
      dataDir: '/nowhere',
      pictureStore: {
        endpoint,
        bucket: 'a-bucket',
        region: 'eu-1',
        accessKeyId: 'key-id',
        secretAccessKey: 'key-secret',
        ...more,
      },
    },
    () => Buffer.alloc(6),
  )

describe('a bucket', () => {
  it('gives back what was put there, and nothing that was removed', async () => {
    const bytes = await samplePicture(1)
    await store().put('a.webp', bytes)
    await store().put('a.webp', bytes)
    expect([...objects.keys()]).toEqual(['/a-bucket/pictures/a.webp'])
    expect(await store().read('a.webp')).toEqual(bytes)
    await store().remove('a.webp')
    await store().remove('a.webp')
    expect(await store().read('a.webp')).toBeNull()
  })

  it('that is not there keeps nothing and says so', async () => {
    await expect(store({ bucket: 'no-bucket' }).put('a.webp', Buffer.from('a'))).rejects.toMatchObject({
      status: 503,
      code: 'PICTURES_UNAVAILABLE',
    })
  })

  it('that fails or cannot be reached is an answer to wait for', async () => {
    failing = true
    await expect(store().read('a.webp')).rejects.toMatchObject({ status: 503, retryAfter: 5 })
    failing = false
    await expect(store({ endpoint: 'http://127.0.0.1:1' }).remove('a.webp')).rejects.toMatchObject({
      status: 503,
    })
  })
})

import { AwsClient } from 'aws4fetch'
import type { S3Settings } from '../../kit/config'
import { DomainError } from '../../kit/errors'
import type { PictureService } from '../../kit/ports'

type Store = Omit<PictureService, 'encode'>

/** Milliseconds until an answer is given up. */
const PATIENCE = 20_000

/** Pictures in a bucket of S3 or what speaks like it, addressed by path. */
export const createS3Store = (settings: S3Settings): Store => {
  const client = new AwsClient({
    accessKeyId: settings.accessKeyId,
    secretAccessKey: settings.secretAccessKey,
    region: settings.region,
    service: 's3',
    retries: 2,
  })
  const ask = async (method: string, name: string, body?: Buffer): Promise<Response> => {
    const answer = await client
      .fetch(`${settings.endpoint}/${settings.bucket}/pictures/${name}`, {
        method,
        signal: AbortSignal.timeout(PATIENCE),
        ...(body === undefined
          ? {}
          : { body: new Uint8Array(body), headers: { 'Content-Type': 'image/webp' } }),
      })
      .catch(() => null)
    if (answer === null || (!answer.ok && answer.status !== 404)) throw away()
    return answer
  }
  return {
    put: async (name, bytes) => {
      const answer = await ask('PUT', name, bytes)
      // No such bucket: nothing was kept.
      if (!answer.ok) throw away()
    },
    read: async (name) => {
      const answer = await ask('GET', name)
      return answer.ok ? Buffer.from(await answer.arrayBuffer()) : null
    },
    remove: async (name) => {
      await ask('DELETE', name)
    },
  }
}

const away = () =>
  new DomainError(
    503,
    'PICTURES_UNAVAILABLE',
    'The store of pictures cannot be reached just now. Try again in a moment.',
    {
      retryAfter: 5,
    },
  )

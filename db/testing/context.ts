import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, type Environment, readConfig } from '../../server/kit/config'
import { type Actor, type Context, type Outside, systemRandom } from '../../server/kit/context'
import type { OutgoingMail, PictureService } from '../../server/kit/ports'
import { createPost } from '../../server/providers/endpoint'
import { createPictures } from '../../server/providers/pictures'
import type { Db } from '../client'

/** A clock that stands still until it is moved. */
export interface TestClock {
  now: () => Date
  /** Milliseconds. */
  advance: (by: number) => void
  set: (to: Date) => void
}

export const testClock = (start = new Date('2026-11-21T12:00:00.000Z')): TestClock => {
  let at = start.getTime()
  return {
    now: () => new Date(at),
    advance: (by) => {
      at += by
    },
    set: (to) => {
      at = to.getTime()
    },
  }
}

export const testConfig = (env: Environment = {}): Config =>
  readConfig(
    { APP_SECRET: 'test-secret-of-more-than-32-bytes-length', SEED: 'none', LOG_LEVEL: 'silent', ...env },
    () => {
      throw new Error('the secret is given')
    },
  )

export interface TestContext extends Context {
  readonly clock: TestClock
  /** What the mail server was handed. */
  readonly sent: OutgoingMail[]
  /** The same world with somebody else asking. */
  readonly as: (actor: Actor) => TestContext
}

let pictures: PictureService | undefined

/** Pictures on this machine's disk, in a folder that is gone with the process. */
const testPictures = (): PictureService => {
  const dataDir = join(tmpdir(), `offshoot-test-${process.pid}-${systemRandom(6).toString('hex')}`)
  if (pictures === undefined) process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))
  pictures ??= createPictures({ pictureStore: null, dataDir }, systemRandom)
  return pictures
}

/** A context on a real database, with a clock to move and a mail transport that remembers. */
export const testContext = (
  db: Db,
  options: { actor?: Actor; clock?: TestClock; env?: Environment; outside?: Partial<Outside> } = {},
): TestContext => {
  const clock = options.clock ?? testClock()
  const sent: OutgoingMail[] = []
  const outside: Outside = {
    random: systemRandom,
    mail: { kind: 'smtp', send: async (mail) => void sent.push(mail) },
    payments: new Map(),
    pictures: testPictures(),
    post: createPost({ allowPrivate: true }),
    wake: () => {},
    ...options.outside,
  }
  const base = { db, now: clock.now, outside, config: testConfig(options.env), clock, sent }
  const as = (actor: Actor): TestContext => ({ ...base, actor, as })
  return as(options.actor ?? { kind: 'visitor' })
}

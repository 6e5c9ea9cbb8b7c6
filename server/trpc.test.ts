import { TRPCError } from '@trpc/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { testContext } from '../db/testing/context'
import { useDatabase } from '../db/testing/database'
import { procedures } from './http/plain'
import type { Actor } from './kit/context'
import { DomainError, type ErrorStatus } from './kit/errors'
import {
  admin,
  createCallerFactory,
  limited,
  type ProcedureMeta,
  router,
  signedIn,
  toFailure,
  visitor,
} from './trpc'

const database = useDatabase()

describe('every procedure', () => {
  const all = Object.entries(procedures())

  it('says who may call it', () => {
    for (const [name, { _def }] of all)
      expect(['visitor', 'signedIn', 'admin'], name).toContain(
        (_def.meta as ProcedureMeta | undefined)?.guard,
      )
  })

  it('says what it answers', () => {
    for (const [name, { _def }] of all) expect((_def as { output?: unknown }).output, name).toBeDefined()
  })

  it('that changes something takes no members it does not know', () => {
    for (const [name, { _def }] of all) {
      const { inputs, type } = _def as unknown as { inputs: z.ZodType[]; type: string }
      // The whole document is checked by its verb.
      if (type !== 'mutation' || name === 'workspace.import') continue
      // Of an input of several shapes, each.
      for (const input of inputs.flatMap((one) =>
        one instanceof z.ZodUnion ? one.options : [one],
      ) as z.ZodType[]) {
        const refusal = input.safeParse({ anUnknownMember: 1 })
        const codes = refusal.error?.issues.map(({ code }) => code) ?? []
        expect(codes, `${name}: ${JSON.stringify(refusal)}`).toContain('unrecognized_keys')
      }
    }
  })

  it('has a path of its own, if it has one', () => {
    const paths = all.flatMap(([, { _def }]) => {
      const http = (_def.meta as ProcedureMeta | undefined)?.http
      return http ? [`${http.method} ${http.path}`] : []
    })
    expect(new Set(paths).size).toBe(paths.length)
  })
})

describe('a guard', () => {
  const counted: string[] = []
  const caller = createCallerFactory(
    router({
      open: visitor.query(() => 'open'),
      own: signedIn.query(({ ctx }) => ctx.person.userId),
      chief: admin.query(({ ctx }) => ctx.person.userId),
      often: visitor.use(limited('sign-in')).query(() => 'often'),
      broken: visitor.query(() => {
        throw new Error('secret inside')
      }),
      busy: visitor.query(() => {
        throw new DomainError(503, 'BUSY', 'Busy.', { retryAfter: 2 })
      }),
    }),
  )
  const as = (actor: Actor) =>
    caller({
      ...testContext(database.db, { actor }),
      request: {
        address: '192.0.2.1',
        idempotencyKey: null,
        sessionId: null,
        setCookie: () => {},
        limit: async (name) => void counted.push(name),
      },
    })
  const person = { userId: 'u', organizationId: 'o', email: 'a@x.test' }
  const failure = (work: Promise<unknown>) => work.then(() => null, toFailure)

  it('lets in whom it names', async () => {
    expect(await as({ kind: 'visitor' }).open()).toBe('open')
    expect(await as({ kind: 'user', ...person }).own()).toBe('u')
    expect(await as({ kind: 'admin', ...person }).own()).toBe('u')
    expect(await as({ kind: 'admin', ...person }).chief()).toBe('u')
  })
  it('sends visitors to sign in, and hides the admin’s from everyone else', async () => {
    expect(await failure(as({ kind: 'visitor' }).own())).toMatchObject({
      status: 401,
      code: 'SIGN_IN_REQUIRED',
    })
    expect(await failure(as({ kind: 'job', name: 'x' }).own())).toMatchObject({ status: 401 })
    for (const actor of [{ kind: 'visitor' } as const, { kind: 'user', ...person } as const])
      expect(await failure(as(actor).chief())).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  })
  it('counts what is limited', async () => {
    await as({ kind: 'visitor' }).often()
    expect(counted).toEqual(['sign-in'])
  })
  it('keeps refusals as they are and masks the rest', async () => {
    expect(await failure(as({ kind: 'visitor' }).busy())).toMatchObject({
      status: 503,
      code: 'BUSY',
      retryAfter: 2,
    })
    const masked = await failure(as({ kind: 'visitor' }).broken())
    expect(masked).toMatchObject({ status: 500, code: 'INTERNAL' })
    expect(JSON.stringify(masked)).not.toContain('secret')
  })
})

describe('what may be said of a failure', () => {
  const thrown = (code: TRPCError['code'], cause?: unknown) =>
    new TRPCError({ code, cause, message: 'words' })
  const withCode = (code: string) => Object.assign(new Error('inside'), { code })

  it.each([400, 401, 403, 404, 409, 413, 415, 422, 429, 503] satisfies ErrorStatus[])(
    'a refusal of %i keeps its status',
    (status) => {
      expect(toFailure(new DomainError(status, 'CODE', 'Words.'))).toMatchObject({
        status,
        code: 'CODE',
        message: 'Words.',
      })
    },
  )
  it('an input’s faults are named with their paths', () => {
    const { error } = z.strictObject({ a: z.string() }).safeParse({ a: 1 })
    expect(toFailure(thrown('BAD_REQUEST', error))).toMatchObject({
      status: 400,
      code: 'INVALID_INPUT',
      issues: [{ path: ['a'] }],
    })
    const named = new z.ZodRealError([{ code: 'custom', path: [Symbol('s'), 1], message: 'no', input: 1 }])
    expect(toFailure(thrown('BAD_REQUEST', named)).issues).toEqual([
      { path: ['Symbol(s)', 1], message: 'no' },
    ])
  })
  it('an answer’s faults are ours', () => {
    const { error } = z.string().safeParse(1)
    expect(toFailure(thrown('INTERNAL_SERVER_ERROR', error))).toMatchObject({ status: 500, code: 'INTERNAL' })
  })
  it('a database that is away is worth another try', () => {
    expect(toFailure(thrown('INTERNAL_SERVER_ERROR', withCode('ECONNREFUSED')))).toMatchObject({
      status: 503,
      code: 'UNAVAILABLE',
      retryAfter: 5,
    })
  })
  it.each(['22021', '22P02', '22009'])(
    'what the database cannot store (%s) is the caller’s fault',
    (state) => {
      expect(toFailure(thrown('INTERNAL_SERVER_ERROR', withCode(state)))).toMatchObject({
        status: 400,
        code: 'INVALID_INPUT',
      })
    },
  )
  it.each([
    ['NOT_FOUND', 404],
    ['METHOD_NOT_SUPPORTED', 405],
    ['UNSUPPORTED_MEDIA_TYPE', 415],
    ['PARSE_ERROR', 400],
  ] as const)('tRPC’s own %s is %i', (code, status) => {
    expect(toFailure(thrown(code))).toMatchObject({ status, code, message: 'words' })
  })
  it('anything else says only that it happened', () => {
    for (const error of [new Error('inside'), 'inside', undefined, withCode('23505')])
      expect(toFailure(error)).toEqual({
        status: 500,
        code: 'INTERNAL',
        message: 'Something went wrong on our side. It has been noted.',
        issues: [],
        retryAfter: undefined,
      })
  })
})

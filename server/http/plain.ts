import type { AnyProcedure } from '@trpc/server'
import { type Context as Call, Hono } from 'hono'
import { DomainError } from '../kit/errors'
import { appRouter, createCaller } from '../routers'
import { type ApiContext, type ProcedureMeta, toFailure } from '../trpc'
import { KIB, MIB, readJson } from './read-json'

/** A procedure that is also offered as plain HTTP. */
export interface PlainProcedure {
  /** In the router: workspace.import */
  readonly name: string
  readonly procedure: AnyProcedure
  readonly http: NonNullable<ProcedureMeta['http']>
  readonly guard: NonNullable<ProcedureMeta['guard']>
}

export const plainProcedures = (): PlainProcedure[] =>
  Object.entries(appRouter._def.procedures as unknown as Record<string, AnyProcedure>).flatMap(
    ([name, procedure]) => {
      const meta = procedure._def.meta as ProcedureMeta | undefined
      return meta?.http && meta.guard ? [{ name, procedure, http: meta.http, guard: meta.guard }] : []
    },
  )

/** Bodies larger or deeper than usual: a whole workspace. */
const ROOMY: Record<string, { bytes: number; depth: number }> = {
  'workspace.import': { bytes: 101 * MIB, depth: 10_000 },
}
const USUAL = { bytes: 100 * KIB, depth: 32 }

/** The procedures of tRPC as plain HTTP: the same guards, schemas and verbs behind ordinary methods and paths. */
export const createPlainApi = (apiOf: (call: Call) => Promise<ApiContext>): Hono => {
  const app = new Hono()
  for (const { name, http } of plainProcedures())
    app.on(http.method, http.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (call) => {
      const caller = createCaller(await apiOf(call))
      const invoke = name
        .split('.')
        .reduce((at, part) => (at as Record<string, unknown>)[part], caller as unknown) as (
        input: unknown,
      ) => unknown
      return call.json((await invoke(await readInput(call, name))) ?? {})
    })
  app.onError((error, call) => failureResponse(call, error))
  return app
}

const readInput = async (call: Call, name: string): Promise<unknown> => {
  const parameters = call.req.param()
  if (call.req.method === 'GET' || call.req.method === 'DELETE')
    return { ...singleValues(call.req.queries()), ...parameters }
  const body = await readJson(call.req.raw, ROOMY[name] ?? USUAL)
  if (Object.keys(parameters).length === 0) return body
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new DomainError(400, 'INVALID_INPUT', 'Send a JSON object.')
  return { ...body, ...parameters }
}

/** A parameter given twice stays a list, which no schema takes for a single value. */
const singleValues = (queries: Record<string, string[]>): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(queries).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )

/** `{ code, message, issues }` with the status it deserves. */
export const failureResponse = (call: Call, error: unknown): Response => {
  const failure = toFailure(error)
  if (failure.status === 500) call.set('failure' as never, error as never)
  if (failure.retryAfter !== undefined) call.header('Retry-After', String(failure.retryAfter))
  return call.json({ code: failure.code, message: failure.message, issues: failure.issues }, failure.status)
}

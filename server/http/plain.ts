import type { AnyProcedure } from '@trpc/server'
import { Hono } from 'hono'
import { DomainError } from '../kit/errors'
import { appRouter, createCaller } from '../routers'
import type { ApiContext, ProcedureMeta } from '../trpc'
import { bodyLimits } from './body-limits'
import type { HttpCall, HttpEnv } from './env'
import { failureResponse, methodNotAllowed } from './failure'
import { readJson } from './read-json'

/** A procedure that is also offered as plain HTTP. */
export interface PlainProcedure {
  /** In the router: workspace.import */
  readonly name: string
  readonly procedure: AnyProcedure
  readonly http: NonNullable<ProcedureMeta['http']>
  readonly guard: NonNullable<ProcedureMeta['guard']>
}

export const plainProcedures = (): PlainProcedure[] =>
  Object.entries(procedures()).flatMap(([name, procedure]) => {
    const meta = procedure._def.meta as ProcedureMeta | undefined
    return meta?.http && meta.guard ? [{ name, procedure, http: meta.http, guard: meta.guard }] : []
  })

/** Every procedure by its name with dots. */
export const procedures = (): Record<string, AnyProcedure> =>
  appRouter._def.procedures as unknown as Record<string, AnyProcedure>

/** The procedures of tRPC as plain HTTP: the same guards, schemas and verbs behind ordinary methods and paths. */
export const createPlainApi = (apiOf: (call: HttpCall) => Promise<ApiContext>): Hono<HttpEnv> => {
  const app = new Hono<HttpEnv>()
  const methods = new Map<string, string[]>()
  for (const plain of plainProcedures()) {
    const path = plain.http.path.replaceAll(/\{(\w+)\}/g, ':$1')
    methods.set(path, [...(methods.get(path) ?? []), plain.http.method])
    app.on(plain.http.method, path, async (call) => {
      const api = await apiOf(call)
      // Who is refused anyway does not get their body read.
      const refused = plain.guard !== 'visitor' && api.actor.kind === 'visitor'
      const input = refused ? undefined : await readInput(call, plain.name)
      return call.json((await procedureIn(createCaller(api), plain.name)(input)) ?? {})
    })
  }
  for (const [path, allowed] of methods) app.all(path, (call) => methodNotAllowed(call, allowed))
  app.onError((error, call) => failureResponse(call, error))
  return app
}

type Invoke = (input: unknown) => Promise<unknown>

const procedureIn = (caller: ReturnType<typeof createCaller>, name: string): Invoke => {
  const found = name.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], caller)
  return found as Invoke
}

const readInput = async (call: HttpCall, name: string): Promise<unknown> => {
  const parameters = call.req.param()
  if (call.req.method === 'GET' || call.req.method === 'DELETE')
    return { ...singleValues(call.req.url), ...parameters }
  const body = await readJson(call.req.raw, bodyLimits([name]))
  if (Object.keys(parameters).length === 0) return body
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new DomainError(400, 'INVALID_INPUT', 'Send a JSON object.')
  return { ...body, ...parameters }
}

/** A parameter given twice stays a list, which no schema takes for a single value. */
const singleValues = (url: string): Record<string, string | string[]> => {
  const values = new Map<string, string[]>()
  for (const [name, value] of new URL(url).searchParams)
    values.set(name, [...(values.get(name) ?? []), value])
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? '') : all]))
}

import { type AppLoadContext, json, redirect, type TypedResponse } from '@remix-run/node'
import { appRouter } from '../../server/routers'
import { createCallerFactory, type Failure, toFailure } from '../../server/trpc'
import type { FormFailure } from './forms'
import { paths } from './paths'

const createCaller = createCallerFactory(appRouter)
export type Api = ReturnType<typeof createCaller>

/** The application's own API, called in this process for whoever sent the request. */
export const apiOf = (context: AppLoadContext): Api => createCaller(context.api)

/** The same request under the name of an attempt, as the header Idempotency-Key gives one: a form sent twice is done once. */
export const asAttempt = (context: AppLoadContext, attempt: string): AppLoadContext => ({
  ...context,
  api: { ...context.api, request: { ...context.api.request, idempotencyKey: attempt.slice(0, 255) || null } },
})

interface Asked {
  readonly request: Request
  readonly context: AppLoadContext
}

/**
 * What a loader asks of the API.
 * @throws Response 302 to sign-in when that is missing; else the refusal with its status, for the error boundary.
 */
export const load = async <T>({ request, context }: Asked, ask: (api: Api) => Promise<T>): Promise<T> => {
  try {
    return await ask(apiOf(context))
  } catch (error) {
    const failure = failureOf(error, request)
    throw json({ code: failure.code, message: failure.message }, answerOf(failure))
  }
}

/**
 * A refusal as what a form shows again: what is wrong, where, and what was typed.
 * @param values what was typed; leave out passwords
 * @param places the field a refusal is about, by its code
 * @throws Response 302 to sign-in when that is missing. @throws what was no refusal.
 */
export const formFailure = (
  error: unknown,
  request: Request,
  values: Readonly<Record<string, string>> = {},
  places: Readonly<Record<string, string>> = {},
): TypedResponse<FormFailure> => {
  const failure = failureOf(error, request)
  const fieldErrors: Record<string, string> = {}
  const place = places[failure.code]
  if (place !== undefined) fieldErrors[place] = failure.message
  for (const { path, message } of failure.issues) fieldErrors[path.join('.')] ??= message
  const formError = place === undefined ? failure.message : 'Some of this is not valid.'
  return json({ code: failure.code, formError, fieldErrors, values }, answerOf(failure))
}

/**
 * A refusal of one row's form on a page with many: its only field is named after the row and the button, as its id is.
 * @param sent the row's id, the button pressed and what was typed beside it
 */
export const rowFailure = async (
  error: unknown,
  request: Request,
  sent: { readonly id: string; readonly intent: string; readonly words: string },
): Promise<TypedResponse<FormFailure>> => {
  const refused = formFailure(error, request, sent)
  const failure = await refused.json()
  const [fault] = Object.entries(failure.fieldErrors)
    .filter(([name]) => name !== 'id')
    .map(([, message]) => message)
  const fieldErrors: Record<string, string> =
    fault === undefined ? {} : { [`${sent.id}-${sent.intent}`]: fault }
  return json({ ...failure, fieldErrors }, { status: refused.status, headers: refused.headers })
}

/** Who is signed in already has no business on the pages for signing in. */
export const signedInGoesTo = (context: AppLoadContext, path: string): void => {
  if (isSignedIn(context)) throw redirect(path)
}

export const isSignedIn = ({ api }: AppLoadContext): boolean =>
  api.actor.kind === 'user' || api.actor.kind === 'admin'

/**
 * What a refusal says, for a page that goes on without what was refused.
 * @throws Response 302 to sign-in when that is missing, to the second factor where an admin needs one first. @throws what was no refusal.
 */
export const failureOf = (error: unknown, request: Request): Failure => {
  if (error instanceof Response) throw error
  const failure = toFailure(error)
  if (failure.code === 'SIGN_IN_REQUIRED') throw redirect(paths.signIn(cameFrom(request)))
  if (failure.code === 'SECOND_FACTOR_SETUP_REQUIRED') throw redirect(paths.secondFactor())
  // Not ours to answer: the server logs it and shows the page for what went wrong.
  if (failure.status === 500) throw error
  return failure
}

const answerOf = ({ status, retryAfter }: Failure): ResponseInit => ({
  status,
  headers: retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) },
})

/** The page to come back to: what was being read, or the page the form stood on. */
const cameFrom = (request: Request): string => {
  const url = new URL(request.url)
  url.searchParams.delete('_data')
  return `${url.pathname}${url.search}`
}

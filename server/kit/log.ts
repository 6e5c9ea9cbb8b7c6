import pino, { type DestinationStream } from 'pino'

export type Log = pino.Logger

/** JSON lines on standard output, UTC, secrets masked. */
export const createLog = (level: string, destination: DestinationStream = pino.destination(1)): Log =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['*.password', '*.token', '*.authorization', '*.cookie', '*.secret'],
        censor: '[hidden]',
      },
      // Many describe the error themselves before it gets here.
      serializers: { error: (error: unknown) => (error instanceof Error ? describeError(error) : error) },
    },
    destination,
  )

/**
 * An error without what may be secret: a failed query's message holds every bound value, and so does that of whatever
 * wraps it, so only what the database itself said is kept.
 */
export const describeError = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { message: String(error) }
  const query = failedQuery(error)
  if (query === undefined) return { name: error.name, message: error.message, stack: error.stack }
  const cause = query.cause instanceof Error ? query.cause : undefined
  return {
    name: 'DatabaseError',
    code: (cause as { code?: string } | undefined)?.code,
    message: cause?.message,
    constraint: (cause as { constraint_name?: string } | undefined)?.constraint_name,
    stack: cause?.stack,
  }
}

/** The innermost error of a chain that speaks of a failed query. */
const failedQuery = (error: Error): Error | undefined => {
  let found: Error | undefined
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth += 1)
    if (e.name === 'DrizzleQueryError' || e.message.startsWith('Failed query')) found = e
  return found
}

/** A path as it may stand in the log: the token of a link is left out. The query never gets there. */
export const logPath = (path: string): string => path.replace(/^(\/(?:buy|preview)\/)[^/]{20,}/i, '$1[token]')

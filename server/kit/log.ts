import pino from 'pino'

export type Log = pino.Logger

/** JSON lines on standard output, UTC, secrets masked. */
export const createLog = (level: string): Log =>
  pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['*.password', '*.token', '*.authorization', '*.cookie', '*.secret'],
      censor: '[hidden]',
    },
    serializers: { error: describeError },
  })

/** An error without what may be secret: a database error's message holds every bound value, so only its code is kept. */
export const describeError = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { message: String(error) }
  const cause = error.cause instanceof Error ? error.cause : undefined
  if (error.name === 'DrizzleQueryError' || error.message.startsWith('Failed query'))
    return {
      name: 'DatabaseError',
      code: (cause as { code?: string } | undefined)?.code,
      message: cause?.message,
      constraint: (cause as { constraint_name?: string } | undefined)?.constraint_name,
      stack: cause?.stack,
    }
  return { name: error.name, message: error.message, stack: error.stack }
}

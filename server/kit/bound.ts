import { DomainError } from './errors'

/** At most `atOnce` at a time and `mayWait` in line, in order of arrival. @throws DomainError 503 BUSY beyond that. */
export const bound = (atOnce: number, mayWait: number) => {
  const line: (() => void)[] = []
  let running = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running += 1
    else if (line.length >= mayWait)
      throw new DomainError(503, 'BUSY', 'Too many people at once. Try again in a moment.', { retryAfter: 2 })
    else await new Promise<void>((go) => line.push(go))
    try {
      return await work()
    } finally {
      // Whoever is next takes over the place; it becomes free only when nobody waits.
      const next = line.shift()
      if (next) next()
      else running -= 1
    }
  }
}

import type { Lister } from '../../kit/ports'

/** Everything made since a moment, latest first, as it is listed. */
export const listAll = async <T>(list: Lister<T>, since: Date): Promise<T[]> => {
  const all: T[] = []
  let cursor: string | null = null
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, next }: Awaited<ReturnType<Lister<T>>> = await list({ since, cursor })
    all.push(...items)
    if (next === null) return all
    cursor = next
  }
  throw new Error(`a provider lists more than ${MOST_PAGES} pages`)
}

const MOST_PAGES = 1_000

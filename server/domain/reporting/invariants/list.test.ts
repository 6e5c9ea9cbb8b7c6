import { describe, expect, it } from 'vitest'
import { NO_QUERY, STORIES } from '.'

const ids = STORIES.flatMap(({ invariants }) => invariants.map(({ id }) => id))

describe('the list of invariants', () => {
  it('names every one from I01 to I48, as a query or with the reason why it is none', () => {
    const wanted = Array.from({ length: 48 }, (_, i) => `I${String(i + 1).padStart(2, '0')}`)
    expect([...ids, ...Object.keys(NO_QUERY)].filter((id) => id.startsWith('I')).sort()).toEqual(wanted)
  })
  it('has each once, in a sentence, with something to do', () => {
    expect(new Set(ids).size).toBe(ids.length)
    for (const { todo, invariants } of STORIES) {
      expect(todo).toMatch(/\.$/)
      for (const { name } of invariants) expect(name).toMatch(/^[A-Z].+\.$/)
    }
  })
})

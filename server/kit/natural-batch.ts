/** What waits beyond this is turned away: memory may not run out. */
const MOST_WAITING = 20_000
const MOST_AT_ONCE = 500

/**
 * Does together what is asked for while the last was being done: the more there is, the less each costs, and what comes
 * alone does not wait (no timer; only the turn of the event loop is over first, so that what comes in one goes together).
 */
export class NaturalBatch<In, Out> {
  private waiting: { input: In; done: (output: Out) => void; failed: (error: unknown) => void }[] = []
  private working = false

  /** @param work for several at once; its answers are in their order */
  constructor(private readonly work: (inputs: readonly In[]) => Promise<readonly Out[]>) {}

  /** @throws Error when too much waits already, and whatever the work throws */
  add(input: In): Promise<Out> {
    if (this.waiting.length >= MOST_WAITING)
      return Promise.reject(new Error('too much is waiting to be done together'))
    return new Promise((done, failed) => {
      this.waiting.push({ input, done, failed })
      if (this.working) return
      this.working = true
      setImmediate(() => void this.workThrough())
    })
  }

  private async workThrough(): Promise<void> {
    while (this.waiting.length > 0) {
      const some = this.waiting.splice(0, MOST_AT_ONCE)
      try {
        const outputs = await this.work(some.map(({ input }) => input))
        for (const [i, { done }] of some.entries()) done(outputs[i] as Out)
      } catch (error) {
        for (const { failed } of some) failed(error)
      }
      // Whoever was answered may have more: it goes with the next.
      await new Promise((resume) => setImmediate(resume))
    }
    this.working = false
  }
}

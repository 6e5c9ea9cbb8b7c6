/** Where the saving of a page stands. */
export type Saving<Theirs> =
  | { readonly state: 'saved' }
  /** There is something to save: it waits a moment, or is on its way. */
  | { readonly state: 'saving' }
  /** `again`: it is tried again by itself. */
  | { readonly state: 'failed'; readonly why: string; readonly again: boolean }
  /** Somebody else saved since: nothing is saved until it is decided whose goes on. */
  | { readonly state: 'conflict'; readonly theirs: Theirs }

export type Sent<Theirs> =
  | { readonly result: 'saved'; readonly version: string }
  | { readonly result: 'refused'; readonly why: string }
  | { readonly result: 'unreachable'; readonly why: string }
  | { readonly result: 'conflict'; readonly version: string; readonly theirs: Theirs }

export interface SaverOptions<Draft, Theirs> {
  /** What was read: the version the first draft was made of. */
  readonly version: string
  /**
   * @param from the version the draft was made of
   * @param over it goes over what somebody else saved, which stays in the history
   */
  readonly send: (
    draft: Draft,
    asked: { readonly from: string; readonly over: boolean },
  ) => Promise<Sent<Theirs>>
  readonly onChange: (saving: Saving<Theirs>) => void
  /** What the server has now, as far as is known here. */
  readonly onBase: (known: Draft) => void
}

/** How long a change waits for more of them, in milliseconds. */
const WAIT = 1_200
const LONGEST_PAUSE = 30_000

/**
 * Saves drafts one after another, the newest last, and never two at once. What cannot be sent is kept and tried again;
 * over what somebody else saved nothing is sent before `keepMine` or `takeTheirs`.
 */
export class Saver<Draft, Theirs> {
  readonly #options: SaverOptions<Draft, Theirs>
  #version: string
  #draft: { readonly value: Draft } | null = null
  #over = false
  #sending: Promise<void> | null = null
  #timer: ReturnType<typeof setTimeout> | null = null
  #failures = 0
  #conflict: { readonly version: string } | null = null

  constructor(options: SaverOptions<Draft, Theirs>) {
    this.#options = options
    this.#version = options.version
  }

  /** Whether something would be lost if the page were closed now. */
  get unsaved(): boolean {
    return this.#draft !== null || this.#sending !== null
  }

  edited(draft: Draft): void {
    this.#draft = { value: draft }
    if (this.#conflict !== null) return
    this.#options.onChange({ state: 'saving' })
    if (this.#timer === null && this.#sending === null) this.#wait(WAIT)
  }

  /** Sends what waits now; done when nothing is on its way. */
  async flush(): Promise<void> {
    this.#stop()
    while (this.#sending !== null) await this.#sending
    if (this.#draft === null || this.#conflict !== null) return
    this.#sending = this.#send(this.#draft.value)
    await this.#sending
  }

  /** What was edited here goes over theirs, which stays in the history. */
  async keepMine(draft: Draft): Promise<void> {
    if (this.#conflict === null) return
    this.#version = this.#conflict.version
    this.#conflict = null
    this.#over = true
    this.#draft = { value: draft }
    this.#options.onChange({ state: 'saving' })
    await this.flush()
  }

  /** Goes on from theirs: what was edited here is not saved. */
  takeTheirs(theirs: Draft): void {
    if (this.#conflict === null) return
    this.#options.onBase(theirs)
    this.#version = this.#conflict.version
    this.#conflict = null
    this.#draft = null
    this.#options.onChange({ state: 'saved' })
  }

  /** To be called when nobody looks any more. */
  stop(): void {
    this.#stop()
  }

  async #send(draft: Draft): Promise<void> {
    const sent = this.#draft
    this.#options.onChange({ state: 'saving' })
    const answer = await this.#options.send(draft, { from: this.#version, over: this.#over })
    this.#sending = null
    if (answer.result === 'saved') {
      this.#failures = 0
      this.#over = false
      this.#version = answer.version
      this.#options.onBase(draft)
      if (this.#draft === sent) {
        this.#draft = null
        this.#options.onChange({ state: 'saved' })
      } else this.#wait(WAIT)
    } else if (answer.result === 'conflict') {
      this.#conflict = { version: answer.version }
      this.#options.onChange({ state: 'conflict', theirs: answer.theirs })
    } else {
      const again = answer.result === 'unreachable'
      this.#options.onChange({ state: 'failed', why: answer.why, again })
      if (again) {
        this.#failures += 1
        this.#wait(Math.min(WAIT * 2 ** this.#failures, LONGEST_PAUSE))
      } else if (this.#draft !== sent) this.#wait(WAIT)
    }
  }

  #wait(milliseconds: number): void {
    this.#stop()
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.flush()
    }, milliseconds)
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}

/** What became of an event: for the inbox, in words. */
export interface Verdict {
  readonly status: 'PROCESSED' | 'IGNORED' | 'QUARANTINED'
  readonly outcome: string
  /** What the admin is told of once, however many events speak of it; by default the event itself. */
  readonly about?: string
}

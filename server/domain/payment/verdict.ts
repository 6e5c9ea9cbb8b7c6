/** What became of an event: for the inbox, in words. */
export interface Verdict {
  readonly status: 'PROCESSED' | 'IGNORED' | 'QUARANTINED'
  readonly outcome: string
}

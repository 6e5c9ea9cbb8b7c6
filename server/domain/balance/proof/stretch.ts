/** What a run of the proof looks at. */
export interface Stretch {
  /** All of the ledger, or only what came after a seal. */
  readonly scope: 'FULL' | 'INCREMENTAL'
  /** The seal it goes on from; 0: the beginning. */
  readonly sinceSeal: string
  /** The last transfer of that seal: looked at are the transfers after it, and the accounts they touch. */
  readonly sinceTransfer: string
}

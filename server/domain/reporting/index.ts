export { checkInvariants } from './check-invariants'
export { ledgerOverview } from './ledger-overview'
export { proveBooks } from './prove-books'
export { proveDue } from './prove-due'

export { type BalanceTransactionInput, createBalanceTransaction } from './create-balance-transaction'
export { decimal, exportTransactions, textCell } from './csv'
export {
  type Account,
  type Entry,
  type Posted,
  type Posting,
  postTransfer,
  postTransfers,
} from './post-transfer'
export { getBalances, listTransactions } from './queries'
export { verifyLedger } from './verify-ledger'

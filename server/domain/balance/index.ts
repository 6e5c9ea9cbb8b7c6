export { type BalanceTransactionInput, createBalanceTransaction } from './create-balance-transaction'
export { decimal, exportTransactions, textCell } from './csv'
export { type PlatformBalance, platformBalances } from './platform-balances'
export {
  type Account,
  type Entry,
  type Posted,
  type Posting,
  postTransfer,
  postTransfers,
} from './post-transfer'
export { getBalances, listTransactions } from './queries'
export { issueStatement, readStatement, statementFile } from './read-statement'
export { type SealStep, sealLedger } from './seal-ledger'
export { statementKeys } from './statement-keys'
export { statementCsv, statementPdf } from './statement-pdf'
export { type VerifyLedgerInput, verifyLedger } from './verify-ledger'
export { wrongStatements } from './wrong-statements'

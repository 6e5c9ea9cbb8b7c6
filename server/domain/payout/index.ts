export { approveWithdrawal } from './approve-withdrawal'
export { batchCsv, listBatches } from './batches'
export { closeAccount, closingView } from './close-account'
export { checkPayee, connectPayee } from './connect-payee'
export { createAdjustment } from './create-adjustment'
export { addPayoutDocument, readPayoutDocument } from './documents'
export { exportWithdrawals } from './export-withdrawals'
export { followWithdrawals } from './follow-withdrawals'
export { joinProgram } from './join-program'
export { makeBatch } from './make-batch'
export { applyPayoutEvent, completePayoutEvent, isOfPayouts } from './payout-events'
export { listAllWithdrawals, listWithdrawals, payoutTerms } from './queries'
export { requestWithdrawal } from './request-withdrawal'
export { sendAgain, sendWithdrawal } from './send-withdrawal'
export { setPayoutMethod } from './set-payout-method'
export { setTaxDetails, taxProfile } from './tax-details'
export { exportTaxSummary } from './tax-summary'
export { quoteWithdrawal } from './withdrawal-terms'
export {
  cancelWithdrawal,
  holdWithdrawal,
  markFailed,
  markPaid,
  markReturned,
  rejectWithdrawal,
  releaseWithdrawal,
} from './withdrawal-verbs'

export { approveWithdrawal } from './approve-withdrawal'
export { createAdjustment } from './create-adjustment'
export { exportWithdrawals } from './export-withdrawals'
export { joinProgram } from './join-program'
export { listAllWithdrawals, listWithdrawals, payoutTerms } from './queries'
export { requestWithdrawal } from './request-withdrawal'
export { setPayoutMethod } from './set-payout-method'
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

import type { Context } from '../../kit/context'
import { moveWithdrawal } from './move-withdrawal'
import type {
  AdminWithdrawalView,
  WithdrawalIdInput,
  WithdrawalPaidInput,
  WithdrawalReasonInput,
  WithdrawalView,
} from './schemas'

/** Takes back one's own request before it was approved; the money is available again. Errors as `moveWithdrawal`. */
export const cancelWithdrawal = async (ctx: Context, { id }: WithdrawalIdInput): Promise<WithdrawalView> => {
  const {
    user: _,
    firstApproval: __,
    documents: ___,
    ...withdrawal
  } = await moveWithdrawal(ctx, {
    id,
    to: 'CANCELLED',
    by: 'owner',
    money: 'back',
    action: 'withdrawal_cancelled',
  })
  return withdrawal
}

/** Refuses a request, or one that is on hold; the money is available again. Errors as `moveWithdrawal`. */
export const rejectWithdrawal = (
  ctx: Context,
  { id, reason }: WithdrawalReasonInput,
): Promise<AdminWithdrawalView> =>
  moveWithdrawal(ctx, {
    id,
    to: 'REJECTED',
    by: 'admin',
    set: { reason },
    money: 'back',
    mail: 'withdrawal-rejected',
    action: 'withdrawal_rejected',
  })

/** Keeps an approved one from being paid while somebody looks into it. Errors as `moveWithdrawal`. */
export const holdWithdrawal = (
  ctx: Context,
  { id, reason }: WithdrawalReasonInput,
): Promise<AdminWithdrawalView> =>
  moveWithdrawal(ctx, { id, to: 'ON_HOLD', by: 'admin', set: { reason }, action: 'withdrawal_held' })

/** Lets one that is on hold be paid after all. Errors as `moveWithdrawal`. */
export const releaseWithdrawal = (
  ctx: Context,
  { id, reason }: WithdrawalReasonInput,
): Promise<AdminWithdrawalView> =>
  moveWithdrawal(ctx, {
    id,
    to: 'APPROVED',
    by: 'admin',
    from: ['ON_HOLD'],
    set: { reason },
    action: 'withdrawal_released',
  })

/** Records that it was paid: by hand, or by a batch at PayPal or a bank. Errors as `moveWithdrawal`. */
export const markPaid = (
  ctx: Context,
  { id, reference }: WithdrawalPaidInput,
): Promise<AdminWithdrawalView> =>
  moveWithdrawal(ctx, {
    id,
    to: 'PAID',
    by: 'admin',
    set: { reference, paidAt: ctx.now() },
    money: 'paid',
    mail: 'withdrawal-paid',
    action: 'withdrawal_paid',
  })

/** Records that it could not be paid; the money is available again, once. Errors as `moveWithdrawal`. */
export const markFailed = (
  ctx: Context,
  { id, reason }: WithdrawalReasonInput,
): Promise<AdminWithdrawalView> =>
  moveWithdrawal(ctx, {
    id,
    to: 'FAILED',
    by: 'admin',
    set: { reason },
    money: 'back',
    mail: 'withdrawal-failed',
    action: 'withdrawal_failed',
  })

/** Records that a payment came back; the money is available again, once. Errors as `moveWithdrawal`. */
export const markReturned = (
  ctx: Context,
  { id, reason }: WithdrawalReasonInput,
): Promise<AdminWithdrawalView> =>
  moveWithdrawal(ctx, {
    id,
    to: 'RETURNED',
    by: 'admin',
    set: { reason },
    money: 'back',
    mail: 'withdrawal-failed',
    action: 'withdrawal_returned',
  })

import { z } from 'zod'
import { Transaction } from '../domain/balance/schemas'
import * as payout from '../domain/payout'
import {
  AddDocumentInput,
  AdminWithdrawalsInput,
  AdminWithdrawalsPage,
  AdminWithdrawalView,
  BatchesInput,
  BatchesPage,
  BatchView,
  ConnectPayeeInput,
  ConnectPayeeResult,
  CreateAdjustmentInput,
  DocumentFile,
  DocumentIdInput,
  DocumentView,
  ExportWithdrawalsInput,
  PayeeAccountView,
  PayoutMethodView,
  PayoutTerms,
  RequestWithdrawalInput,
  SetPayoutMethodInput,
  SetTaxDetailsInput,
  TaxProfileView,
  TaxSummaryInput,
  WithdrawalIdInput,
  WithdrawalPaidInput,
  WithdrawalQuote,
  WithdrawalReasonInput,
  WithdrawalsPage,
  WithdrawalView,
} from '../domain/payout/schemas'
import { PageInput } from '../kit/pages'
import { admin, limited, router, signedIn } from '../trpc'

const post = (path: `/${string}`, summary: string) => ({ http: { method: 'POST', path, summary } }) as const
const get = (path: `/${string}`, summary: string) => ({ http: { method: 'GET', path, summary } }) as const

export const payoutRouter = router({
  terms: signedIn
    .meta(get('/api/balance/payout-method', 'Where you are paid, masked, and the least that is paid out'))
    .output(PayoutTerms)
    .query(({ ctx }) => payout.payoutTerms(ctx)),

  // The password may be guessed here as it may at sign-in.
  setMethod: signedIn
    .meta(post('/api/balance/payout-method', 'Say where you want to be paid; confirmed by password'))
    .use(limited('sign-in'))
    .input(SetPayoutMethodInput)
    .output(PayoutMethodView)
    .mutation(({ ctx, input }) => payout.setPayoutMethod(ctx, input)),

  connect: signedIn
    .meta(
      post(
        '/api/balance/payout-method/stripe',
        'Go on at Stripe to be paid there; confirmed by password. Answers the address to go to, if there is anything left to do',
      ),
    )
    .use(limited('sign-in'))
    .input(ConnectPayeeInput)
    .output(ConnectPayeeResult)
    .mutation(({ ctx, input }) => payout.connectPayee(ctx, input)),

  checkPayee: signedIn
    .meta(post('/api/balance/payout-method/stripe/check', 'How your account at Stripe stands; null: none'))
    .output(PayeeAccountView.nullable())
    .mutation(({ ctx }) => payout.checkPayee(ctx)),

  addDocument: signedIn
    .meta(
      post(
        '/api/balance/payout-method/documents',
        'Attach a document (PDF, PNG or JPEG, base64) to your payout details',
      ),
    )
    .input(AddDocumentInput)
    .output(DocumentView)
    .mutation(({ ctx, input }) => payout.addPayoutDocument(ctx, input)),

  taxProfile: signedIn
    .meta(get('/api/balance/tax', 'Your tax details, masked'))
    .output(z.object({ profile: TaxProfileView.nullable() }))
    .query(async ({ ctx }) => ({ profile: await payout.taxProfile(ctx) })),

  setTax: signedIn
    .meta(post('/api/balance/tax', 'Put your tax details on file (W-9, W-8BEN or W-8BEN-E)'))
    .input(SetTaxDetailsInput)
    .output(TaxProfileView)
    .mutation(({ ctx, input }) => payout.setTaxDetails(ctx, input)),

  request: signedIn
    .meta(post('/api/balance/withdrawals', 'Ask for available balance to be paid out'))
    .input(RequestWithdrawalInput)
    .output(WithdrawalView)
    .mutation(({ ctx, input }) =>
      payout.requestWithdrawal(ctx, { ...input, attempt: ctx.request.idempotencyKey }),
    ),

  /** What one would get, before one asks for it. */
  quote: signedIn
    .input(RequestWithdrawalInput)
    .output(WithdrawalQuote)
    .query(({ ctx, input }) => payout.quoteWithdrawal(ctx, input)),

  list: signedIn
    .meta(get('/api/balance/withdrawals', 'Your withdrawals, newest first'))
    .input(PageInput)
    .output(WithdrawalsPage)
    .query(({ ctx, input }) => payout.listWithdrawals(ctx, input)),

  cancel: signedIn
    .meta(post('/api/balance/withdrawals/{id}/cancel', 'Take back a request before it is approved'))
    .input(WithdrawalIdInput)
    .output(WithdrawalView)
    .mutation(({ ctx, input }) => payout.cancelWithdrawal(ctx, input)),

  listAll: admin
    .meta(get('/api/admin/withdrawals', "Everyone's withdrawals, newest first"))
    .input(AdminWithdrawalsInput)
    .output(AdminWithdrawalsPage)
    .query(({ ctx, input }) => payout.listAllWithdrawals(ctx, input)),

  makeBatch: admin
    .meta(
      post(
        '/api/admin/withdrawals/batches',
        'Take all approved withdrawals that are paid by hand into a batch; they are being paid from now on',
      ),
    )
    .output(BatchView)
    .mutation(({ ctx }) => payout.makeBatch(ctx)),

  listBatches: admin
    .meta(get('/api/admin/withdrawals/batches', 'The batches there are, newest first'))
    .input(BatchesInput)
    .output(BatchesPage)
    .query(({ ctx, input }) => payout.listBatches(ctx, input)),

  /** With payout details in clear; its address is served beside the procedures. */
  batchCsv: admin
    .input(WithdrawalIdInput)
    .output(z.string())
    .query(({ ctx, input }) => payout.batchCsv(ctx, input)),

  /** With payout details masked; its address is served beside the procedures. */
  exportCsv: admin
    .input(ExportWithdrawalsInput)
    .output(z.string())
    .query(({ ctx, input }) => payout.exportWithdrawals(ctx, input)),

  /** With tax ids in clear, and noted in the log; its address is served beside the procedures. */
  taxSummary: admin
    .input(TaxSummaryInput)
    .output(z.string())
    .query(({ ctx, input }) => payout.exportTaxSummary(ctx, input)),

  /** Its address, which answers with the file itself, is served beside the procedures. */
  readDocument: admin
    .input(DocumentIdInput)
    .output(DocumentFile)
    .query(({ ctx, input }) => payout.readPayoutDocument(ctx, input)),

  approve: admin
    .meta(post('/api/admin/withdrawals/{id}/approve', 'Let a withdrawal be paid'))
    .input(WithdrawalIdInput)
    .output(AdminWithdrawalView)
    .mutation(({ ctx, input }) => payout.approveWithdrawal(ctx, input)),

  reject: admin
    .meta(post('/api/admin/withdrawals/{id}/reject', 'Refuse a withdrawal; the money goes back'))
    .input(WithdrawalReasonInput)
    .output(AdminWithdrawalView)
    .mutation(({ ctx, input }) => payout.rejectWithdrawal(ctx, input)),

  hold: admin
    .meta(post('/api/admin/withdrawals/{id}/hold', 'Keep an approved withdrawal from being paid'))
    .input(WithdrawalReasonInput)
    .output(AdminWithdrawalView)
    .mutation(({ ctx, input }) => payout.holdWithdrawal(ctx, input)),

  release: admin
    .meta(post('/api/admin/withdrawals/{id}/release', 'Let a held withdrawal be paid after all'))
    .input(WithdrawalReasonInput)
    .output(AdminWithdrawalView)
    .mutation(({ ctx, input }) => payout.releaseWithdrawal(ctx, input)),

  send: admin
    .meta(
      post(
        '/api/admin/withdrawals/{id}/send',
        'Ask the provider now what became of it, and send it if it is not sent',
      ),
    )
    .input(WithdrawalIdInput)
    .output(AdminWithdrawalView)
    .mutation(({ ctx, input }) => payout.sendAgain(ctx, input)),

  paid: admin
    .meta(post('/api/admin/withdrawals/{id}/paid', 'Record that a withdrawal was paid'))
    .input(WithdrawalPaidInput)
    .output(AdminWithdrawalView)
    .mutation(({ ctx, input }) => payout.markPaid(ctx, input)),

  fail: admin
    .meta(post('/api/admin/withdrawals/{id}/fail', 'Record that it could not be paid; the money goes back'))
    .input(WithdrawalReasonInput)
    .output(AdminWithdrawalView)
    .mutation(({ ctx, input }) => payout.markFailed(ctx, input)),

  return: admin
    .meta(post('/api/admin/withdrawals/{id}/return', 'Record that a payment came back; the money goes back'))
    .input(WithdrawalReasonInput)
    .output(AdminWithdrawalView)
    .mutation(({ ctx, input }) => payout.markReturned(ctx, input)),

  adjust: admin
    .meta(post('/api/admin/adjustments', "Add to a user's available balance or take from it, with a reason"))
    .input(CreateAdjustmentInput)
    .output(Transaction)
    .mutation(({ ctx, input }) =>
      payout.createAdjustment(ctx, { ...input, attempt: ctx.request.idempotencyKey }),
    ),
})

import { z } from 'zod'

import {
  exportTransactions,
  getBalances,
  listTransactions,
  readStatement,
  statementCsv,
  statementFile,
  statementPdf,
} from '../domain/balance'
import {
  Balance,
  StatementInput,
  TransactionsFilter,
  TransactionsInput,
  TransactionsPage,
} from '../domain/balance/schemas'

import { ledgerOverview, proveBooks } from '../domain/reporting'
import { LedgerOverview, Proof, VerifyInput } from '../domain/reporting/schemas'
import { admin, router, signedIn } from '../trpc'

export const balanceRouter = router({
  get: signedIn.output(z.array(Balance)).query(({ ctx }) => getBalances(ctx, ctx.person.userId)),

  transactions: signedIn
    .meta({
      http: { method: 'GET', path: '/api/balance/transactions', summary: 'Your statement, newest first' },
    })
    .input(TransactionsInput)
    .output(TransactionsPage)
    .query(({ ctx, input }) => listTransactions(ctx, { ...input, userId: ctx.person.userId })),

  /** The same as CSV; its address is served beside the procedures, for its answer is not JSON. */
  transactionsCsv: signedIn
    .input(TransactionsFilter)
    .output(z.string())
    .query(({ ctx, input }) => exportTransactions(ctx, { ...input, userId: ctx.person.userId })),

  /** A month, signed: the file's very bytes. Served beside the procedures, as are the two below. */
  statement: signedIn
    .input(StatementInput)
    .output(z.string())
    .query(async ({ ctx, input }) => statementFile(await readStatement(ctx, input))),

  /** Base64. */
  statementPdf: signedIn
    .input(StatementInput)
    .output(z.base64())
    .query(async ({ ctx, input }) => (await statementPdf(ctx, input)).toString('base64')),

  statementCsv: signedIn
    .input(StatementInput)
    .output(z.string())
    .query(({ ctx, input }) => statementCsv(ctx, input)),

  verify: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/ledger/verify',
        summary: 'Prove that the books add up: in full, or what is new (scope=incremental)',
      },
    })
    .input(VerifyInput)
    .output(Proof)
    .query(({ ctx, input }) =>
      proveBooks(ctx, { scope: input.scope === 'incremental' ? 'INCREMENTAL' : 'FULL' }),
    ),

  /** The books at a glance, and the proofs so far. */
  books: admin.output(LedgerOverview).query(({ ctx }) => ledgerOverview(ctx)),
})

import { z } from 'zod'
import { balancesWithSales } from '../domain/affiliate'
import {
  exportTransactions,
  issueStatement,
  listTransactions,
  readStatement,
  statementCsv,
  statementFile,
  statementPdf,
} from '../domain/balance'
import {
  BalanceWithSales,
  IssuedStatement,
  StatementInput,
  TransactionsFilter,
  TransactionsInput,
  TransactionsPage,
} from '../domain/balance/schemas'

import { examineBooks, ledgerOverview, proveBooks } from '../domain/reporting'
import { Examined, LedgerOverview, Proof, VerifyInput } from '../domain/reporting/schemas'
import { admin, router, signedIn } from '../trpc'

export const balanceRouter = router({
  get: signedIn.output(z.array(BalanceWithSales)).query(({ ctx }) => balancesWithSales(ctx)),

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

  issueStatement: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/balance/statements',
        summary: 'Issue the statement of a month that is over, for good',
      },
    })
    .input(StatementInput)
    .output(IssuedStatement)
    .mutation(async ({ ctx, input }) => {
      const { keyId, signature } = await issueStatement(ctx, input)
      return { ...input, keyId, signature }
    }),

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
    .output(Examined)
    .query(({ ctx, input }) =>
      examineBooks(ctx, { scope: input.scope === 'incremental' ? 'INCREMENTAL' : 'FULL' }),
    ),

  /** The same, and keeps what came out. */
  prove: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/ledger/verify',
        summary: 'Prove that the books add up, keep the proof, and tell of what was found',
      },
    })
    .input(VerifyInput)
    .output(Proof)
    .mutation(({ ctx, input }) =>
      proveBooks(ctx, { scope: input.scope === 'incremental' ? 'INCREMENTAL' : 'FULL' }),
    ),

  /** The books at a glance, and the proofs so far. */
  books: admin.output(LedgerOverview).query(({ ctx }) => ledgerOverview(ctx)),
})

import { z } from 'zod'
import * as program from '../domain/program'
import { ChangeProgramInput, ProgramView } from '../domain/program/schemas'
import { admin, router, visitor } from '../trpc'

export const programRouter = router({
  /** Per cent, two decimals: what a new seller and a new affiliate get. */
  rates: visitor.output(z.object({ seller: z.string(), referral: z.string() })).query(async ({ ctx }) => {
    const terms = await program.programAt(ctx)
    return { seller: terms.sellerCommissionPercentage, referral: terms.referralCommissionPercentage }
  }),

  get: admin
    .meta({ http: { method: 'GET', path: '/api/admin/program', summary: 'The settings of the programme' } })
    .output(ProgramView)
    .query(({ ctx }) => program.describeProgram(ctx)),

  change: admin
    .meta({
      http: {
        method: 'PATCH',
        path: '/api/admin/program',
        summary: 'Change settings of the programme, at once or from a moment on',
      },
    })
    .input(ChangeProgramInput)
    .output(ProgramView)
    .mutation(({ ctx, input }) => program.changeProgram(ctx, input)),
})

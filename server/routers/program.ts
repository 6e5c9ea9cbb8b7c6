import { z } from 'zod'
import * as program from '../domain/program'
import { ChangeProgramInput, ProgramView } from '../domain/program/schemas'
import { whatIf } from '../domain/reporting'
import { WhatIf, WhatIfInput } from '../domain/reporting/schemas'
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

  /** What the payments of the last months would have earned under other terms. Nothing is written. */
  whatIf: admin
    .input(WhatIfInput)
    .output(WhatIf)
    .query(({ ctx, input }) => whatIf(ctx, input)),

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

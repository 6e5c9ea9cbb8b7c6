import { type Context, inTransaction } from '../../kit/context'
import { findAccount } from './accounts'
import { normalizeEmail } from './email'
import { mailPasswordLink } from './mails'
import type { RequestPasswordResetInput } from './schemas'

/** Mails a link that sets a new password (60 minutes; older ones end) if the address has an account. Says nothing of it. */
export const requestPasswordReset = (ctx: Context, input: RequestPasswordResetInput): Promise<void> =>
  inTransaction(ctx, async (ctx) => {
    const user = await findAccount(ctx, normalizeEmail(input.email))
    if (user) await mailPasswordLink(ctx, user)
  })

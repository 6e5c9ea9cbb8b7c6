import { type Context, inTransaction, newId } from '../../kit/context'
import { enqueueJob } from '../../kit/queue'
import { normalizeEmail } from './email'
import type { RequestPasswordResetInput } from './schemas'

/**
 * Leaves `requestPasswordReset` to be done later. The address is not looked up here: the time this takes says nothing
 * of whether it has an account.
 */
export const askPasswordReset = (ctx: Context, input: RequestPasswordResetInput): Promise<void> =>
  inTransaction(ctx, (tx) =>
    enqueueJob(tx, {
      kind: 'identity.requestPasswordReset',
      key: `password-reset:${newId(tx)}`,
      payload: { email: normalizeEmail(input.email) },
    }),
  )

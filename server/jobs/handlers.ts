import { giveUpMail, sendMail } from '../domain/notification'
import { expireOrder, refundUnfulfillable } from '../domain/payment'
import { buryWebhook, processWebhook } from '../domain/webhook'
import type { Context } from '../kit/context'
import type { ClaimedJob, JobHandlers } from './worker'

/** What each kind of job does: one call into a domain. */
export const createHandlers = (ctx: Context): JobHandlers => {
  const as = (name: string): Context => ({ ...ctx, actor: { kind: 'job', name } })
  return {
    'webhook.process': ({ eventRowId }) => processWebhook(as('webhook.process'), eventRowId),
    'mail.send': ({ mailId }) => sendMail(as('mail.send'), mailId),
    'checkout.expire': async ({ orderId }) => void (await expireOrder(as('checkout.expire'), orderId)),
    'payment.refundUnfulfillable': ({ paymentId }) =>
      refundUnfulfillable(as('payment.refundUnfulfillable'), paymentId),
  }
}

/** What becomes of the thing a job was about when its last attempt has failed. */
export const createUndertaker =
  (ctx: Context) =>
  async (job: ClaimedJob, error: unknown): Promise<void> => {
    const reason = error instanceof Error ? error.message : String(error)
    if (job.kind === 'webhook.process' && typeof job.payload.eventRowId === 'string')
      await buryWebhook(ctx, job.payload.eventRowId, reason)
    if (job.kind === 'mail.send' && typeof job.payload.mailId === 'string')
      await giveUpMail(ctx, job.payload.mailId)
  }

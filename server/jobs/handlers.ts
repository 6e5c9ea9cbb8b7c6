import {
  grantBonuses,
  keepClickPartitions,
  processUnpaidCommissions,
  rollUpClicks,
} from '../domain/affiliate'
import { sealLedger } from '../domain/balance'
import { deliverToEndpoint, removeOldDeliveries } from '../domain/endpoint'
import { deleteExpiredSessions, requestPasswordReset } from '../domain/identity'
import { giveUpMail, sendDigests, sendMail } from '../domain/notification'
import {
  closeCheckout,
  endCheckout,
  endPlan,
  endSubscription,
  learnFee,
  learnSubscription,
  refundUnfulfillable,
  remindAddons,
  reportStuckRefund,
  reportUnsentRefund,
  sendRefund,
  syncCheckout,
  syncOrder,
  tellTrials,
} from '../domain/payment'
import { followWithdrawals, sendWithdrawal } from '../domain/payout'
import { collectPictures } from '../domain/picture'
import { proveDue, reportUnproved } from '../domain/reporting'
import { buryWebhook, processWebhook, sweepProviders } from '../domain/webhook'
import { removeContents, tellOwners } from '../domain/workspace'
import type { Context } from '../kit/context'
import { describeError } from '../kit/log'
import type { ClaimedJob, JobHandlers } from './worker'

/** What each kind of job does: one call into a domain. */
export const createHandlers = (ctx: Context): JobHandlers => {
  const as = (name: string): Context => ({ ...ctx, actor: { kind: 'job', name } })
  return {
    'webhook.process': ({ eventRowId }, attempt) =>
      processWebhook(as('webhook.process'), eventRowId, attempt),
    'mail.send': ({ mailId }) => sendMail(as('mail.send'), mailId),
    'checkout.expire': ({ orderId }) => endCheckout(as('checkout.expire'), orderId),
    'payment.refundUnfulfillable': ({ paymentId }) =>
      refundUnfulfillable(as('payment.refundUnfulfillable'), paymentId),
    'payment.endSubscription': ({ paymentId }) => endSubscription(as('payment.endSubscription'), paymentId),
    'payment.endPlan': ({ organizationId }) => endPlan(as('payment.endPlan'), organizationId),
    'payment.tellTrials': async () => void (await tellTrials(as('payment.tellTrials'))),
    'payment.remindAddons': async () => void (await remindAddons(as('payment.remindAddons'))),
    'affiliate.processCommissions': async () =>
      void (await processUnpaidCommissions(as('affiliate.processCommissions'))),
    'affiliate.grantBonuses': async () => void (await grantBonuses(as('affiliate.grantBonuses'))),
    'affiliate.rollUpClicks': async () => void (await rollUpClicks(as('affiliate.rollUpClicks'))),
    'affiliate.keepClickPartitions': async () =>
      void (await keepClickPartitions(as('affiliate.keepClickPartitions'))),
    'endpoint.deliver': ({ deliveryId }) => deliverToEndpoint(as('endpoint.deliver'), deliveryId),
    'endpoint.removeOld': async () => void (await removeOldDeliveries(as('endpoint.removeOld'))),
    'identity.deleteExpiredSessions': async () =>
      void (await deleteExpiredSessions(as('identity.deleteExpiredSessions'))),
    'picture.collect': async () => void (await collectPictures(as('picture.collect'))),
    'notification.sendDigests': async () => void (await sendDigests(as('notification.sendDigests'))),
    'identity.requestPasswordReset': (input) =>
      requestPasswordReset(as('identity.requestPasswordReset'), input),
    'payment.syncOrder': (input) => syncOrder(as('payment.syncOrder'), input),
    'payment.syncCheckout': ({ orderId }) => syncCheckout(as('payment.syncCheckout'), orderId),
    'payment.closeCheckout': ({ orderId }) => closeCheckout(as('payment.closeCheckout'), orderId),
    'payment.sendRefund': ({ refundId }) => sendRefund(as('payment.sendRefund'), refundId),
    'payout.send': ({ withdrawalId }) => sendWithdrawal(as('payout.send'), withdrawalId),
    'payout.followWithdrawals': () => followWithdrawals(as('payout.followWithdrawals')),
    'webhook.sweep': () => sweepProviders(as('webhook.sweep')),
    'workspace.tellOwners': ({ releaseId }) => tellOwners(as('workspace.tellOwners'), releaseId),
    'workspace.removeContents': async () => void (await removeContents(as('workspace.removeContents'))),
    'reporting.proveBooks': async () => void (await proveDue(as('reporting.proveBooks'))),
    'reporting.sealLedger': async () => void (await sealLedger(as('reporting.sealLedger'))),
    'payment.learnFee': ({ paymentId }) => learnFee(as('payment.learnFee'), paymentId),
    'payment.learnSubscription': ({ subscriptionId }) =>
      learnSubscription(as('payment.learnSubscription'), subscriptionId),
  }
}

/** What becomes of the thing a job was about when its last attempt has failed. */
export const createUndertaker =
  (ctx: Context) =>
  async (job: ClaimedJob, error: unknown): Promise<void> => {
    // Never the error's own message: that of a failed query holds every bound value.
    const reason = String(describeError(error).message ?? 'it failed')
    const { eventRowId, mailId, paymentId, refundId } = job.payload
    if (job.kind === 'webhook.process' && typeof eventRowId === 'string')
      await buryWebhook(ctx, eventRowId, reason)
    if (job.kind === 'mail.send' && typeof mailId === 'string') await giveUpMail(ctx, mailId)
    if (job.kind === 'payment.refundUnfulfillable' && typeof paymentId === 'string')
      await reportStuckRefund(ctx, paymentId, reason)
    if (job.kind === 'payment.sendRefund' && typeof refundId === 'string')
      await reportUnsentRefund(ctx, refundId, reason)
    if (job.kind === 'reporting.proveBooks') await reportUnproved(ctx, reason)
  }

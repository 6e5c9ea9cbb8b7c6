import type { AppLoadContext } from '@remix-run/node'
import { answerWebhook } from '../../server/http/webhook'

/** Stripe's webhook, as it comes from the network: nothing has read the body before. */
export const answerStripeWebhook = (context: AppLoadContext, request: Request): Promise<Response> =>
  answerWebhook(context.api, request, 'stripe')

/** MamoPay's, at either of its addresses. */
export const answerMamoWebhook = (context: AppLoadContext, request: Request): Promise<Response> =>
  answerWebhook(context.api, request, 'mamopay')

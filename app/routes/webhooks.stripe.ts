import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { answerStripeWebhook } from '~/lib/webhooks.server'

export const action = ({ context, request }: ActionFunctionArgs) => answerStripeWebhook(context, request)
export const loader = ({ context, request }: LoaderFunctionArgs) => answerStripeWebhook(context, request)

import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { answerMamoWebhook } from '~/lib/webhooks.server'

export const action = ({ context, request }: ActionFunctionArgs) => answerMamoWebhook(context, request)
export const loader = ({ context, request }: LoaderFunctionArgs) => answerMamoWebhook(context, request)

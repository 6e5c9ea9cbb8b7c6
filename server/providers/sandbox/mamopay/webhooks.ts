import { z } from 'zod'
import type { World } from '../world'
import { letter } from './events'
import { checked } from './links'
import { addMamo, changeMamo, findMamo } from './store'
import { type MamoObject, newMamoRef, unknownRecord, unprocessable } from './world'

const WebhookInput = z.object({
  url: z.url({ protocol: /^https?$/ }),
  enabled_events: z.array(z.string()).min(1),
  auth_header: z.string().min(1).max(50).optional(),
})

/** Nobody is registered who does not answer 200 first. @throws MamoError 422. */
export const registerWebhook = async (world: World, body: unknown): Promise<MamoObject> => {
  const input = readInput(body)
  await reach(input)
  return addMamo(world, 'webhook', { ...input, id: newMamoRef(world, 'MPB-WH') })
}

export const changeWebhook = async (world: World, id: string, body: unknown): Promise<MamoObject> => {
  const webhook = await findMamo(world, 'webhook', id, { lock: true })
  if (webhook === null) throw unknownRecord('Webhook')
  const input = readInput(body)
  await reach({ auth_header: String(webhook.auth_header ?? ''), ...input })
  return changeMamo(world, webhook, input)
}

const readInput = (body: unknown) => {
  const { url, enabled_events: events } = (body ?? {}) as { url?: unknown; enabled_events?: unknown }
  const missing = [
    ...(url === undefined ? ['Url is missing'] : []),
    ...(events === undefined ? ['Enabled_events is missing'] : []),
  ]
  if (missing.length > 0) throw unprocessable('See errors', 'VALIDATION_FAILED', missing)
  return checked(WebhookInput, body)
}

const reach = async (input: { url: string; auth_header?: string | undefined }): Promise<void> => {
  const { url, body, headers } = letter(input.url, input.auth_header ?? '', { ping: 'pong' })
  const status = await fetch(url, {
    method: 'POST',
    body,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
  })
    .then(async (response) => {
      await response.body?.cancel()
      return response.status
    })
    .catch(() => null)
  if (status !== 200) throw unprocessable('Webhook is unreachable')
}

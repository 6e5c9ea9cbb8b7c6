import type { Tone } from '~/components/ui'
import type { WebhookStatus } from '../../../server/domain/webhook/schemas'

/** What became of an event, in words. */
export const WEBHOOK_STATUS: Readonly<Record<WebhookStatus, { words: string; tone: Tone }>> = {
  QUARANTINED: { words: 'Set aside', tone: 'warning' },
  DEAD: { words: 'Given up', tone: 'danger' },
  RECEIVED: { words: 'Waiting', tone: 'info' },
  PROCESSED: { words: 'Done', tone: 'good' },
  IGNORED: { words: 'Not acted upon', tone: 'neutral' },
}

export const isWebhookStatus = (text: string): text is WebhookStatus => Object.hasOwn(WEBHOOK_STATUS, text)

/** A body as it is best read: JSON indented, anything else as it came. */
export const readableBody = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

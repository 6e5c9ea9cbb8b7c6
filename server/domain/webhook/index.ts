export { buryWebhook, processWebhook } from './process-webhook'
export { listWebhookEvents, readWebhookEvent } from './queries'
export { type Received, receiveWebhook } from './receive-webhook'
export { replayWebhook } from './replay-webhook'

export { buryWebhook, processWebhook } from './process-webhook'
export { type Received, receiveWebhook } from './receive-webhook'

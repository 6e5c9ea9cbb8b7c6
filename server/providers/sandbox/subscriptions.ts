import { missing } from './api-error'
import { emit } from './events'
import { changeObject, findObject } from './store'
import { type StripeObject, seconds, type World } from './world'

/** Ends a subscription now; what is over already is not found any more. @throws ApiError 404 */
export const cancelSubscription = async (world: World, id: string): Promise<StripeObject> => {
  const subscription = await findObject(world, id, 'subscription', { lock: true })
  if (subscription === null || subscription.status === 'canceled')
    throw missing('subscription', id, 'subscription')
  return endNow(world, subscription, 'cancellation_requested')
}

const endNow = async (world: World, subscription: StripeObject, reason: string): Promise<StripeObject> => {
  const at = seconds(world.now())
  const ended = await changeObject(world, subscription, {
    status: 'canceled',
    canceled_at: subscription.canceled_at ?? at,
    ended_at: at,
    cancellation_details: { comment: null, feedback: null, reason },
  })
  await emit(world, 'customer.subscription.deleted', ended)
  return ended
}

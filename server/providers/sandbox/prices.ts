import { ApiError, badParameter } from './api-error'
import type { ListPrices, NewPrice } from './parameters'
import { addObject, listObjects } from './store'
import { newRef, type StripeObject, seconds, type World } from './world'

/** @throws ApiError 400 when the lookup key is taken. */
export const createPrice = async (world: World, input: NewPrice): Promise<StripeObject> => {
  if (
    input.lookup_key !== undefined &&
    (await pricesOf(world, { lookup_keys: [input.lookup_key] })).length > 0
  )
    throw badParameter('lookup_key', 'A price already uses that lookup key.')
  const product = await addObject(world, {
    id: newRef(world, 'prod'),
    object: 'product',
    active: true,
    created: seconds(world.now()),
    description: null,
    livemode: false,
    metadata: {},
    name: input.product_data.name,
    type: 'service',
    updated: seconds(world.now()),
  })
  return addObject(world, {
    id: newRef(world, 'price'),
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: seconds(world.now()),
    currency: input.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: input.lookup_key ?? null,
    metadata: input.metadata ?? {},
    nickname: input.nickname ?? null,
    product: product.id,
    recurring: input.recurring
      ? {
          interval: input.recurring.interval,
          interval_count: input.recurring.interval_count ?? 1,
          meter: null,
          trial_period_days: null,
          usage_type: 'licensed',
        }
      : null,
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: input.recurring ? 'recurring' : 'one_time',
    unit_amount: input.unit_amount,
    unit_amount_decimal: String(input.unit_amount),
  })
}

export const pricesOf = async (world: World, { lookup_keys: keys }: ListPrices): Promise<StripeObject[]> => {
  if (keys !== undefined && keys.length > 10)
    throw new ApiError(400, 'At most 10 lookup keys.', { param: 'lookup_keys' })
  const all = await listObjects(world, { types: ['price'], limit: 1_000 })
  return all.filter(({ lookup_key: key }) => keys === undefined || keys.includes(String(key)))
}

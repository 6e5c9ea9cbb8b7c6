import { ApiError } from './api-error'
import { findObject, listObjects } from './store'
import type { StripeObject, World } from './world'

/** Stripe expands four levels deep. */
const DEPTH = 4

/**
 * Replaces ids by the objects they name, as `expand` asks.
 * @param paths such as payment_intent.latest_charge or data.customer
 * @throws ApiError 400 when a path leads nowhere.
 */
export const expand = async (
  world: World,
  object: StripeObject | ListObject | (Record<string, unknown> & { readonly object: string }),
  paths: readonly string[],
): Promise<Record<string, unknown>> => {
  let expanded: Record<string, unknown> = { ...object }
  for (const path of paths) {
    const steps = path.split('.')
    if (steps.length > DEPTH)
      throw new ApiError(400, `You cannot expand more than ${DEPTH} levels of a property.`, {
        param: 'expand',
      })
    expanded = await expandStep(world, expanded, steps, path)
  }
  return expanded
}

export interface ListObject {
  readonly object: 'list'
  readonly data: readonly Record<string, unknown>[]
  readonly has_more: boolean
  readonly url: string
}

export const toList = (objects: readonly StripeObject[], url: string, limit = 100): ListObject => ({
  object: 'list',
  data: objects.slice(0, limit),
  has_more: objects.length > limit,
  url,
})

const expandStep = async (
  world: World,
  object: Record<string, unknown>,
  [step = '', ...rest]: string[],
  path: string,
): Promise<Record<string, unknown>> => {
  const value = await included(world, object, step)
  if (value === undefined)
    throw new ApiError(400, `This property cannot be expanded (${path}).`, { param: 'expand' })
  return { ...object, [step]: await expandValue(world, value, rest, path) }
}

const expandValue = async (world: World, value: unknown, rest: string[], path: string): Promise<unknown> => {
  if (value === null) return null
  if (Array.isArray(value)) return Promise.all(value.map((item) => expandValue(world, item, rest, path)))
  const object = typeof value === 'string' ? await findObject(world, value) : value
  if (typeof object !== 'object' || object === null)
    throw new ApiError(400, `This property cannot be expanded (${path}).`, { param: 'expand' })
  return rest.length === 0 ? object : expandStep(world, object as Record<string, unknown>, rest, path)
}

/** Some members are there only when they are asked for. */
const included = async (world: World, object: Record<string, unknown>, step: string): Promise<unknown> => {
  const id = String(object.id)
  if (object.object === 'invoice' && step === 'payments')
    return toList(
      await listObjects(world, { types: ['invoice_payment'], where: { invoice: id } }),
      `/v1/invoice_payments?invoice=${id}`,
    )
  if (object.object === 'charge' && step === 'refunds')
    return toList(
      await listObjects(world, { types: ['refund'], where: { charge: id } }),
      `/v1/charges/${id}/refunds`,
    )
  if (object.object === 'checkout.session' && step === 'line_items') return lineItems(world, id)
  return object[step]
}

/** What a session sells, in the order it was given. */
export const lineItems = async (world: World, sessionId: string): Promise<ListObject> => {
  const order = await findObject(world, `${sessionId}:order`)
  const items = (order?.line_items ?? []) as StripeObject[]
  return toList(items, `/v1/checkout/sessions/${sessionId}/line_items`)
}

import { ApiError, badParameter } from './api-error'
import type { NewCoupon } from './parameters'
import { addObject, findObject } from './store'
import { newRef, type StripeObject, seconds, type World } from './world'

/** A code that lowers what is paid, and for how long. */
export interface Coupon {
  readonly code: string
  readonly percentOff: number
  /** How many invoices it lowers; null: all of them. */
  readonly invoices: number | null
  readonly words: string
}

const COUPONS: readonly Coupon[] = [
  { code: 'WELCOME20', percentOff: 20, invoices: 1, words: '20 % off the first payment' },
  { code: 'HALF3', percentOff: 50, invoices: 3, words: '50 % off three payments' },
  { code: 'FIRSTFREE', percentOff: 100, invoices: 1, words: 'the first period for nothing' },
  { code: 'TENOFF', percentOff: 10, invoices: null, words: '10 % off every payment' },
]

/** The codes there are. */
export const couponCodes = (): readonly Coupon[] => COUPONS

export const findCoupon = (code: string): Coupon | null =>
  COUPONS.find((one) => one.code === code.trim().toUpperCase()) ?? null

/** What is taken off an amount: a part of it, or a fixed amount. */
export interface Off {
  readonly percentOff: number
  readonly amountOff?: number
}

/** What a coupon takes off an amount, as Stripe rounds it; never more than there is. */
export const discountOf = (off: Off | null | undefined, amount: number): number =>
  amount <= 0 || off == null
    ? 0
    : off.amountOff === undefined
      ? Math.round((amount * off.percentOff) / 100)
      : Math.min(off.amountOff, amount)

/** Keeps a coupon of the application's. @throws ApiError 400 resource_already_exists */
export const createCoupon = async (world: World, input: NewCoupon): Promise<StripeObject> => {
  const id = input.id ?? newRef(world, 'coupon')
  if ((input.percent_off === undefined) === (input.amount_off === undefined))
    throw badParameter('percent_off', 'You must pass exactly one of percent_off or amount_off.')
  if ((input.amount_off === undefined) !== (input.currency === undefined))
    throw badParameter('currency', 'You must pass currency when passing amount_off.')
  if ((input.duration === 'repeating') !== (input.duration_in_months !== undefined))
    throw badParameter('duration_in_months', 'You must pass duration_in_months with duration repeating only.')
  if ((await findObject(world, id)) !== null)
    throw new ApiError(400, 'Coupon already exists.', { code: 'resource_already_exists', param: 'id' })
  return addObject(world, {
    id,
    object: 'coupon',
    amount_off: input.amount_off ?? null,
    created: seconds(world.now()),
    currency: input.currency ?? null,
    duration: input.duration,
    duration_in_months: input.duration_in_months ?? null,
    livemode: false,
    max_redemptions: null,
    metadata: {},
    name: input.name ?? null,
    percent_off: input.percent_off ?? null,
    redeem_by: null,
    times_redeemed: 0,
    valid: true,
  })
}

/** A coupon's discount on a subscription of this rhythm (null: one payment). */
export const discountBy = (
  coupon: StripeObject,
  recurring: { readonly interval: string; readonly interval_count: number } | null,
): Off & { invoices: number | null } => {
  const off =
    coupon.amount_off === null
      ? { percentOff: Number(coupon.percent_off) }
      : { percentOff: 0, amountOff: Number(coupon.amount_off) }
  if (coupon.duration === 'forever') return { ...off, invoices: null }
  if (coupon.duration === 'once' || recurring === null) return { ...off, invoices: 1 }
  const months = (recurring.interval === 'year' ? 12 : 1) * recurring.interval_count
  return { ...off, invoices: Math.ceil(Number(coupon.duration_in_months) / months) }
}

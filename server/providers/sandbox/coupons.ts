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

/** What a coupon takes off an amount, as Stripe rounds it. */
export const discountOf = (percentOff: number, amount: number): number =>
  amount <= 0 ? 0 : Math.round((amount * percentOff) / 100)

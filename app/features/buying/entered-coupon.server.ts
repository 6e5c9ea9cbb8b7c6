import { type Api, failureOf } from '~/lib/api.server'
import type { Entered } from './coupon-box'

/** The link or listing that is bought; neither: a plan. */
type Of = { readonly token?: string; readonly slug?: string }

/** What the code in a page's address does; one that does not count is said, and the page stays. */
export const enteredCoupon = async (api: Api, request: Request, of: Of = {}): Promise<Entered> => {
  const typed = (new URL(request.url).searchParams.get('coupon') ?? '').trim().slice(0, 200)
  if (typed === '') return { typed, coupon: null, problem: null }
  try {
    const coupon = await api.coupons.enter({ code: typed, ...of })
    return { typed, coupon, problem: null }
  } catch (error) {
    return { typed, coupon: null, problem: failureOf(error, request).message }
  }
}

import { countLinkClick } from '../domain/affiliate'
import type { ApiContext } from '../trpc'
import type { HttpCall } from './env'
import { isVisit, visitorOf } from './referral'

/**
 * Counts a visit of the page of a seller's link that showed what it sells. Nothing is kept on the visitor's device. No
 * request fails because counting did.
 */
export const countLinkVisit = async (call: HttpCall, api: ApiContext, shown: boolean): Promise<void> => {
  const { pathname, searchParams } = new URL(call.req.url)
  const token = /^\/buy\/([^/]+\.[^/]+\.[^/]+?)\/?$/.exec(pathname)?.[1]
  if (token === undefined || !shown || searchParams.has('_data') || !isVisit(call.req.raw)) return
  try {
    await countLinkClick(api, token, await visitorOf(call, api))
  } catch (error) {
    call.set('failure', error)
  }
}

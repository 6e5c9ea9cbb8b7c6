import { fromDecimal } from '../../mamopay/decimals'
import type { World } from '../world'
import type { MamoCardOutcome } from './cards'
import { NOT_AUTHENTICATED } from './cards'
import { makeCharge, type Payer } from './charges'
import { changeMamo, findMamo, listMamo } from './store'
import { subscribe } from './subscriptions'
import type { MamoObject } from './world'

export type MamoAttempt =
  | { readonly kind: 'paid'; readonly charge: MamoObject; readonly link: MamoObject }
  | { readonly kind: 'failed'; readonly charge: MamoObject; readonly link: MamoObject }
  | { readonly kind: 'authenticate' }
  | { readonly kind: 'over' }

/** Tries to pay a link, in one transaction. Two at once pay once where the link can be paid once. */
export const payLink = (
  world: World,
  id: string,
  payer: Payer,
  outcome: MamoCardOutcome,
): Promise<MamoAttempt> =>
  withLink(world, id, async (inside, link) => {
    if (outcome.kind === 'authenticates') {
      await changeMamo(inside, link, { _pending: { ...payer } })
      return { kind: 'authenticate' }
    }
    return charge(inside, link, payer, outcome.kind === 'fails' ? outcome.failure : null)
  })

/** The end of the 3-D Secure step. */
export const authenticateLink = (world: World, id: string, succeeded: boolean): Promise<MamoAttempt> =>
  withLink(world, id, async (inside, link) => {
    const payer = link._pending as Payer | null
    if (payer === null) return { kind: 'over' }
    const answered = await changeMamo(inside, link, { _pending: null })
    return charge(inside, answered, payer, succeeded ? null : NOT_AUTHENTICATED)
  })

const charge = async (
  world: World,
  link: MamoObject,
  payer: Payer,
  failure: Parameters<typeof makeCharge>[3]['failure'],
): Promise<MamoAttempt> => {
  const made = await makeCharge(world, link, payer, { failure, told: 'charge' })
  if (failure !== null) return { kind: 'failed', charge: made, link }
  await subscribe(world, link, payer)
  return { kind: 'paid', charge: made, link }
}

const withLink = (
  world: World,
  id: string,
  work: (inside: World, link: MamoObject) => Promise<MamoAttempt>,
): Promise<MamoAttempt> =>
  world.db.transaction(async (db) => {
    const inside = { ...world, db }
    const link = await findMamo(inside, 'link', id, { lock: true })
    return link === null || !(await canBePaid(inside, link)) ? { kind: 'over' } : work(inside, link)
  })

/** Active, and not yet paid as often as it may be; how often is not kept to for a subscription. */
export const canBePaid = async (world: World, link: MamoObject): Promise<boolean> => {
  if (link.active !== true) return false
  if (typeof link.capacity !== 'number' || link.subscription !== null) return true
  return (await paymentsOf(world, link)).length < link.capacity
}

/** Of a link, those that were captured, the latest first. */
export const paymentsOf = async (world: World, link: MamoObject): Promise<MamoObject[]> =>
  (await listMamo(world, 'charge', { payment_link_id: link.id })).filter(
    ({ amount, amount_currency: currency, status }) =>
      status !== 'failed' && (fromDecimal(amount, currency) ?? 0n) > 0n,
  )

/** Where the payer goes on; what is added proves nothing. Null: the link names no address. */
export const returnAddress = (link: MamoObject, charge: MamoObject): string | null => {
  const captured = charge.status !== 'failed'
  const address = captured ? link.return_url : (link.failure_return_url ?? link.return_url)
  if (typeof address !== 'string') return null
  const url = new URL(address)
  url.searchParams.set('createdAt', String(charge.created_date))
  url.searchParams.set('paymentLinkId', link.id)
  url.searchParams.set('status', captured ? 'captured' : 'failed')
  url.searchParams.set('transactionId', charge.id)
  return url.toString()
}

import type { ChargeSnapshot, PaymentProvider, ProviderMode } from '../../kit/ports'
import { list, record, text } from '../stripe/json'
import { createMamoClient, type MamoSettings, rows, unavailable } from './client'
import { canCharge, linkParams } from './create-link'
import { isPing } from './envelope'
import { bellOf, listCharges } from './list-charges'
import { createPayouts } from './payouts'
import { readEvent } from './read-event'
import { refundCharge } from './refund'
import { readCharge, readCheckout, readSubscribers } from './snapshots'
import { verifyWebhook } from './verify-webhook'

export { PRODUCTION_BASE } from './client'

export interface MamoOptions extends MamoSettings {
  /** What MamoPay sends along as the Authorization of its webhooks; two while one is being replaced. */
  readonly webhookSecrets: readonly string[]
  readonly mode: ProviderMode
}

/**
 * MamoPay, through its HTTP interface. A checkout is a payment link made for one order; a payment's intent and its
 * charge are one and the same.
 * Every call throws DomainError 503 PROVIDER_UNAVAILABLE or 422 PROVIDER_REFUSED when MamoPay does not do it.
 */
export const createMamoProvider = (options: MamoOptions): PaymentProvider => {
  const client = createMamoClient(options)
  /** Renamed to payments; both paths are served, the newer one not everywhere. */
  const fetchCharge = async (ref: string, checkoutRef: string | null = null) => {
    const name = encodeURIComponent(ref)
    const found = (await client.get(`/payments/${name}`)) ?? (await client.get(`/charges/${name}`))
    if (found === null) return null
    const charge = readCharge(record(found), checkoutRef)
    if (charge === null || charge.ref !== ref) throw unavailable('MamoPay’s charge could not be read.')
    return charge
  }
  return {
    name: 'mamopay',
    mode: options.mode,
    canCharge,
    oneAmountForEver: true,

    createCheckout: async (request) => {
      const link = record(await client.post('/links', linkParams(request)))
      const [ref, url] = [text(link.id), text(link.payment_url)]
      if (ref === null || url === null || !/^https?:/.test(url))
        throw unavailable('MamoPay’s payment link has no address.')
      return { ref, url, expiresAt: null }
    },

    fetchCheckout: async (ref) => {
      const found = await client.get(`/links/${encodeURIComponent(ref)}`)
      if (found === null) return null
      const link = record(found)
      const charges: ChargeSnapshot[] = []
      // What is listed there lacks the currency: those in which money moved are read one by one.
      for (const listed of list(link.charges).slice(0, MOST_CHARGES)) {
        const id = text(listed.id)
        if (id === null || !MOVED.has(text(listed.status) ?? '')) continue
        const charge = await fetchCharge(id, ref)
        if (charge !== null) charges.push(charge)
      }
      const checkout = readCheckout(link, charges)
      if (checkout === null) throw unavailable('MamoPay’s payment link has no amount that can be read.')
      return checkout
    },

    fetchSubscription: async (ref) => {
      const path = `/subscriptions/${encodeURIComponent(ref)}`
      const subscribers = await client.get(`${path}/subscribers`)
      if (subscribers === null) return null
      return readSubscribers(ref, rows(subscribers), rows(await client.get(`${path}/payments`)))
    },

    refund: (input) => refundCharge(client, fetchCharge, input),

    fetchRefunds: async ({ chargeId, paymentIntentId }) => {
      const ref = chargeId ?? paymentIntentId
      return ref === null ? null : ((await fetchCharge(ref))?.refunds ?? null)
    },

    listCharges: (page) => listCharges(client, fetchCharge, page),

    // It lists no disputes and answers none by name.
    fetchDispute: async () => null,

    doorbell: {
      isPing,
      fetchCharge,
      closeCheckout: async (ref) => {
        await client.patch(`/links/${encodeURIComponent(ref)}`, { active: false })
      },
      listSubscriptionCharges: async (ref) => {
        const found = await client.get(`/subscriptions/${encodeURIComponent(ref)}/payments`)
        if (found === null) return null
        return rows(found).flatMap((one) => (one.status === 'captured' ? (text(one.identifier) ?? []) : []))
      },
      bellOf: (charge) => bellOf(charge, options.mode === 'live'),
    },
    payouts: createPayouts(client),

    verifyWebhook: (webhook) =>
      verifyWebhook({ webhookSecrets: options.webhookSecrets, live: options.mode === 'live' }, webhook),
    readEvent,
  }
}

const MOST_CHARGES = 20
const MOVED = new Set(['captured', 'refund_initiated', 'refunded', 'voided'])

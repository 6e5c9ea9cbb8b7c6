import type { ChargeSnapshot, Listed, ListedCharge, ListedEvent } from '../../kit/ports'
import { integer, record, text } from '../stripe/json'
import { type MamoClient, rows, unavailable } from './client'
import { readCharge } from './snapshots'

/**
 * Charges made at or after a moment, page by page. MamoPay lists all there are, latest first, and filters nothing: the
 * pages end where one has a charge that is older. One whose age it does not say counts as new.
 */
export const listCharges = async (
  client: MamoClient,
  fetchCharge: (ref: string) => Promise<ChargeSnapshot | null>,
  { since, cursor }: { readonly since: Date; readonly cursor: string | null },
): Promise<Listed<ListedCharge>> => {
  const page = Number(cursor ?? 1)
  const query = `?page=${page}&per_page=${PER_PAGE}`
  const found = (await client.get(`/payments${query}`)) ?? (await client.get(`/charges${query}`))
  if (found === null) throw unavailable('MamoPay’s list of charges could not be read.')
  const charges: ChargeSnapshot[] = []
  for (const row of rows(found)) {
    const id = text(row.id)
    // What a list leaves out, the charge itself says.
    const charge = readCharge(row) ?? (id === null ? null : await fetchCharge(id))
    if (charge !== null) charges.push(charge)
  }
  const fresh = charges.filter(({ madeAt }) => madeAt == null || madeAt >= since)
  const { next_page: next } = record(record(found).pagination_meta)
  return {
    items: fresh.map((charge) => ({ ...charge, paymentIntentId: charge.ref, customerRef: null })),
    next: fresh.length < charges.length || integer(next) === null ? null : String(next),
  }
}

const PER_PAGE = 100

/** Named after how far the charge has come: found twice, it is one event. */
export const bellOf = (charge: ChargeSnapshot, live: boolean): ListedEvent => {
  const { ref, state, refunded, subscriptionId, madeAt } = charge
  const type =
    state === 'failed'
      ? `${subscriptionId === null ? 'charge' : 'subscription'}.failed`
      : refunded > 0n
        ? 'charge.refunded'
        : 'charge.succeeded'
  return {
    event: {
      eventId: `found:${ref}:${state}:${refunded}`,
      type,
      apiVersion: null,
      livemode: live,
      occurredAt: madeAt ?? new Date(0),
      unsigned: true,
    },
    body: JSON.stringify({ id: ref, event_type: type }),
  }
}

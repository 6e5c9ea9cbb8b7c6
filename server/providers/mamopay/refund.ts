import { refused } from '../../kit/errors'
import type { ChargeSnapshot, PaymentProvider, RefundSnapshot } from '../../kit/ports'
import { type MamoClient, notSent, unavailable } from './client'
import { toNumber } from './decimals'

type Input = Parameters<PaymentProvider['refund']>[0]

/**
 * Gives a charge back, or a part of it. MamoPay knows no idempotency keys, so the charge is read first: what was given
 * back of it and is not known here is what an earlier try of ours did, and is answered instead of done once more. What
 * an earlier try may have handed over is only looked for, however long it is not shown.
 * @throws DomainError 422 PROVIDER_REFUSED (nothing was given back), NotSentError (nothing was asked for),
 * 503 (it may have been given back: look again, with `handedOver`).
 */
export const refundCharge = async (
  client: MamoClient,
  fetchCharge: (ref: string) => Promise<ChargeSnapshot | null>,
  { paymentIntentId: chargeId, amount, known, handedOver = false }: Input,
): Promise<RefundSnapshot> => {
  if (amount.currency !== 'AED')
    throw refused(
      'PROVIDER_REFUSED',
      `MamoPay gives back AED only. Give these ${amount.currency} back in its dashboard; it is booked when MamoPay tells of it.`,
    )
  if (amount.amount < LEAST) throw refused('PROVIDER_REFUSED', 'MamoPay gives back 1.00 or more.')
  const before = await fetchCharge(chargeId).catch((error: Error) => {
    throw notSent(error.message)
  })
  if (before === null)
    throw handedOver ? notShown() : refused('PROVIDER_REFUSED', 'MamoPay knows no such charge.')
  const earlier = madeSince(before, amount.amount, known ?? { refs: [], refunded: 0n })
  if (earlier !== null) return earlier
  if (handedOver) throw notShown()
  if (before.refunding) throw notSent('MamoPay is still giving back another part of this. Try again later.')
  await client.post(`/charges/${encodeURIComponent(chargeId)}/refunds`, { amount: toNumber(amount) })
  // It was taken: whatever goes wrong now, nobody may believe that it was not.
  const after = await fetchCharge(chargeId).catch(() => null)
  const seen = { refs: before.refunds.map(({ ref }) => ref), refunded: before.refunded }
  const made = after === null ? null : madeSince(after, amount.amount, seen)
  if (made === null) throw notShown()
  return made
}

const notShown = () =>
  unavailable(
    'MamoPay may have taken a refund and does not show it. It is not sent again: look in MamoPay’s dashboard.',
  )

/** Minor units. */
const LEAST = 100n

/** A refund of this amount that is not among the known ones; by the sum, where MamoPay does not tell them apart. */
const madeSince = (
  charge: ChargeSnapshot,
  amount: bigint,
  known: NonNullable<Input['known']>,
): RefundSnapshot | null => {
  const { currency } = charge.paid
  if (charge.refunds.length > 0)
    return charge.refunds.find((one) => !known.refs.includes(one.ref) && one.amount.amount === amount) ?? null
  if (charge.refunded - known.refunded < amount) return null
  return {
    ref: `${charge.ref}:refunded:${known.refunded + amount}`,
    requestId: null,
    amount: { amount, currency },
    status: 'succeeded',
  }
}

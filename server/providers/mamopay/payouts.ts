import { DomainError } from '../../kit/errors'
import {
  PayoutRefusedError,
  type PayoutRequest,
  type PayoutService,
  type PayoutSnapshot,
} from '../../kit/ports'
import { type Json, record, text } from '../stripe/json'
import { type MamoClient, rows, unavailable } from './client'
import { fromDecimal, toDecimal } from './decimals'

const reasonOf = (withdrawalId: string): string => `Payout ${withdrawalId}`

/**
 * Disbursements to a bank account, in AED. MamoPay knows no idempotency keys and lists no disbursements: the reason
 * carries our id, which its webhook and reading one back tell again, and nothing is sent a second time here.
 */
export const createPayouts = (client: MamoClient): PayoutService => ({
  kind: 'MAMOPAY',

  canPay: ({ amount, currency }) => currency === 'AED' && amount > 0n,

  send: async (request) => {
    const sent = rows(await issue(client, request))
    const made = sent.length === 1 ? readDisbursement(record(sent[0])) : null
    if (made === null) throw unavailable('MamoPay’s answer to a payout could not be read.')
    return { ...made, withdrawalId: request.withdrawalId }
  },

  lookFor: reasonOf,

  /** @throws DomainError 503 without a reference: whether anything was sent cannot be asked, so it is never answered. */
  find: async ({ withdrawalId, ref }) => {
    if (ref === null)
      throw unavailable(
        `MamoPay cannot be asked for a payout by our number. Somebody has to look in MamoPay’s dashboard for the reason “${reasonOf(withdrawalId)}”.`,
      )
    const found = await client.get(`/disbursements/${encodeURIComponent(ref)}`)
    if (found === null) return null
    const snapshot = readDisbursement(record(found))
    if (snapshot === null) throw unavailable('MamoPay’s payout could not be read.')
    return snapshot
  },
})

const issue = async (client: MamoClient, { withdrawalId, amount, destination }: PayoutRequest) => {
  if (destination.kind !== 'MAMOPAY' || amount.currency !== 'AED' || amount.amount <= 0n)
    throw new PayoutRefusedError('MamoPay pays out AED to a bank account only.')
  try {
    return await client.post('/disbursements', {
      disbursements: [
        {
          first_name_or_business_name: destination.name.trim(),
          last_name: '',
          account: destination.iban.replace(/\s/g, '').toUpperCase(),
          transfer_method: 'BANK_ACCOUNT',
          reason: reasonOf(withdrawalId),
          amount: toDecimal(amount),
        },
      ],
    })
  } catch (error) {
    if (error instanceof DomainError && error.status === 422) throw new PayoutRefusedError(error.message)
    throw error
  }
}

/** Ours, out of the reason of a disbursement; null where it is somebody else's. */
export const withdrawalOf = (reason: unknown): string | null =>
  /^Payout ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text(reason) ?? '')?.[1] ?? null

/** As the interface answers it (`amount_formatted`, "Processing") and as a webhook tells it (`amount`, "processed"). */
const readDisbursement = (body: Json): PayoutSnapshot | null => {
  const ref = text(body.identifier) ?? text(body.id)
  const currency = text(body.currency) ?? text(body.amount_currency) ?? 'AED'
  const amount = fromDecimal(body.amount_formatted ?? body.amount, currency)
  const status = STATUS[text(body.status)?.toLowerCase() ?? '']
  if (ref === null || amount === null || amount <= 0n || status === undefined) return null
  return {
    ref,
    withdrawalId: withdrawalOf(body.reason),
    amount: { amount, currency },
    status,
    returned: 0n,
    fee: null,
    reason: status === 'failed' ? 'MamoPay could not pay it out.' : null,
  }
}

const STATUS: Readonly<Record<string, PayoutSnapshot['status']>> = {
  processing: 'processing',
  processed: 'paid',
  failed: 'failed',
}

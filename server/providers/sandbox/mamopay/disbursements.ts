import { z } from 'zod'
import { fromDecimal, toDecimal, toNumber } from '../../mamopay/decimals'
import type { World } from '../world'
import { tell } from './events'
import { addMamo, changeMamo, findMamo } from './store'
import { type MamoObject, newMamoRef, reversedDay, stamp, unknownRecord, unprocessable } from './world'

const Row = z.object({
  first_name_or_business_name: z.string().trim().min(1),
  last_name: z.string().optional(),
  account: z.string().regex(/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/),
  transfer_method: z.literal('BANK_ACCOUNT'),
  reason: z.string().min(1),
  amount: z.string(),
})

const WRONG: Readonly<Record<string, string>> = {
  first_name_or_business_name: "Recipient first name can't be blank",
  account: 'Account is not a valid IBAN',
  transfer_method: 'Transfer method is not included in the list',
  reason: "Reason can't be blank",
  amount: 'Amount is invalid',
}

/** Sends money out: all of them or none. @throws MamoError 422. */
export const disburse = async (world: World, body: unknown): Promise<Record<string, unknown>[]> => {
  const given = (body as { disbursements?: unknown } | null)?.disbursements
  if (!Array.isArray(given) || given.length === 0) throw invalid('Disbursements can not be blank')
  const rows = given.map((row, place) => {
    const read = Row.safeParse(row)
    const field = read.success ? 'amount' : String(read.error.issues[0]?.path[0])
    const amount = read.success ? fromDecimal(read.data.amount, 'AED') : null
    if (!read.success || amount === null || amount <= 0n)
      throw invalid(`Row ${place + 1} is invalid: ${WRONG[field] ?? 'it is not a row'}`)
    return { ...read.data, minor: amount }
  })
  const made: MamoObject[] = []
  for (const row of rows)
    made.push(
      await addMamo(world, 'disbursement', {
        id: newMamoRef(world, 'MPB-DISBMT'),
        name: `${row.first_name_or_business_name} ${row.last_name ?? ''}`.trim(),
        amount_formatted: toDecimal({ amount: row.minor, currency: 'AED' }),
        currency: 'AED',
        method: 'Bank account',
        recipient: row.account,
        created_at: reversedDay(world.now()),
        status: 'Processing',
        reason: row.reason,
      }),
    )
  return made.map(presentDisbursement)
}

/** Its number is of MamoPay's own; its identifier is what it is asked for by. */
export const presentDisbursement = ({ id, ...rest }: MamoObject): Record<string, unknown> => ({
  id: Number.parseInt(id.slice(-6), 16),
  identifier: id,
  ...rest,
})

/** The bank took it, or did not. A webhook tells it in another shape than the interface. */
export const finishDisbursement = async (
  world: World,
  id: string,
  status: 'Processed' | 'Failed',
): Promise<void> => {
  const disbursement = await findMamo(world, 'disbursement', id, { lock: true })
  if (disbursement === null) throw unknownRecord('Merchant::Disbursement')
  if (disbursement.status !== 'Processing') throw unprocessable('This disbursement is over already')
  await changeMamo(world, disbursement, { status })
  const amount = fromDecimal(disbursement.amount_formatted, 'AED') ?? 0n
  await tell(world, `payout.${status.toLowerCase()}`, {
    reason: disbursement.reason,
    id,
    name: disbursement.name,
    amount: toNumber({ amount, currency: 'AED' }),
    amount_currency: 'AED',
    method: disbursement.method,
    recipient: disbursement.recipient,
    created_at: stamp(world.now()),
    status: status.toLowerCase(),
  })
}

const invalid = (message: string) => unprocessable(message, 'INVALID_ATTRIBUTES')

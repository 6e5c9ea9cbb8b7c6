import type { Context } from '../../kit/context'
import { open, seal } from '../../kit/sealed'
import type { PayoutDetails } from './schemas'

export const sealDetails = (ctx: Context, rowId: string, method: PayoutDetails): Buffer =>
  seal(ctx, 'payout-details', rowId, Buffer.from(JSON.stringify(method)))

/** @throws Error when the row was altered, or sealed under another secret. */
export const openDetails = (ctx: Context, rowId: string, sealed: Buffer): PayoutDetails =>
  JSON.parse(open(ctx, 'payout-details', rowId, sealed).toString()) as PayoutDetails

/** Enough to know one's own by, too little for anyone else. */
export const maskDetails = (method: PayoutDetails): string => {
  switch (method.kind) {
    case 'STRIPE':
      return `acct_•••${method.details.account.slice(-4)}`
    case 'PAYPAL': {
      const { email } = method.details
      return `${email.slice(0, 1)}•••${email.slice(email.lastIndexOf('@'))}`
    }
    case 'BANK':
      return method.details.iban === undefined ? '•••' : maskIban(method.details.iban)
    case 'MAMOPAY':
      return maskIban(method.details.iban)
    case 'MANUAL':
      return '•••'
  }
}

const maskIban = (iban: string): string => `${iban.slice(0, 2)}•• •••• ${iban.slice(-4)}`

import { parsePrice } from '~/features/selling/price'
import { textFields } from '~/lib/forms'

const FIELDS = [
  'affiliate',
  'code',
  'percentage',
  'amount',
  'currency',
  'lasts',
  'months',
  'scope',
  'expiresAt',
  'maxUses',
] as const

/** What a code's form says → the API's input, or what is wrong with which field. Times are UTC. */
export const couponInput = (form: FormData) => {
  const typed = textFields(form, FIELDS)
  const faults: Record<string, string> = {}
  const currency = typed.currency.trim().toUpperCase()
  const price = typed.amount.trim() === '' ? null : parsePrice(typed.amount, currency || 'USD')
  if (price?.fault !== undefined) faults.amount = price.fault
  if (price !== null && currency === '') faults.currency = 'Which currency the amount is of.'
  const whole = (text: string) => (/^\d{1,12}$/.test(text.trim()) ? Number(text) : Number.NaN)
  const optional = {
    ...(typed.expiresAt === '' ? {} : { expiresAt: momentOf(typed.expiresAt) }),
    ...(typed.maxUses === '' ? {} : { maxUses: whole(typed.maxUses) }),
  }
  const common = {
    code: typed.code,
    months: typed.lasts === 'EVER' ? null : typed.lasts === 'MONTHS' ? whole(typed.months) : 0,
    ...optional,
  }
  return {
    typed,
    faults,
    own: { ...common, percentage: typed.percentage },
    admin: {
      ...common,
      affiliate: typed.affiliate.trim(),
      ...(typed.percentage.trim() === '' ? {} : { percentage: typed.percentage }),
      ...(price?.amount === undefined ? {} : { amount: { amount: price.amount, currency } }),
      scope: (typed.scope || 'ALL') as 'ALL',
    },
  }
}

/** A browser's local time is taken as UTC; what is no time is for the schema to refuse. */
const momentOf = (text: string): string => (/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}:00Z` : text)

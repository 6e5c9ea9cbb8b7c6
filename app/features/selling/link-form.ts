import { formatMoney, minorDigits } from '~/lib/format'
import type { GenerateAffiliateLinkInput } from '../../../server/domain/affiliate/schemas'
import type { Plan } from './offer-words'
import { parsePrice } from './price'

/** The form's fields, named as the input's members are, so that its faults find their field. */
export const LINK_FIELDS = [
  'name',
  'workspaceId',
  'offer.mode',
  'offer.price.amount',
  'offer.price.currency',
  'offer.frequency',
  'offer.frequencyInterval',
  'offer.freeTrialPeriodInDays',
  'planType',
  'expiresAt',
  'maxUses',
] as const

export type LinkField = (typeof LINK_FIELDS)[number]
export type LinkValues = Readonly<Record<LinkField, string>>

export const LINK_LABELS: Readonly<Record<LinkField, string>> = {
  workspaceId: 'Workspace',
  name: 'Name',
  'offer.mode': 'How it is paid',
  'offer.price.amount': 'Price',
  'offer.price.currency': 'Currency',
  'offer.frequencyInterval': 'Every',
  'offer.frequency': 'Paid',
  'offer.freeTrialPeriodInDays': 'Free trial days',
  planType: 'Plan included',
  expiresAt: 'Last day',
  maxUses: 'How many copies',
}

export type ReadLinkForm =
  | { readonly input: GenerateAffiliateLinkInput; readonly faults?: never }
  | { readonly input?: never; readonly faults: Readonly<Partial<Record<LinkField, string>>> }

/** What was typed → what is asked of the API, or what cannot be read. What is readable but wrong the API refuses. */
export const readLinkForm = (values: LinkValues): ReadLinkForm => {
  const faults: Partial<Record<LinkField, string>> = {}
  const whole = (field: LinkField, empty: number | undefined): number | undefined => {
    const text = values[field].trim()
    if (text === '') return empty
    if (/^\d{1,9}$/.test(text)) return Number(text)
    faults[field] = 'A whole number, please.'
    return empty
  }
  const currency = values['offer.price.currency']
  const price = parsePrice(values['offer.price.amount'], currency)
  const fault = price.fault ?? chargeFault(price.amount, currency)
  if (fault !== undefined) faults['offer.price.amount'] = fault
  if (values.name.trim() === '') faults.name = 'Give it a name; only you see it.'
  if (values.workspaceId === '') faults.workspaceId = 'Choose what to sell.'
  const expiresAt = endOfDay(values.expiresAt)
  if (expiresAt === null) faults.expiresAt = 'A day such as 2027-01-31.'
  const maxUses = whole('maxUses', undefined)
  const subscription = values['offer.mode'] === 'SUBSCRIPTION'
  const frequencyInterval = subscription ? whole('offer.frequencyInterval', 1) : 1
  const freeTrialPeriodInDays = subscription ? whole('offer.freeTrialPeriodInDays', 0) : 0
  if (Object.keys(faults).length > 0) return { faults }
  const money = { amount: price.amount ?? 0, currency }
  return {
    input: {
      name: values.name,
      workspaceId: values.workspaceId,
      ...(subscription
        ? {
            planType: values.planType as Plan,
            offer: {
              mode: 'SUBSCRIPTION',
              price: money,
              frequency: values['offer.frequency'] === 'YEARLY' ? 'YEARLY' : 'MONTHLY',
              frequencyInterval: frequencyInterval ?? 1,
              freeTrialPeriodInDays: freeTrialPeriodInDays ?? 0,
            },
          }
        : { offer: { mode: 'ONE_OFF', price: money } }),
      ...(expiresAt === undefined || expiresAt === null ? {} : { expiresAt }),
      ...(maxUses === undefined ? {} : { maxUses }),
    },
  }
}

/** What the providers do not charge, in the words of a price; the API tells programs the same in minor units. */
const chargeFault = (amount: number, currency: string): string | undefined => {
  const digits = minorDigits(currency)
  if (amount > MOST) return `At most ${formatMoney({ amount: MOST, currency })}.`
  if (digits === 2 && amount > 0 && amount < LEAST)
    return `0 for free, or at least ${formatMoney({ amount: LEAST, currency })}.`
  if (digits === 3 && amount % 10 !== 0) return `The third decimal of ${currency} has to be 0.`
  return undefined
}

const MOST = 99_999_999
const LEAST = 50

/** '2027-01-31' → its last moment in UTC; nothing for nothing; null for what is no day. */
const endOfDay = (text: string): string | null | undefined => {
  const day = text.trim()
  if (day === '') return undefined
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T23:59:59.999Z`) : new Date(Number.NaN)
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(day) ? moment.toISOString() : null
}

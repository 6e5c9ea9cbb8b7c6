import { formatMoney, plural } from '~/lib/format'
import type { Offer } from '../../../server/domain/marketplace/schemas'

export type { Offer }
export type Plan = 'FREE' | 'BUSINESS' | 'AGENCY'

export const PLAN_NAMES: Readonly<Record<Plan, string>> = {
  FREE: 'Free',
  BUSINESS: 'Business',
  AGENCY: 'Agency',
}

/** '115.00 USD once', '49.00 USD a month', '90.00 USD every 3 months', 'Free'. */
export const priceWords = (offer: Offer): string => {
  const price = formatMoney(offer.price)
  if (offer.mode === 'ONE_OFF') return offer.price.amount === 0 ? 'Free' : `${price} once`
  return `${price} ${periodWords(offer)}`
}

/** An offer in a line, with all that is part of it: '49.00 USD a month, 14 days free first, includes the Business plan'. */
export const offerWords = (offer: Offer, planType: Plan): string =>
  [
    priceWords(offer),
    trialWords(offer),
    offer.mode === 'SUBSCRIPTION' && planType !== 'FREE' && `includes the ${PLAN_NAMES[planType]} plan`,
  ]
    .filter(Boolean)
    .join(', ')

/** '14 days free first', or nothing without a trial. */
export const trialWords = (offer: Offer): string | null =>
  offer.mode === 'SUBSCRIPTION' && offer.freeTrialPeriodInDays > 0
    ? `${plural(offer.freeTrialPeriodInDays, 'day')} free first`
    : null

/** 'a month', 'every 2 years'; nothing for what is paid once. */
export const periodWords = (offer: Offer): string => {
  if (offer.mode === 'ONE_OFF') return ''
  const unit = offer.frequency === 'YEARLY' ? 'year' : 'month'
  return offer.frequencyInterval === 1 ? `a ${unit}` : `every ${plural(offer.frequencyInterval, unit)}`
}

import type { ComparedDay, Difference, SweepRun } from '../../../server/domain/webhook/schemas'

export const PROVIDERS: Readonly<Record<string, string>> = { stripe: 'Stripe', mamopay: 'MamoPay' }

/** What of a charge differs, in words. */
export const DIFFERENCE: Readonly<Record<Difference['kind'], string>> = {
  NOT_BOOKED: 'Charged there, not booked here',
  NOT_THERE: 'Booked here, not known there',
  AMOUNT: 'Another amount was charged',
  REFUNDED: 'Another amount was given back',
}

const COUNTED: readonly (readonly [of: string, one: string, many: string])[] = [
  ['events', 'event', 'events'],
  ['charges', 'charge', 'charges'],
  ['orders', 'open order', 'open orders'],
  ['subscriptions', 'subscription', 'subscriptions'],
  ['days', 'day compared', 'days compared'],
]

/** What a sweep looked at, in words. */
export const lookedAt = ({ checked }: Pick<SweepRun, 'checked'>): string =>
  COUNTED.flatMap(([of, one, many]) => {
    const count = checked[of]
    return count === undefined ? [] : `${count.toLocaleString('en')} ${count === 1 ? one : many}`
  }).join(', ')

/** What became of what a sweep found, in words. */
export const foundBy = ({ found, done }: Pick<SweepRun, 'found' | 'done'>): string => {
  if (found === 0) return 'Nothing was missing'
  const parts = [
    done.processed > 0 ? `${done.processed} processed` : '',
    done.waiting > 0 ? `${done.waiting} waiting` : '',
    done.aside > 0 ? `${done.aside} set aside` : '',
  ].filter((part) => part !== '')
  return `${found} missing: ${parts.join(', ')}`
}

/** Charges that differ, each with its day, newest first. */
export const differencesOf = (
  days: readonly ComparedDay[],
): (Difference & { readonly provider: string; readonly day: string; readonly currency: string })[] =>
  days.flatMap(({ provider, day, charged, differences }) =>
    differences.map((one) => ({ ...one, provider, day, currency: charged.there.currency })),
  )

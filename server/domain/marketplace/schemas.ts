import { z } from 'zod'
import { CurrencyCode, currencyExponent, MoneyJson } from '../../kit/money'
import { Plan } from '../../kit/plans'

const Frequency = z.enum(['MONTHLY', 'YEARLY'])

/** A price a provider can take: nothing, or at least 50 minor units; of three decimals the last is 0. */
const Price = z
  .strictObject({
    amount: z.int().min(0).max(99_999_999, 'More than can be charged.'),
    currency: CurrencyCode,
  })
  .superRefine(({ amount, currency }, check) => {
    if (!CurrencyCode.safeParse(currency).success) return
    const digits = currencyExponent(currency)
    if (digits === 2 && amount > 0 && amount < 50)
      check.addIssue({ code: 'custom', path: ['amount'], message: 'Nothing, or at least 50 minor units.' })
    if (digits === 3 && amount % 10 !== 0)
      check.addIssue({ code: 'custom', path: ['amount'], message: 'A multiple of 10 minor units.' })
  })

const Interval = z.int().min(1).max(12)

const OneOffOffer = z.strictObject({ mode: z.literal('ONE_OFF'), price: Price })
/** Clients that send one shape for every offer send a period too. It means nothing, so long as there is no trial. */
const OneOffOfferInput = OneOffOffer.extend({
  frequency: Frequency.optional(),
  frequencyInterval: Interval.optional(),
  freeTrialPeriodInDays: z.literal(0, 'A one-off offer has no trial.').optional(),
})
const SubscriptionOffer = z
  .strictObject({
    mode: z.literal('SUBSCRIPTION'),
    price: Price,
    frequency: Frequency.default('MONTHLY'),
    frequencyInterval: Interval.default(1),
    freeTrialPeriodInDays: z.int().min(0).max(730).default(0),
  })
  .refine(({ frequency, frequencyInterval }) => frequency !== 'YEARLY' || frequencyInterval <= 3, {
    path: ['frequencyInterval'],
    message: 'At most 3 years.',
  })

/** What a buyer pays and gets. */
export const Offer = z.discriminatedUnion('mode', [OneOffOffer, SubscriptionOffer])
export type Offer = z.infer<typeof Offer>

/** An offer as it is asked for. */
export const OfferInput = z.discriminatedUnion('mode', [OneOffOfferInput, SubscriptionOffer])
export type OfferInput = z.infer<typeof OfferInput>

/** Under which terms a person would sell now. */
export const SellingTerms = z.object({
  planType: Plan,
  /** Per cent, two decimals: the rate a new link takes. */
  commissionPercentage: z.string(),
  /** What each plan costs by itself: a subscription that includes it costs no less. */
  plans: z.array(z.object({ plan: Plan, monthly: MoneyJson, yearly: MoneyJson })),
})
export type SellingTerms = z.infer<typeof SellingTerms>

import { Card, DescriptionList, Money } from '~/components/ui'
import type { SellingTerms } from '../../../server/domain/marketplace/schemas'
import { earningsOf, percent, restPercent } from './earnings'
import type { LinkValues } from './link-form'
import { type Offer, offerWords, type Plan } from './offer-words'

interface EarningsPreviewProps {
  readonly rate: SellingTerms['commissionPercentage']
  /** What is in the form; null while its price cannot be read. */
  readonly offer: Offer | null
  readonly planType: Plan
}

/** What the buyer will pay, and how it will be shared: before the link is made. */
export const EarningsPreview = ({ rate, offer, planType }: EarningsPreviewProps) => {
  const earnings = offer === null ? null : earningsOf(offer.price, rate)
  return (
    <Card title="What you will earn">
      <div className="stack" aria-live="polite">
        <DescriptionList
          items={[
            { term: 'The buyer pays', value: offer === null ? '–' : offerWords(offer, planType) },
            {
              term: `You earn (${percent(rate)})`,
              value: earnings === null ? '–' : <Money value={earnings.seller} />,
            },
            {
              term: `The platform keeps (${restPercent(rate)})`,
              value: earnings === null ? '–' : <Money value={earnings.platform} />,
            },
          ]}
        />
        <p className="muted">
          Of each payment, less its tax; a discount lowers it, a refund takes your share back in proportion.
          Your rate of {percent(rate)} is frozen into the link: later changes do not touch it. The platform
          pays referrers and payment fees from its part.
        </p>
      </div>
    </Card>
  )
}

/** The offer in a form, as far as it can be read. */
export const offerIn = (values: Partial<LinkValues>, amount: number | undefined): Offer | null => {
  if (amount === undefined) return null
  const price = { amount, currency: values['offer.price.currency'] ?? 'USD' }
  if (values['offer.mode'] !== 'SUBSCRIPTION') return { mode: 'ONE_OFF', price }
  return {
    mode: 'SUBSCRIPTION',
    price,
    frequency: values['offer.frequency'] === 'YEARLY' ? 'YEARLY' : 'MONTHLY',
    frequencyInterval: Number(values['offer.frequencyInterval']) || 1,
    freeTrialPeriodInDays: Number(values['offer.freeTrialPeriodInDays']) || 0,
  }
}

import { Form } from '@remix-run/react'
import { Badge, Button, ButtonLink, Card } from '~/components/ui'
import { PLAN_NAMES } from '~/features/workspace/states'
import { formatDate, formatMoney } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { CurrentPlan, PlanOffers } from '../../../server/domain/payment/schemas'
import { limitLines } from './plan-words'

type Offer = PlanOffers['plans'][number]

interface PlanCardsProps {
  readonly plan: CurrentPlan
  readonly offers: PlanOffers
}

/** The plans beside each other, each with what it allows and the way to it. */
export const PlanCards = ({ plan, offers }: PlanCardsProps) => (
  <div className="plans">
    {offers.plans.map((offer) => (
      <Card
        key={offer.planType}
        title={PLAN_NAMES[offer.planType]}
        actions={offer.planType === plan.planType && <Badge tone="good">Your plan now</Badge>}
      >
        <p className="plan-price">
          <strong>{formatMoney(offer.monthly)}</strong> a month
          {offer.yearly.amount > 0 && <span className="muted"> or {formatMoney(offer.yearly)} a year</span>}
        </p>
        <ul className="plan-limits">
          {limitLines(offer.limits).map((line) => (
            <li key={line}>{line}</li>
          ))}
          <li>{offer.canSell ? 'Sell copies of your workspaces' : 'Buy copies, not sell them'}</li>
        </ul>
        <Way plan={plan} offer={offer} />
      </Card>
    ))}
  </div>
)

const Way = ({ plan, offer }: { readonly plan: CurrentPlan; readonly offer: Offer }) => {
  if (plan.subscription !== null)
    return offer.planType === 'FREE' ? null : (
      <div className="actions">
        <ButtonLink to={paths.billing()}>See your subscription</ButtonLink>
      </div>
    )
  if (offer.planType === 'FREE')
    return <p className="muted">What is left without a subscription or a trial.</p>
  return <Choose plan={plan} offer={offer} />
}

const Choose = ({ plan, offer }: { readonly plan: CurrentPlan; readonly offer: Offer }) => {
  const name = PLAN_NAMES[offer.planType]
  const afterTrial = plan.trialEndsAt !== null && offer.planType === 'BUSINESS'
  return (
    <Form method="post" className="stack">
      <input type="hidden" name="plan" value={offer.planType} />
      {afterTrial && plan.trialEndsAt !== null && (
        <label className="check">
          <input type="checkbox" name="afterTrial" defaultChecked />
          <span>Pay nothing before my trial ends on {formatDate(plan.trialEndsAt)}</span>
        </label>
      )}
      <div className="actions">
        <Button name="cycle" value="MONTHLY" variant="primary">
          {name} for {formatMoney(offer.monthly)} a month
        </Button>
        <Button name="cycle" value="YEARLY">
          {name} for {formatMoney(offer.yearly)} a year
        </Button>
      </div>
    </Form>
  )
}

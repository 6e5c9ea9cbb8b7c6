import { Form } from '@remix-run/react'
import { Badge, Button, ButtonLink, Card } from '~/components/ui'
import { PLAN_NAMES } from '~/features/workspace/states'
import { formatDate, formatMoney } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { CurrentPlan, PlanOffers } from '../../../server/domain/payment/schemas'
import { CYCLES, limitLines, type Subscription } from './plan-words'

type Offer = PlanOffers['plans'][number]

interface PlanCardsProps {
  readonly plan: CurrentPlan
  readonly offers: PlanOffers
  /** A code that was entered. */
  readonly coupon: string | null
}

/** The plans beside each other, each with what it allows and the way to it. */
export const PlanCards = ({ plan, offers, coupon }: PlanCardsProps) => (
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
        <Way plan={plan} offer={offer} coupon={coupon} />
      </Card>
    ))}
  </div>
)

interface WayProps {
  readonly plan: CurrentPlan
  readonly offer: Offer
  readonly coupon: string | null
}

const Way = ({ plan, offer, coupon }: WayProps) => {
  const { subscription } = plan
  if (subscription !== null) return <Change subscription={subscription} offer={offer} />
  if (offer.planType === 'FREE')
    return <p className="muted">What is left without a subscription or a trial.</p>
  return <Choose plan={plan} offer={offer} coupon={coupon} />
}

/** To what a change would cost; nothing is changed by going there. */
const Change = ({ subscription, offer }: { readonly subscription: Subscription; readonly offer: Offer }) => {
  const name = PLAN_NAMES[offer.planType]
  if (offer.planType === 'FREE')
    return subscription.ends ? null : (
      <div className="actions">
        <ButtonLink to={paths.billing()}>Cancel on the billing page</ButtonLink>
      </div>
    )
  if (!subscription.canChange) return null
  const cycles = (['MONTHLY', 'YEARLY'] as const).filter(
    (cycle) => subscription.planType !== offer.planType || subscription.billingCycle !== cycle,
  )
  return (
    <div className="actions">
      {cycles.map((cycle) => (
        <ButtonLink
          key={cycle}
          to={paths.billingChange(offer.planType, cycle)}
          variant={cycles.length === 2 && cycle === 'MONTHLY' ? 'primary' : 'secondary'}
          wide
        >
          <span className="visually-hidden">Change to {name} for </span>
          {formatMoney(cycle === 'MONTHLY' ? offer.monthly : offer.yearly)} {CYCLES[cycle].each}
        </ButtonLink>
      ))}
    </div>
  )
}

const Choose = ({ plan, offer, coupon }: WayProps) => {
  const name = PLAN_NAMES[offer.planType]
  const afterTrial = plan.trialEndsAt !== null && offer.planType === 'BUSINESS'
  return (
    <Form method="post" className="stack" reloadDocument>
      <input type="hidden" name="plan" value={offer.planType} />
      {coupon !== null && <input type="hidden" name="coupon" value={coupon} />}
      {afterTrial && plan.trialEndsAt !== null && (
        <label className="check">
          <input type="checkbox" name="afterTrial" defaultChecked />
          <span>Pay nothing before my trial ends on {formatDate(plan.trialEndsAt)}</span>
        </label>
      )}
      <div className="actions">
        <Button name="cycle" value="MONTHLY" variant="primary" wide>
          <span className="visually-hidden">{name} for </span>
          {formatMoney(offer.monthly)} a month
        </Button>
        <Button name="cycle" value="YEARLY" wide>
          <span className="visually-hidden">{name} for </span>
          {formatMoney(offer.yearly)} a year
        </Button>
      </div>
    </Form>
  )
}

import { Alert } from '~/components/ui'
import { PLAN_NAMES, type Plan } from './offer-words'

interface NeedsAgencyProps {
  readonly planType: Plan
  /** There are links already, made while the plan allowed it. */
  readonly selling?: boolean
}

/** Why nothing can be sold now, and how that changes. */
export const NeedsAgency = ({ planType, selling = false }: NeedsAgencyProps) => (
  <Alert tone="warning" title="Selling takes the Agency plan">
    Your plan is {PLAN_NAMES[planType]}. Ask whoever runs this place to give your account the Agency plan;
    nothing in your workspaces changes by it.
    {selling && ' Until then your links tell whoever opens them that they are not available.'}
  </Alert>
)

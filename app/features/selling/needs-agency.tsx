import { Link, useRouteLoaderData } from '@remix-run/react'
import { Alert, CopyField } from '~/components/ui'
import { paths } from '~/lib/paths'
import type { loader as rootLoader } from '~/root'
import { PLAN_NAMES, type Plan } from './offer-words'

interface NeedsAgencyProps {
  readonly planType: Plan
  /** There are links already, made while the plan allowed it. */
  readonly selling?: boolean
}

/** Why nothing can be sold now, how that changes, and the name under which an admin finds the account. */
export const NeedsAgency = ({ planType, selling = false }: NeedsAgencyProps) => {
  const viewer = useRouteLoaderData<typeof rootLoader>('root')?.viewer
  return (
    <Alert tone="warning" title="Selling takes the Agency plan">
      <div className="stack">
        <p>
          Your plan is {PLAN_NAMES[planType]}. <Link to={paths.billingUpgrade()}>Choose Agency</Link>, or ask
          whoever runs this place to give it to your account; nothing in your workspaces changes by it.
          {selling && ' Until then your links tell whoever opens them that they are not available.'}
        </p>
        {viewer && <CopyField label="Your user id, which they need for it" value={viewer.id} />}
      </div>
    </Alert>
  )
}

import { Link } from '@remix-run/react'
import { PLAN_NAMES } from '~/features/workspace/states'
import { formatMoney, formatNumber } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { CurrentPlan } from '../../../server/domain/payment/schemas'
import { USAGE_LABELS } from './plan-words'

type Usage = CurrentPlan['usage'][number]

/** How much of each limit is used, what is left, and what would raise it. */
export const UsageList = ({ usage }: { readonly usage: CurrentPlan['usage'] }) => (
  <ul className="usage">
    {usage.map((one) => (
      <li key={one.what}>
        <span>
          {USAGE_LABELS[one.what]}
          {one.where !== null && <span className="muted"> ({one.where})</span>}
        </span>
        <span className="usage-figure">{figureWords(one)}</span>
        {one.limit !== null && (
          <meter
            aria-hidden="true"
            min={0}
            max={Math.max(one.limit, 1)}
            value={Math.min(one.used, one.limit)}
            high={one.limit * 0.9}
          />
        )}
        <Raise usage={one} />
      </li>
    ))}
  </ul>
)

const figureWords = ({ used, limit, left }: Usage): string => {
  if (limit === null) return `${formatNumber(used)}, without a limit`
  const said = `${formatNumber(used)} of ${formatNumber(limit)}`
  return used > limit
    ? `${said} (${formatNumber(used - limit)} over the limit)`
    : `${said}, ${formatNumber(left ?? 0)} left`
}

const Raise = ({ usage: { addon, plans } }: { readonly usage: Usage }) =>
  addon === null ? null : (
    <span className="usage-raise muted">
      {addon.have > 0 && `${formatNumber(addon.have)} of the add-on included. `}
      <Link to={paths.addon(addon.addon)}>
        {addon.words} for {formatMoney(addon.price)} a month
      </Link>
      {plans.length > 0 && (
        <>
          , or{' '}
          <Link to={paths.billingUpgrade()}>
            {plans
              .map(({ planType, limit }) => `${PLAN_NAMES[planType]} with ${limit ?? 'any number'}`)
              .join(', ')}
          </Link>
        </>
      )}
    </span>
  )

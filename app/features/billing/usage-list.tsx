import { formatNumber } from '~/lib/format'
import type { CurrentPlan } from '../../../server/domain/payment/schemas'
import { USAGE_LABELS } from './plan-words'

/** How much of each limit is used. */
export const UsageList = ({ usage }: { readonly usage: CurrentPlan['usage'] }) => (
  <ul className="usage">
    {usage.map(({ what, used, limit, where }) => (
      <li key={what}>
        <span>
          {USAGE_LABELS[what]}
          {where !== null && <span className="muted"> ({where})</span>}
        </span>
        <span className="usage-figure">
          {limit === null
            ? `${formatNumber(used)}, without a limit`
            : `${formatNumber(used)} of ${formatNumber(limit)}`}
          {limit !== null && used > limit && ' (over the limit)'}
        </span>
        {limit !== null && (
          <meter aria-hidden="true" min={0} max={limit} value={Math.min(used, limit)} high={limit * 0.9} />
        )}
      </li>
    ))}
  </ul>
)

import { Link } from '@remix-run/react'
import { Alert } from '~/components/ui'
import { formatNumber, plural } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { LimitUsage, WorkspaceUsage } from '../../../server/domain/workspace/schemas'
import { PLAN_NAMES } from './states'

/** How much of the plan is used, in a sentence. */
export const usageWords = ({ planType, used, limit, left }: WorkspaceUsage): string =>
  limit === null
    ? `${plural(used, 'workspace')} of your own. The ${PLAN_NAMES[planType]} plan sets no limit.`
    : `${used} of ${plural(limit, 'workspace')} used, ${formatNumber(left ?? 0)} left. Copies you bought do not count.`

/** Said before a form that would be refused. */
export const UsageNote = ({ usage }: { readonly usage: WorkspaceUsage }) =>
  usage.refusal === null ? (
    <p className="muted">
      {usageWords(usage)} <Link to={paths.billing()}>See your limits</Link>
    </p>
  ) : (
    <Alert tone="warning" title="Your plan has no room for another workspace">
      {usage.refusal} <RaiseLinks usage={usage} />, or look at{' '}
      <Link to={paths.workspaces()}>your workspaces</Link>.
    </Alert>
  )

/** To what would raise a limit. */
const RaiseLinks = ({ usage: { addon, plans } }: { readonly usage: LimitUsage }) => (
  <>
    {addon !== null && <Link to={paths.addon(addon.addon)}>Buy the add-on</Link>}
    {plans.length > 0 && (
      <>
        {addon !== null && ', '}
        <Link to={paths.billingUpgrade()}>compare the plans</Link>
      </>
    )}
  </>
)

const NAMES: Readonly<Record<LimitUsage['what'], string>> = {
  workspaces: 'workspace',
  members: 'member',
  funnels: 'funnel',
  pagesPerFunnel: 'page',
  domains: 'custom domain',
}

/** What is used and left of a limit, with the way to more; nothing where there is no limit. */
export const LimitNote = ({ usage }: { readonly usage: LimitUsage }) => {
  const { what, used, limit, left, addon } = usage
  if (limit === null || addon === null) return null
  return (
    <p className="muted">
      {formatNumber(used)} of {plural(limit, NAMES[what])} used,{' '}
      {used > limit ? `${formatNumber(used - limit)} over the limit` : `${formatNumber(left ?? 0)} left`}.{' '}
      <Link to={paths.addon(addon.addon)}>
        Get more<span className="visually-hidden"> {NAMES[what]}s</span>
      </Link>
    </p>
  )
}

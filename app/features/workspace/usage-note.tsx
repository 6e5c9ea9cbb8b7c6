import { Link } from '@remix-run/react'
import { Alert } from '~/components/ui'
import { plural } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { WorkspaceUsage } from '../../../server/domain/workspace/schemas'
import { PLAN_NAMES } from './states'

/** How much of the plan is used, in a sentence. */
export const usageWords = ({ planType, used, limit }: WorkspaceUsage): string =>
  limit === null
    ? `${plural(used, 'workspace')} of your own. The ${PLAN_NAMES[planType]} plan sets no limit.`
    : `${used} of ${plural(limit, 'workspace')} of the ${PLAN_NAMES[planType]} plan used. Copies you bought do not count.`

/** Said before a form that would be refused. */
export const UsageNote = ({ usage }: { readonly usage: WorkspaceUsage }) =>
  usage.refusal === null ? (
    <p className="muted">{usageWords(usage)}</p>
  ) : (
    <Alert tone="warning" title="Your plan has no room for another workspace">
      {usage.refusal} <Link to={paths.billingUpgrade()}>Compare the plans</Link>, or look at{' '}
      <Link to={paths.workspaces()}>your workspaces</Link>.
    </Alert>
  )

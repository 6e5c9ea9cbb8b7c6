import { Link } from '@remix-run/react'
import { Alert } from '~/components/ui'
import { plural } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { WorkspaceUsage } from '../../../server/domain/workspace/schemas'
import { PLAN_NAMES } from './states'

/** How much of the plan is used, in a sentence. */
export const usageWords = ({ planType, used, limit }: WorkspaceUsage): string =>
  limit === null
    ? `The plan ${PLAN_NAMES[planType]} has any number of workspaces; you have ${used} of your own.`
    : `${used} of ${plural(limit, 'workspace')} of the plan ${PLAN_NAMES[planType]} ${used === 1 ? 'is' : 'are'} used. Copies you bought do not count.`

/** Said before a form that would be refused. */
export const UsageNote = ({ usage }: { readonly usage: WorkspaceUsage }) =>
  usage.refusal === null ? (
    <p className="muted">{usageWords(usage)}</p>
  ) : (
    <Alert tone="warning" title="Your plan has no room for another workspace">
      {usage.refusal} <Link to={paths.workspaces()}>Your workspaces</Link>
    </Alert>
  )

import { Badge, type Tone } from '~/components/ui'
import type { Workspace, WorkspaceTree } from '../../../server/domain/workspace/schemas'

type Plan = Workspace['planType']
type WorkspaceStatus = Workspace['status']
type FunnelStatus = WorkspaceTree['funnels'][number]['status']

export const PLAN_NAMES: Readonly<Record<Plan, string>> = {
  FREE: 'Free',
  BUSINESS: 'Business',
  AGENCY: 'Agency',
}

interface State {
  readonly word: string
  readonly tone: Tone
}

const WORKSPACE_STATES: Readonly<Record<WorkspaceStatus, State>> = {
  ACTIVE: { word: 'Active', tone: 'good' },
  FROZEN: { word: 'Frozen', tone: 'warning' },
  ARCHIVED: { word: 'Archived', tone: 'neutral' },
  DELETED: { word: 'Deleted', tone: 'danger' },
}

const FUNNEL_STATES: Readonly<Record<FunnelStatus, State>> = {
  LIVE: { word: 'Live', tone: 'good' },
  DRAFT: { word: 'Draft', tone: 'neutral' },
  ARCHIVED: { word: 'Archived', tone: 'warning' },
}

export const WorkspaceState = ({ status }: { readonly status: WorkspaceStatus }) => (
  <Badge tone={WORKSPACE_STATES[status].tone}>{WORKSPACE_STATES[status].word}</Badge>
)

export const FunnelState = ({ status }: { readonly status: FunnelStatus }) => (
  <Badge tone={FUNNEL_STATES[status].tone}>{FUNNEL_STATES[status].word}</Badge>
)

/** Why no copy of this workspace can be sold now, or null. */
export const sellRefusal = ({
  planType,
  status,
  notForResale,
}: Pick<Workspace, 'planType' | 'status' | 'notForResale'>): string | null => {
  if (notForResale) return 'This copy was sold to you for your own use; it cannot be sold on.'
  if (status !== 'ACTIVE') return 'Only an active workspace can be sold.'
  if (planType !== 'AGENCY') return `Selling takes the Agency plan, and yours is ${PLAN_NAMES[planType]}.`
  return null
}

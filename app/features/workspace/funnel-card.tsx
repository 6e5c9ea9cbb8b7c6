import { Link } from '@remix-run/react'
import { Badge, ButtonLink, Card, type Column, DataTable } from '~/components/ui'
import { formatNumber, plural } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { LimitUsage, WorkspaceLimits, WorkspaceTree } from '../../../server/domain/workspace/schemas'
import { FunnelState } from './states'

type Funnel = WorkspaceTree['funnels'][number]
type PageLine = Funnel['pages'][number]

interface FunnelCardProps {
  readonly workspaceId: string
  readonly funnel: Funnel
  readonly themes: WorkspaceTree['themes']
  readonly limits: WorkspaceLimits
}

/** One funnel: how it is set, and its pages in order. */
export const FunnelCard = ({ workspaceId, funnel, themes, limits }: FunnelCardProps) => (
  <div id={`funnel-${funnel.id}`}>
    <Card
      title={funnel.name}
      description={`/${funnel.slug} · ${plural(funnel.pages.length, 'page')}`}
      actions={
        <>
          {limits.readOnlyFunnels.includes(funnel.id) && (
            <Badge tone="warning">Over the limit: read-only</Badge>
          )}
          <FunnelState status={funnel.status} />
          <ButtonLink to={paths.funnelSettings(workspaceId, funnel.id)}>
            Change<span className="visually-hidden"> {funnel.name}</span>
          </ButtonLink>
        </>
      }
      flush
    >
      <dl className="facts">
        <Fact term="Theme" value={themeWords(funnel.theme, themes)} />
        <Fact term="Tracking" value={funnel.hasTracking ? 'set' : 'none'} />
        <PagesLeft usage={limits.pages.find(({ funnelId }) => funnelId === funnel.id)?.usage} />
        <Fact term="Password" value={funnel.passwordProtected ? 'set' : 'none'} />
      </dl>
      <DataTable
        caption={`Pages of ${funnel.name}`}
        columns={columns(workspaceId, funnel.id, limits.readOnlyPages)}
        rows={funnel.pages}
        rowKey={(page) => page.id}
        empty={<p className="facts-empty muted">This funnel has no pages yet.</p>}
      />
    </Card>
  </div>
)

const PagesLeft = ({ usage }: { readonly usage: LimitUsage | undefined }) =>
  usage === undefined || usage.limit === null || usage.addon === null ? null : (
    <div>
      <dt>Pages</dt>
      <dd>
        {formatNumber(usage.used)} of {formatNumber(usage.limit)},{' '}
        {usage.used > usage.limit
          ? `${formatNumber(usage.used - usage.limit)} over the limit`
          : `${formatNumber(usage.left ?? 0)} left`}{' '}
        <Link to={paths.addon(usage.addon.addon)}>
          Get more<span className="visually-hidden"> pages</span>
        </Link>
      </dd>
    </div>
  )

const Fact = ({ term, value }: { readonly term: string; readonly value: string }) => (
  <div>
    <dt>{term}</dt>
    <dd>{value}</dd>
  </div>
)

/** The name of a funnel's theme: one of the workspace's own, or one of the platform's. */
export const themeWords = (theme: string | null, themes: WorkspaceTree['themes']): string => {
  if (theme === null) return 'none'
  if (theme.startsWith('global:')) return `${theme.slice('global:'.length)} (of the platform)`
  return themes.find((own) => own.key === theme)?.name ?? theme
}

const columns = (
  workspaceId: string,
  funnelId: string,
  readOnly: readonly string[],
): readonly Column<PageLine>[] => [
  {
    header: 'Page',
    rowHeader: true,
    cell: (page) => (
      <>
        <Link to={paths.pageEditor(workspaceId, funnelId, page.id)}>{page.name}</Link>{' '}
        <span className="muted">/{page.slug}</span>{' '}
        {readOnly.includes(page.id) && <Badge tone="warning">Over the limit: read-only</Badge>}
      </>
    ),
  },
  { header: 'Type', cell: (page) => PAGE_TYPES[page.type] },
  { header: 'Visits', numeric: true, cell: (page) => formatNumber(page.visits) },
]

export const PAGE_TYPES: Readonly<Record<PageLine['type'], string>> = { PAGE: 'Page', RESULT: 'Result' }

import { Link } from '@remix-run/react'
import { Card, type Column, DataTable } from '~/components/ui'
import { formatNumber, plural } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { WorkspaceTree } from '../../../server/domain/workspace/schemas'
import { FunnelState } from './states'

type Funnel = WorkspaceTree['funnels'][number]
type PageLine = Funnel['pages'][number]

interface FunnelCardProps {
  readonly workspaceId: string
  readonly funnel: Funnel
  readonly themes: WorkspaceTree['themes']
}

/** One funnel: how it is set, and its pages in order. */
export const FunnelCard = ({ workspaceId, funnel, themes }: FunnelCardProps) => (
  <div id={`funnel-${funnel.id}`}>
    <Card
      title={funnel.name}
      description={`/${funnel.slug} · ${plural(funnel.pages.length, 'page')}`}
      actions={<FunnelState status={funnel.status} />}
      flush
    >
      <dl className="facts">
        <Fact term="Theme" value={themeWords(funnel.theme, themes)} />
        <Fact term="Tracking" value={funnel.hasTracking ? 'set' : 'none'} />
        <Fact term="Password" value={funnel.passwordProtected ? 'set' : 'none'} />
      </dl>
      <DataTable
        caption={`Pages of ${funnel.name}`}
        columns={columns(workspaceId, funnel.id)}
        rows={funnel.pages}
        rowKey={(page) => page.id}
        empty={<p className="facts-empty muted">This funnel has no pages yet.</p>}
      />
    </Card>
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

const columns = (workspaceId: string, funnelId: string): readonly Column<PageLine>[] => [
  {
    header: 'Page',
    rowHeader: true,
    cell: (page) => (
      <>
        <Link to={paths.pageEditor(workspaceId, funnelId, page.id)}>{page.name}</Link>{' '}
        <span className="muted">/{page.slug}</span>
      </>
    ),
  },
  { header: 'Type', cell: (page) => PAGE_TYPES[page.type] },
  { header: 'Visits', numeric: true, cell: (page) => formatNumber(page.visits) },
]

export const PAGE_TYPES: Readonly<Record<PageLine['type'], string>> = { PAGE: 'Page', RESULT: 'Result' }

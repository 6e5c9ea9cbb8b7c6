import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import {
  Badge,
  ButtonLink,
  Card,
  type Column,
  DataTable,
  EmptyState,
  PageHeader,
  Pagination,
  Time,
} from '~/components/ui'
import { ROLE_NAMES } from '~/features/workspace/roles'
import { PLAN_NAMES, WorkspaceState } from '~/features/workspace/states'
import { LimitNote, usageWords } from '~/features/workspace/usage-note'
import { load } from '~/lib/api.server'
import { plural } from '~/lib/format'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { WorkspaceLine } from '../../server/domain/workspace/schemas'

export const meta: MetaFunction = () => pageTitle('Workspaces')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  const [{ items, nextCursor }, usage] = await load(args, (api) =>
    Promise.all([api.workspace.list({ limit: 25, cursor }), api.workspace.usage()]),
  )
  return json({ workspaces: items, nextCursor, usage })
}

const Workspaces = () => {
  const { workspaces, nextCursor, usage } = useLoaderData<typeof loader>()
  const full = usage.refusal ?? undefined
  return (
    <>
      <PageHeader
        title="Workspaces"
        description={full ?? usageWords(usage)}
        actions={
          full === undefined && (
            <>
              <ButtonLink to={paths.importWorkspace()}>Import a document</ButtonLink>
              <ButtonLink to={paths.newWorkspace()} variant="primary">
                Create a workspace
              </ButtonLink>
            </>
          )
        }
      />
      <LimitNote usage={usage} />
      <Card flush>
        <DataTable
          caption="Your workspaces, newest first"
          columns={COLUMNS}
          rows={workspaces}
          rowKey={(workspace) => workspace.id}
          empty={<NoWorkspaces full={full !== undefined} />}
        />
        <Pagination nextCursor={nextCursor} />
      </Card>
    </>
  )
}

export default Workspaces

const NoWorkspaces = ({ full }: { readonly full: boolean }) => (
  <EmptyState
    title="No workspace yet"
    action={
      full ? (
        <ButtonLink to={paths.purchases()}>Go to your purchases</ButtonLink>
      ) : (
        <>
          <ButtonLink to={paths.newWorkspace()} variant="primary">
            Create a workspace
          </ButtonLink>
          <ButtonLink to={paths.importWorkspace()}>Import a document</ButtonLink>
        </>
      )
    }
  >
    A workspace holds funnels and their pages.{' '}
    {full
      ? 'Whatever copy you buy stands here.'
      : 'Begin with an empty one, or bring one along as a file. What you buy stands here too.'}
  </EmptyState>
)

const COLUMNS: readonly Column<WorkspaceLine>[] = [
  {
    header: 'Workspace',
    rowHeader: true,
    cell: (workspace) => (
      <>
        <Link to={paths.workspace(workspace.id)}>{workspace.name}</Link>{' '}
        {workspace.isCopy && <Badge tone="info">Copy</Badge>}{' '}
        {workspace.role !== 'OWNER' && <Badge>{ROLE_NAMES[workspace.role]}</Badge>}
        <div className="muted">{workspace.slug}</div>
      </>
    ),
  },
  { header: 'Plan', cell: (workspace) => PLAN_NAMES[workspace.planType] },
  {
    header: 'Contents',
    cell: ({ funnels, pages }) => `${plural(funnels, 'funnel')}, ${plural(pages, 'page')}`,
  },
  { header: 'Status', cell: (workspace) => <WorkspaceState status={workspace.status} /> },
  { header: 'Created', cell: (workspace) => <Time value={workspace.createdAt} /> },
]

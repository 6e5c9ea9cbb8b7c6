import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useLoaderData } from '@remix-run/react'
import {
  Alert,
  Button,
  ButtonLink,
  Card,
  Confirm,
  DescriptionList,
  EmptyState,
  PageHeader,
  Time,
} from '~/components/ui'
import { CloneReportCard } from '~/features/workspace/clone-report'
import { FunnelCard } from '~/features/workspace/funnel-card'
import { PLAN_NAMES, sellRefusal, WorkspaceState } from '~/features/workspace/states'
import { LimitNote } from '~/features/workspace/usage-note'
import stylesheet from '~/features/workspace/workspace.css?url'
import { RoleTemplates, Themes } from '~/features/workspace/workspace-parts'
import { load } from '~/lib/api.server'
import { plural } from '~/lib/format'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]
export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.workspace.name ?? 'Workspace')

export const loader = async (args: LoaderFunctionArgs) => {
  const id = args.params.id ?? ''
  const [tree, report, limits] = await load(args, (api) =>
    Promise.all([
      api.workspace.tree({ id }),
      api.workspace.cloneReport({ id }),
      api.workspace.limits({ id }),
    ]),
  )
  // Settings may be large and are not shown here.
  const { settings, ...workspace } = tree
  return json({ workspace, report, limits })
}

export const action = async (args: ActionFunctionArgs) => {
  await load(args, (api) => api.workspace.delete({ id: args.params.id ?? '' }))
  return redirect(withNotice(paths.workspaces(), 'workspace-deleted'))
}

const WorkspacePage = () => {
  const { workspace, report, limits } = useLoaderData<typeof loader>()
  const { counts, funnels, themes } = workspace
  const refusal = sellRefusal(workspace)
  const manages = workspace.permissions.includes('workspace.manage')
  return (
    <>
      <PageHeader
        title={workspace.name}
        breadcrumb={[{ label: 'Workspaces', to: paths.workspaces() }]}
        description={workspace.description === '' ? undefined : workspace.description}
        actions={
          <>
            {refusal === null && workspace.role === 'OWNER' && (
              <ButtonLink to={paths.newLink(workspace.id)} variant="primary">
                Sell a copy
              </ButtonLink>
            )}
            {workspace.status !== 'FROZEN' && limits.readOnly === null && manages && (
              <ButtonLink to={paths.editWorkspace(workspace.id)}>Rename or describe</ButtonLink>
            )}
            {workspace.status !== 'FROZEN' && (
              <ButtonLink to={paths.newFunnel(workspace.id)}>New funnel</ButtonLink>
            )}
            <ButtonLink to={paths.pictures(workspace.id)}>Pictures</ButtonLink>
            {workspace.role === 'OWNER' && (
              <ButtonLink to={paths.releases(workspace.id)}>Releases</ButtonLink>
            )}
            {workspace.role === 'OWNER' && workspace.isCopy && (
              <ButtonLink to={paths.updates(workspace.id)}>Updates</ButtonLink>
            )}
            <ButtonLink to={paths.submissions(workspace.id)}>Answers</ButtonLink>
            <ButtonLink to={paths.members(workspace.id)}>Members</ButtonLink>
            {manages && (
              <ButtonLink to={paths.exportWorkspace(workspace.id)} reload>
                Export
              </ButtonLink>
            )}
          </>
        }
      />
      {workspace.status === 'FROZEN' && <FrozenNote />}
      {limits.readOnly !== null && (
        <Alert tone="warning" title="This workspace is over your limit">
          {limits.readOnly} <Link to={paths.billing()}>See your limits</Link>
        </Alert>
      )}
      {report !== null && <CloneReportCard report={report} />}
      <Card title="At a glance">
        <DescriptionList
          items={[
            { term: 'Status', value: <WorkspaceState status={workspace.status} /> },
            { term: 'Plan', value: PLAN_NAMES[workspace.planType] },
            { term: 'Selling', value: refusal ?? 'Copies of it can be sold through a link of yours.' },
            { term: 'Slug', value: workspace.slug },
            {
              term: 'Contents',
              value: `${plural(counts.funnels, 'funnel')}, ${plural(counts.pages, 'page')}, ${plural(counts.themes, 'theme')}`,
            },
            { term: 'Created', value: <Time value={workspace.createdAt} /> },
            { term: 'Last changed', value: <Time value={workspace.updatedAt} withTime /> },
          ]}
        />
      </Card>
      {workspace.role === 'OWNER' && <LimitNote usage={limits.funnels} />}
      {funnels.length === 0 && (
        <Card title="Funnels">
          <NoFunnels id={workspace.id} />
        </Card>
      )}
      {funnels.map((funnel) => (
        <FunnelCard
          key={funnel.id}
          workspaceId={workspace.id}
          funnel={funnel}
          themes={themes}
          limits={limits}
        />
      ))}
      <div className="columns">
        <Themes themes={themes} />
        <RoleTemplates templates={workspace.roleTemplates} />
      </div>
      {workspace.role === 'OWNER' && <DeleteCard name={workspace.name} />}
    </>
  )
}

export default WorkspacePage

const FrozenNote = () => (
  <Alert tone="warning" title="This copy is frozen">
    What was paid for it was given back, or is disputed with the bank. You can read and export everything, but
    change and sell nothing. When the dispute is won, the refund fails, or you buy it again, you can go on.{' '}
    <Link to={paths.purchases()}>See your purchases</Link>
  </Alert>
)

const NoFunnels = ({ id }: { readonly id: string }) => (
  <EmptyState
    title="No funnel yet"
    action={
      <ButtonLink to={paths.newFunnel(id)} variant="primary">
        Make the first one
      </ButtonLink>
    }
  >
    A funnel is a few pages that lead to one another: a page that offers, a form, a thank-you.
  </EmptyState>
)

const DeleteCard = ({ name }: { readonly name: string }) => (
  <Card title="Delete this workspace">
    <Confirm
      label="Delete…"
      question={
        <div className="stack">
          <p>
            <strong>{name}</strong> disappears from your workspaces, and its links sell nothing any more. You
            cannot bring it back yourself: export it first if you may want it again.
          </p>
          <p>Buyers keep their copies, and whoever has paid already still gets one.</p>
        </div>
      }
    >
      <Form method="post">
        <Button variant="danger">Delete the workspace</Button>
      </Form>
    </Confirm>
  </Card>
)

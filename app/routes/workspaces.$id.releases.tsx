import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import {
  Button,
  ButtonLink,
  Card,
  type Column,
  DataTable,
  EmptyState,
  FormErrors,
  InputField,
  PageHeader,
  Pagination,
  TextareaField,
  Time,
} from '~/components/ui'
import { TraceList } from '~/features/workspace/trace-list'
import stylesheet from '~/features/workspace/workspace.css?url'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { formatNumber, plural } from '~/lib/format'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { Release } from '../../server/domain/workspace/schemas'

export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]
export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle(`Releases of ${data?.workspace.name ?? 'a workspace'}`)

export const loader = async (args: LoaderFunctionArgs) => {
  const id = args.params.id ?? ''
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  const [workspace, releases, traces] = await load(args, (api) =>
    Promise.all([
      api.workspace.get({ id }),
      api.workspace.releases({ workspaceId: id, limit: 20, cursor }),
      api.workspace.traces({ id }),
    ]),
  )
  return json({
    workspace: { id: workspace.id, name: workspace.name, frozen: workspace.status === 'FROZEN' },
    releases,
    traces,
  })
}

export const action = async (args: ActionFunctionArgs) => {
  const { request, context, params } = args
  const workspaceId = params.id ?? ''
  const typed = textFields(await request.formData(), ['label', 'notes'])
  await load(args, (api) => api.workspace.get({ id: workspaceId }))
  try {
    await apiOf(context).workspace.makeRelease({
      workspaceId,
      notes: typed.notes,
      ...(typed.label.trim() === '' ? {} : { label: typed.label }),
    })
  } catch (error) {
    return formFailure(error, request, typed)
  }
  return redirect(withNotice(paths.releases(workspaceId), 'release-made'))
}

const Releases = () => {
  const { workspace, releases, traces } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Releases"
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: workspace.name, to: paths.workspace(workspace.id) },
        ]}
        description="A release is a state of this workspace that never changes. Buyers get the latest one; until there is one, they get the workspace as it is when they buy."
      />
      <TraceList workspaceId={workspace.id} report={traces} />
      {workspace.frozen ? null : releases.hasChanged ? (
        <MakeRelease />
      ) : (
        <Card title="Make a release">
          <p className="muted">Nothing has changed since the latest release. Edit a page, then come back.</p>
        </Card>
      )}
      <Card title="All releases">
        <DataTable
          caption="Releases of this workspace, newest first"
          columns={COLUMNS}
          rows={releases.items}
          rowKey={(release) => release.id}
          empty={
            <EmptyState
              title="No release yet"
              action={<ButtonLink to={paths.workspace(workspace.id)}>Look at the workspace</ButtonLink>}
            >
              Make the first one above: from then on you can edit in peace, and buyers get what you released.
            </EmptyState>
          }
        />
        <Pagination nextCursor={releases.nextCursor} />
      </Card>
    </>
  )
}

export default Releases

const COLUMNS: readonly Column<Release>[] = [
  { header: 'Release', rowHeader: true, cell: ({ label }) => label },
  { header: 'Made', cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  {
    header: 'Contents',
    cell: ({ funnels, pages }) => `${plural(funnels, 'funnel')}, ${plural(pages, 'page')}`,
  },
  {
    header: 'Notes',
    cell: ({ notes }) =>
      notes === '' ? <span className="muted">none</span> : <span className="pre-line">{notes}</span>,
  },
  { header: 'Copies sold', numeric: true, cell: ({ sold }) => formatNumber(sold) },
  { header: 'Taken by owners', numeric: true, cell: ({ taken }) => formatNumber(taken) },
]

const LABELS = { label: 'Name', notes: 'What is new' }

const MakeRelease = () => {
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <Card
      title="Make a release"
      description="Everything that is saved now goes in, less tracking ids, keys and passwords. Everybody who has a copy gets a mail; their copies change only when they take it."
    >
      <Form method="post" className="form narrow">
        <FormErrors failure={failure} labels={LABELS} />
        <InputField
          name="label"
          label={LABELS.label}
          optional
          maxLength={200}
          autoComplete="off"
          hint="“Version 2” and so on if you leave it empty."
          defaultValue={failure?.values.label}
          error={failure?.fieldErrors.label}
        />
        <TextareaField
          name="notes"
          label={LABELS.notes}
          optional
          maxLength={5000}
          hint="Owners of copies read it before they decide."
          defaultValue={failure?.values.notes}
          error={failure?.fieldErrors.notes}
        />
        <div className="actions">
          <Button variant="primary" aria-busy={busy}>
            {busy ? 'Releasing…' : 'Make the release'}
          </Button>
        </div>
      </Form>
    </Card>
  )
}

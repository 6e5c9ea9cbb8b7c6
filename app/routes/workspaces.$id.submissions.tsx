import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import {
  ButtonLink,
  Card,
  type Column,
  DataTable,
  EmptyState,
  PageHeader,
  Pagination,
  Time,
} from '~/components/ui'
import { keyed } from '~/features/page/parts'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { Submission } from '../../server/domain/workspace/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Answers')

export const loader = async (args: LoaderFunctionArgs) => {
  const workspaceId = args.params.id ?? ''
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  const [workspace, list] = await load(args, (api) =>
    Promise.all([
      api.workspace.get({ id: workspaceId }),
      api.workspace.submissions({ workspaceId, cursor, limit: 50 }),
    ]),
  )
  return json({ workspace: { id: workspace.id, name: workspace.name }, ...list })
}

const Submissions = () => {
  const { workspace, items, nextCursor } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Answers"
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: workspace.name, to: paths.workspace(workspace.id) },
        ]}
        description="What visitors filled in on your published pages, newest first. It is yours alone: no copy gets any of it."
        actions={
          items.length > 0 && (
            <ButtonLink to={paths.submissionsCsv(workspace.id)} reload>
              Download as CSV
            </ButtonLink>
          )
        }
      />
      <Card flush>
        <DataTable
          caption="Answers to your forms and quizzes, newest first"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="No answer yet"
              action={<ButtonLink to={paths.workspace(workspace.id)}>To the workspace</ButtonLink>}
            >
              Put a form or a quiz on a page of a live funnel. What visitors send appears here.
            </EmptyState>
          }
        />
        <Pagination nextCursor={nextCursor} />
      </Card>
    </>
  )
}

export default Submissions

const COLUMNS: readonly Column<Submission>[] = [
  { header: 'Received', rowHeader: true, cell: ({ receivedAt }) => <Time value={receivedAt} withTime /> },
  { header: 'Form', cell: ({ form, page }) => (form === '' ? page : `${form}, on ${page}`) },
  {
    header: 'Answers',
    cell: ({ answers }) => (
      <dl className="answers">
        {keyed(answers).map(({ key, item: { label, value } }) => (
          <div key={key}>
            <dt className="muted">{label}</dt>
            <dd>{value === '' ? '–' : value}</dd>
          </div>
        ))}
      </dl>
    ),
  },
]

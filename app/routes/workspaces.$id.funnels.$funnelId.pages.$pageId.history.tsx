import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react'
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  type Column,
  DataTable,
  EmptyState,
  FormErrors,
  PageHeader,
  Pagination,
  Time,
} from '~/components/ui'
import { PageContent } from '~/features/page/PageContent'
import { linkTargets } from '~/features/workspace/page-ways'
import workspaceStyles from '~/features/workspace/workspace.css?url'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths, withQuery } from '~/lib/paths'
import pageStyles from '~/styles/page.css?url'
import type { PageVersion } from '../../server/domain/workspace/schemas'

export const links: LinksFunction = () =>
  [workspaceStyles, pageStyles].map((href) => ({ rel: 'stylesheet', href }))
export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle(`History of ${data?.page.name ?? 'a page'}`)

const addressOf = ({ params }: { readonly params: LoaderFunctionArgs['params'] }) => ({
  workspaceId: params.id ?? '',
  funnelId: params.funnelId ?? '',
  pageId: params.pageId ?? '',
})

export const loader = async (args: LoaderFunctionArgs) => {
  const address = addressOf(args)
  const { workspaceId, pageId } = address
  const search = new URL(args.request.url).searchParams
  const asked = Number(search.get('version'))
  const [page, versions, version] = await load(args, (api) =>
    Promise.all([
      api.workspace.page(address),
      api.workspace.pageVersions({
        workspaceId,
        pageId,
        limit: 20,
        cursor: search.get('cursor') ?? undefined,
      }),
      Number.isInteger(asked) && asked > 0
        ? api.workspace.pageVersion({ workspaceId, pageId, version: Math.min(asked, 2 ** 31 - 1) })
        : null,
    ]),
  )
  const { name, workspace, funnel, contentVersion } = page
  return json({
    address,
    page: { name, workspace, funnel, contentVersion },
    versions,
    version: version === null ? null : { ...version, content: JSON.stringify(version.content) },
    targets: linkTargets(workspaceId, page.links),
  })
}

export const action = async (args: ActionFunctionArgs) => {
  const { request, context } = args
  const { workspaceId, funnelId, pageId } = addressOf(args)
  const form = await request.formData()
  await load(args, (api) => api.workspace.page({ workspaceId, funnelId, pageId }))
  try {
    await apiOf(context).workspace.restorePage({
      workspaceId,
      pageId,
      version: Number(form.get('version')),
      editedFrom: String(form.get('editedFrom') ?? ''),
    })
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.pageHistory(workspaceId, funnelId, pageId), 'page-restored'))
}

const KINDS: Readonly<Record<PageVersion['kind'], string>> = {
  FIRST: 'As it was before',
  EDIT: 'Edited',
  RESTORE: 'Gone back to an earlier version',
  UPDATE: 'Release taken',
  UNDO: 'Release undone',
}

const History = () => {
  const { address, page, versions, version } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const { workspaceId, funnelId, pageId } = address
  const here = paths.pageHistory(workspaceId, funnelId, pageId)
  const columns: readonly Column<PageVersion>[] = [
    {
      header: 'Saved',
      rowHeader: true,
      cell: (one) => (
        <Link
          to={withQuery(here, { version: String(one.version) })}
          aria-label={`Look at version ${one.version}`}
        >
          <Time value={one.savedAt} withTime />
        </Link>
      ),
    },
    { header: 'Version', numeric: true, cell: (one) => one.version },
    { header: 'By', cell: ({ by }) => by ?? <span className="muted">–</span> },
    { header: 'What', cell: ({ kind }) => KINDS[kind] },
    {
      header: 'Content',
      cell: ({ contentVersion, isShown }) => (
        <>
          <code>{contentVersion.slice(0, 8)}</code> {isShown && <Badge tone="good">Shown now</Badge>}
        </>
      ),
    },
  ]
  return (
    <>
      <PageHeader
        title={`History of ${page.name}`}
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: page.workspace.name, to: paths.workspace(workspaceId) },
          { label: page.name, to: paths.pageEditor(workspaceId, funnelId, pageId) },
        ]}
        description="Every save is kept; those of one person within ten minutes are one version. The last 200 stay."
      />
      <FormErrors failure={failure} labels={{}} />
      {version !== null && <Version key={version.version} />}
      <Card title="All versions">
        <DataTable
          caption="Versions of this page, newest first"
          columns={columns}
          rows={versions.items}
          rowKey={(one) => String(one.version)}
          empty={
            <EmptyState
              title="Never edited"
              action={
                <ButtonLink to={paths.pageEditor(workspaceId, funnelId, pageId)}>Open the page</ButtonLink>
              }
            >
              Once this page is edited, what it showed before stands here, and you can go back to it.
            </EmptyState>
          }
        />
        <Pagination nextCursor={versions.nextCursor} />
      </Card>
    </>
  )
}

export default History

const Version = () => {
  const { page, version, targets } = useLoaderData<typeof loader>()
  if (version === null) return null
  return (
    <Card
      title={`Version ${version.version}`}
      description={
        version.isShown ? (
          'This is what the page shows now.'
        ) : (
          <>
            As it was on <Time value={version.savedAt} withTime />.
          </>
        )
      }
    >
      <div className="stack">
        {!version.isShown && (
          <Form method="post">
            <input type="hidden" name="version" value={version.version} />
            <input type="hidden" name="editedFrom" value={page.contentVersion} />
            <Button variant="primary">Go back to this version</Button>
          </Form>
        )}
        <section aria-label="What it showed" className="page-frame">
          <PageContent
            content={JSON.parse(version.content) as unknown}
            hrefOf={(key) => (Object.hasOwn(targets, key) ? (targets[key] ?? null) : null)}
            theme={page.funnel.theme?.tokens}
            titleLevel={2}
            name={page.name}
          />
        </section>
      </div>
    </Card>
  )
}

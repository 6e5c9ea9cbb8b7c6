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
  DescriptionList,
  FormErrors,
  InputField,
  PageHeader,
} from '~/components/ui'
import { PageContent } from '~/features/page/PageContent'
import { PAGE_TYPES } from '~/features/workspace/funnel-card'
import { linkTargets, neighbours } from '~/features/workspace/page-ways'
import { seoItems } from '~/features/workspace/seo'
import workspaceStyles from '~/features/workspace/workspace.css?url'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { formatNumber } from '~/lib/format'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import pageStyles from '~/styles/page.css?url'

export const links: LinksFunction = () =>
  [workspaceStyles, pageStyles].map((href) => ({ rel: 'stylesheet', href }))
export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.page.name ?? 'Page')

const addressOf = ({ params }: { readonly params: LoaderFunctionArgs['params'] }) => ({
  workspaceId: params.id ?? '',
  funnelId: params.funnelId ?? '',
  pageId: params.pageId ?? '',
})

export const loader = async (args: LoaderFunctionArgs) => {
  const address = addressOf(args)
  const [page, tree] = await load(args, (api) =>
    Promise.all([api.workspace.page(address), api.workspace.tree({ id: address.workspaceId })]),
  )
  const { content, links, ...line } = page
  return json({
    page: line,
    // As text: the content's members are anybody's and have no type worth carrying.
    content: JSON.stringify(content),
    ...neighbours(tree, address),
    targets: linkTargets(address.workspaceId, links),
  })
}

export const action = async (args: ActionFunctionArgs) => {
  const { request, context } = args
  const address = addressOf(args)
  const typed = textFields(await request.formData(), ['name'])
  // Of somebody else, or gone: the page for that, not a message in a form.
  await load(args, (api) => api.workspace.page(address))
  try {
    const { workspaceId, pageId } = address
    await apiOf(context).workspace.updatePage({ workspaceId, pageId, ...typed })
  } catch (error) {
    return formFailure(error, request, typed)
  }
  return redirect(
    withNotice(paths.pageEditor(address.workspaceId, address.funnelId, address.pageId), 'workspace-saved'),
  )
}

const WorkspacePageView = () => {
  const { page, content, previous, next, targets } = useLoaderData<typeof loader>()
  const { workspace, funnel } = page
  const wayTo = (pageId: string) => paths.pageEditor(workspace.id, funnel.id, pageId)
  return (
    <>
      <PageHeader
        title={page.name}
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: workspace.name, to: paths.workspace(workspace.id) },
          { label: funnel.name, to: `${paths.workspace(workspace.id)}#funnel-${funnel.id}` },
        ]}
        actions={<ButtonLink to={paths.pageHistory(workspace.id, funnel.id, page.id)}>History</ButtonLink>}
      />
      <nav aria-label="Pages of this funnel" className="pager">
        {previous === null ? (
          <span className="muted">The first page of the funnel</span>
        ) : (
          <ButtonLink to={wayTo(previous.id)} size="small">
            ← {previous.name}
          </ButtonLink>
        )}
        {next === null ? (
          <span className="muted">The last page of the funnel</span>
        ) : (
          <ButtonLink to={wayTo(next.id)} size="small">
            {next.name} →
          </ButtonLink>
        )}
      </nav>
      <section aria-label="The page’s content" className="page-frame">
        <PageContent
          content={JSON.parse(content) as unknown}
          hrefOf={(key) => (Object.hasOwn(targets, key) ? (targets[key] ?? null) : null)}
          theme={funnel.theme?.tokens}
          titleLevel={2}
          name={page.name}
        />
      </section>
      <div className="columns">
        <About />
        <Seo />
      </div>
      <RenameCard key={page.id} />
    </>
  )
}

export default WorkspacePageView

const About = () => {
  const { page } = useLoaderData<typeof loader>()
  return (
    <Card title="About this page">
      <DescriptionList
        items={[
          { term: 'Type', value: PAGE_TYPES[page.type] },
          { term: 'Slug', value: page.slug },
          { term: 'Theme', value: page.funnel.theme?.name ?? 'none' },
          { term: 'Visits', value: formatNumber(page.visits) },
          { term: 'Linking id', value: <a href={paths.byLinkingId(page.linkingId)}>{page.linkingId}</a> },
        ]}
      />
    </Card>
  )
}

const Seo = () => {
  const { page } = useLoaderData<typeof loader>()
  const items = seoItems(page.seo)
  return (
    <Card title="For search engines">
      {items.length === 0 ? (
        <p className="muted">Nothing is set: search engines take the page’s name.</p>
      ) : (
        <DescriptionList items={items} />
      )}
    </Card>
  )
}

const LABELS = { name: 'Name' }

const RenameCard = () => {
  const { page } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <Card title="Rename this page" description="Its address and the links that lead to it stay.">
      <Form method="post" className="form narrow">
        <FormErrors failure={failure} labels={LABELS} />
        <InputField
          name="name"
          label={LABELS.name}
          maxLength={200}
          autoComplete="off"
          defaultValue={failure?.values.name ?? page.name}
          error={failure?.fieldErrors.name}
        />
        <div className="actions">
          <Button aria-busy={busy}>{busy ? 'Saving…' : 'Save the name'}</Button>
        </div>
      </Form>
    </Card>
  )
}

import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { lazy, Suspense, useState } from 'react'
import {
  Alert,
  Button,
  ButtonLink,
  Card,
  DescriptionList,
  FormErrors,
  InputField,
  PageHeader,
} from '~/components/ui'
import { useHydrated } from '~/components/ui/use-hydrated'
import { pageChoices, pictureChoices } from '~/features/page/editor/choices.server'
import { readSeo } from '~/features/page/editor/page-settings'
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

/** Loaded where a page is edited, and nowhere else. */
const PageEditor = lazy(() => import('~/features/page/editor/PageEditor'))

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
  const [page, tree, refusal, pictures] = await load(args, (api) =>
    Promise.all([
      api.workspace.page(address),
      api.workspace.tree({ id: address.workspaceId }),
      api.workspace.pageRefusal(address),
      pictureChoices(api, address.workspaceId),
    ]),
  )
  const { content, links, ...line } = page
  return json({
    page: line,
    // As text: the content's members are anybody's and have no type worth carrying.
    content: JSON.stringify(content),
    ...neighbours(tree, address),
    targets: linkTargets(address.workspaceId, links),
    isPublished: tree.funnels.some(({ id, status }) => id === address.funnelId && status === 'LIVE'),
    /** Why it can only be read. */
    refusal,
    choices: { pages: pageChoices(tree), pictures },
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
  const { page, refusal, isPublished } = useLoaderData<typeof loader>()
  const { workspace, funnel } = page
  const hydrated = useHydrated()
  const shown = (
    <>
      <Shown />
      <div className="columns">
        <About />
        <Seo />
      </div>
      {refusal === null && <RenameCard key={page.id} />}
    </>
  )
  return (
    <>
      <PageHeader
        title={page.name}
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: workspace.name, to: paths.workspace(workspace.id) },
          { label: funnel.name, to: `${paths.workspace(workspace.id)}#funnel-${funnel.id}` },
        ]}
        actions={
          <>
            <ButtonLink to={paths.pageHistory(workspace.id, funnel.id, page.id)}>History</ButtonLink>
            {isPublished && (
              <ButtonLink to={paths.published(workspace.slug, funnel.slug, page.slug)} reload>
                See it published
              </ButtonLink>
            )}
          </>
        }
      />
      <Pager />
      {refusal !== null && (
        <Alert tone="warning" title="This page can only be read">
          {refusal}
        </Alert>
      )}
      {hydrated && refusal === null ? (
        <Suspense fallback={shown}>
          <Edited key={page.id} />
        </Suspense>
      ) : (
        shown
      )}
    </>
  )
}

export default WorkspacePageView

const Pager = () => {
  const { page, previous, next } = useLoaderData<typeof loader>()
  const wayTo = (pageId: string) => paths.pageEditor(page.workspace.id, page.funnel.id, pageId)
  return (
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
  )
}

/** The page as it is, to be read. */
const Shown = () => {
  const { page, content, targets } = useLoaderData<typeof loader>()
  return (
    <section aria-label="The page’s content" className="page-frame">
      <PageContent
        content={JSON.parse(content) as unknown}
        hrefOf={(key) => (Object.hasOwn(targets, key) ? (targets[key] ?? null) : null)}
        theme={page.funnel.theme?.tokens}
        titleLevel={2}
        name={page.name}
      />
    </section>
  )
}

/** The page in the editor, which goes on from what was loaded first: later loads are its own saves. */
const Edited = () => {
  const { page, content, choices } = useLoaderData<typeof loader>()
  const [begun] = useState(() => ({
    edited: {
      content: JSON.parse(content) as Record<string, unknown>,
      page: { name: page.name, slug: page.slug, type: page.type },
      seo: readSeo(page.seo),
    },
    version: page.contentVersion,
    address: { workspaceId: page.workspace.id, pageId: page.id },
    theme: page.funnel.theme?.tokens,
    ...choices,
  }))
  return <PageEditor {...begun} library={paths.pictures(page.workspace.id)} />
}

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

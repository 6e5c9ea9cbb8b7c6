import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import {
  Alert,
  Button,
  ButtonLink,
  Card,
  Confirm,
  FormErrors,
  InputField,
  PageHeader,
  SelectField,
} from '~/components/ui'
import { PagesInOrder } from '~/features/workspace/pages-in-order'
import { FunnelState } from '~/features/workspace/states'
import { LimitNote } from '~/features/workspace/usage-note'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.funnel.name ?? 'Funnel')

export const loader = async (args: LoaderFunctionArgs) => {
  const { id = '', funnelId = '' } = args.params
  const [{ settings, ...funnel }, tree, limits] = await load(args, (api) =>
    Promise.all([
      api.workspace.funnel({ workspaceId: id, funnelId }),
      api.workspace.tree({ id }),
      api.workspace.limits({ id }),
    ]),
  )
  return json({
    funnel: { ...funnel, language: typeof settings.language === 'string' ? settings.language : '' },
    frozen: tree.status === 'FROZEN',
    readOnly: limits.readOnly ?? null,
    pages: tree.funnels.find((one) => one.id === funnelId)?.pages ?? [],
    usage: limits.pages.find((one) => one.funnelId === funnelId)?.usage ?? null,
  })
}

const FIELDS = ['name', 'slug', 'theme', 'language', 'googleAnalyticsId', 'metaPixelId', 'password'] as const

export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const { id: workspaceId = '', funnelId = '' } = params
  const address = { workspaceId, funnelId }
  // Of somebody else, or gone: the page for that, not a message in a form.
  await load({ request, context }, (api) => api.workspace.funnel(address))
  const form = await request.formData()
  const { intent, pageId, before } = textFields(form, ['intent', 'pageId', 'before'])
  const values = textFields(form, FIELDS)
  const { workspace } = apiOf(context)
  const here = (notice: Parameters<typeof withNotice>[1]) =>
    redirect(withNotice(paths.funnelSettings(workspaceId, funnelId), notice))
  const page = { workspaceId, pageId }
  try {
    switch (intent) {
      case 'publish':
        await workspace.changeFunnel({ ...address, status: 'LIVE' })
        return here('funnel-published')
      case 'draft':
      case 'archive':
        await workspace.changeFunnel({ ...address, status: intent === 'draft' ? 'DRAFT' : 'ARCHIVED' })
        return here('funnel-saved')
      case 'open':
        await workspace.changeFunnel({ ...address, password: null })
        return here('funnel-saved')
      case 'duplicate':
        return redirect(
          paths.funnelSettings(workspaceId, (await workspace.duplicateFunnel(address)).funnelId),
        )
      case 'delete':
        await workspace.deleteFunnel(address)
        return redirect(withNotice(paths.workspace(workspaceId), 'funnel-deleted'))
      case 'add-page': {
        const made = await workspace.createPage({
          ...address,
          name: values.name,
          type: form.get('type') === 'RESULT' ? 'RESULT' : 'PAGE',
        })
        return redirect(paths.pageEditor(workspaceId, funnelId, made.pageId))
      }
      case 'duplicate-page':
        await workspace.duplicatePage(page)
        return here('funnel-saved')
      case 'delete-page':
        await workspace.deletePage(page)
        return here('page-deleted')
      case 'move-page':
        await workspace.movePage({ ...page, ...(before === '' ? {} : { before }) })
        return here('order-changed')
      default: {
        const { name, slug, theme, language, googleAnalyticsId, metaPixelId, password } = values
        await workspace.changeFunnel({
          ...address,
          name,
          slug,
          theme: theme === '' ? null : theme,
          settings: { language },
          tracking: { googleAnalyticsId, metaPixelId },
          ...(password === '' ? {} : { password }),
        })
        return here('funnel-saved')
      }
    }
  } catch (error) {
    return formFailure(error, request, { ...values, password: '' }, { SLUG_TAKEN: 'slug' })
  }
}

const LABELS = {
  name: 'Name',
  slug: 'Address',
  theme: 'Theme',
  language: 'Language',
  googleAnalyticsId: 'Google Analytics id',
  metaPixelId: 'Meta Pixel id',
  password: 'Password for visitors',
}

const FunnelPage = () => {
  const { funnel, frozen, readOnly, pages, usage } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const { workspace } = funnel
  const live = funnel.status === 'LIVE'
  const errors: Readonly<Record<string, string>> = failure?.fieldErrors ?? {}
  const said = (field: keyof typeof LABELS, saved: string) => failure?.values[field] ?? saved
  return (
    <>
      <PageHeader
        title={funnel.name}
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: workspace.name, to: paths.workspace(workspace.id) },
        ]}
        actions={
          <>
            <FunnelState status={funnel.status} />
            {live && (
              <ButtonLink to={paths.publishedFunnel(workspace.slug, funnel.slug)} reload>
                Open it
              </ButtonLink>
            )}
            <Form method="post">
              <Button
                variant={live ? 'secondary' : 'primary'}
                name="intent"
                value={live ? 'draft' : 'publish'}
              >
                {live ? 'Take offline' : 'Publish'}
              </Button>
            </Form>
          </>
        }
      />
      <FormErrors failure={failure} labels={LABELS} />
      {frozen && (
        <Alert tone="warning" title="This copy is frozen">
          Nothing of it is published, and nothing can be changed.{' '}
          <Link to={paths.workspace(workspace.id)}>Why?</Link>
        </Alert>
      )}
      {readOnly !== null && (
        <Alert tone="warning" title="This workspace is over your limit">
          {readOnly}
        </Alert>
      )}
      {funnel.passwordProtected && !funnel.passwordSet && (
        <Alert tone="warning" title="Nobody gets in">
          It is protected, and there is no password yet. Set one below, or open it to everybody.
        </Alert>
      )}
      {usage !== null && <LimitNote usage={usage} />}
      <PagesInOrder workspaceId={workspace.id} funnelId={funnel.id} pages={pages} />
      <Card title="How it is set">
        <Form method="post" className="form">
          <InputField
            name="name"
            label={LABELS.name}
            error={errors.name}
            defaultValue={said('name', funnel.name)}
            maxLength={200}
          />
          <InputField
            name="slug"
            label={LABELS.slug}
            hint={`Behind ${paths.publishedFunnel(workspace.slug, '')}. Who has the former address no longer finds it.`}
            error={errors.slug}
            defaultValue={said('slug', funnel.slug)}
            maxLength={100}
          />
          <SelectField
            name="theme"
            label={LABELS.theme}
            error={errors.theme}
            defaultValue={said('theme', funnel.theme ?? '')}
          >
            <option value="">None</option>
            {funnel.themes.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </SelectField>
          <InputField
            name="language"
            label={LABELS.language}
            hint="Such as en or de, for screen readers and search engines."
            error={errors.settings}
            defaultValue={said('language', funnel.language)}
            maxLength={20}
            optional
          />
          <div className="form-pair">
            <InputField
              name="googleAnalyticsId"
              label={LABELS.googleAnalyticsId}
              hint="Used only after a visitor’s yes. Never copied to a buyer."
              error={errors['tracking.googleAnalyticsId']}
              defaultValue={said('googleAnalyticsId', funnel.tracking.googleAnalyticsId ?? '')}
              maxLength={200}
              optional
            />
            <InputField
              name="metaPixelId"
              label={LABELS.metaPixelId}
              hint="Used only after a visitor’s yes. Never copied to a buyer."
              error={errors['tracking.metaPixelId']}
              defaultValue={said('metaPixelId', funnel.tracking.metaPixelId ?? '')}
              maxLength={200}
              optional
            />
          </div>
          <InputField
            name="password"
            type="password"
            label={LABELS.password}
            hint={
              funnel.passwordSet
                ? 'There is one. Type another to change it.'
                : 'Whoever opens the funnel has to type it. Empty: everybody may.'
            }
            error={errors.password}
            autoComplete="new-password"
            optional
          />
          <div className="actions">
            <Button variant="primary" aria-busy={busy}>
              {busy ? 'Saving…' : 'Save'}
            </Button>
          </div>
        </Form>
      </Card>
      <Card title="More">
        <Form method="post" className="actions">
          {funnel.passwordProtected && (
            <Button variant="secondary" name="intent" value="open">
              Open it to everybody
            </Button>
          )}
          <Button variant="secondary" name="intent" value="duplicate">
            Duplicate it
          </Button>
          {funnel.status !== 'ARCHIVED' && (
            <Button variant="secondary" name="intent" value="archive">
              Archive it
            </Button>
          )}
        </Form>
        <Confirm
          label="Delete…"
          question={`“${funnel.name}” and its pages are gone, and its address leads nowhere. Copies that were sold keep theirs.`}
        >
          <Form method="post">
            <Button variant="danger" name="intent" value="delete">
              Delete the funnel
            </Button>
          </Form>
        </Confirm>
      </Card>
    </>
  )
}

export default FunnelPage

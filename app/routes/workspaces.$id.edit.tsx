import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { Button, ButtonLink, Card, PageHeader } from '~/components/ui'
import { WorkspaceFields } from '~/features/workspace/workspace-fields'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('Rename or describe')

export const loader = async (args: LoaderFunctionArgs) => {
  const { id, name, slug, description } = await load(args, (api) =>
    api.workspace.get({ id: args.params.id ?? '' }),
  )
  return json({ id, name, slug, description })
}

export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const id = params.id ?? ''
  const typed = textFields(await request.formData(), ['name', 'description'])
  // Of somebody else, or gone: the page for that, not a message in a form.
  await load({ request, context }, (api) => api.workspace.get({ id }))
  try {
    await apiOf(context).workspace.update({ id, ...typed })
    return redirect(withNotice(paths.workspace(id), 'workspace-saved'))
  } catch (error) {
    return formFailure(error, request, typed)
  }
}

const EditWorkspace = () => {
  const workspace = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <div className="narrow">
      <PageHeader
        title="Rename or describe"
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: workspace.name, to: paths.workspace(workspace.id) },
        ]}
        description={`Its slug stays ${workspace.slug}: it is in addresses. Copies that were sold keep their names.`}
      />
      <Card>
        <Form method="post" className="form">
          <WorkspaceFields failure={failure} values={workspace} />
          <div className="actions">
            <Button variant="primary" aria-busy={busy}>
              {busy ? 'Saving…' : 'Save'}
            </Button>
            <ButtonLink to={paths.workspace(workspace.id)} variant="quiet">
              Cancel
            </ButtonLink>
          </div>
        </Form>
      </Card>
    </div>
  )
}

export default EditWorkspace

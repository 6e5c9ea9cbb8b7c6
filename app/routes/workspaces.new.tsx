import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { Button, ButtonLink, Card, PageHeader } from '~/components/ui'
import { UsageNote } from '~/features/workspace/usage-note'
import { WorkspaceFields } from '~/features/workspace/workspace-fields'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('Create a workspace')

export const loader = async (args: LoaderFunctionArgs) =>
  json({ usage: await load(args, (api) => api.workspace.usage()) })

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const typed = textFields(await request.formData(), ['name', 'description'])
  try {
    const { id } = await apiOf(context).workspace.create(typed)
    return redirect(withNotice(paths.workspace(id), 'workspace-made'))
  } catch (error) {
    return formFailure(error, request, typed)
  }
}

const NewWorkspace = () => {
  const { usage } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <div className="narrow">
      <PageHeader
        title="Create a workspace"
        breadcrumb={[{ label: 'Workspaces', to: paths.workspaces() }]}
        description="It begins empty. Its address is made from its name and stays."
      />
      <UsageNote usage={usage} />
      <Card>
        <Form method="post" className="form">
          <WorkspaceFields failure={failure} />
          <div className="actions">
            <Button variant="primary" aria-busy={busy}>
              {busy ? 'Creating…' : 'Create the workspace'}
            </Button>
            <ButtonLink to={paths.importWorkspace()} variant="quiet">
              Import a document
            </ButtonLink>
          </div>
        </Form>
      </Card>
    </div>
  )
}

export default NewWorkspace

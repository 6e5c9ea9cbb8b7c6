import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { Button, ButtonLink, Card, FormErrors, InputField, PageHeader } from '~/components/ui'
import { LimitNote } from '~/features/workspace/usage-note'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('New funnel')

export const loader = async (args: LoaderFunctionArgs) => {
  const id = args.params.id ?? ''
  const [{ name }, { funnels }] = await load(args, (api) =>
    Promise.all([api.workspace.get({ id }), api.workspace.limits({ id })]),
  )
  return json({ id, name, usage: funnels })
}

export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const id = params.id ?? ''
  const typed = textFields(await request.formData(), ['name'])
  await load({ request, context }, (api) => api.workspace.get({ id }))
  try {
    const { funnelId } = await apiOf(context).workspace.createFunnel({ workspaceId: id, ...typed })
    return redirect(paths.funnelSettings(id, funnelId))
  } catch (error) {
    return formFailure(error, request, typed, { SLUG_TAKEN: 'name' })
  }
}

const LABELS = { name: 'Name' }

const NewFunnel = () => {
  const { id, name, usage } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <div className="narrow">
      <PageHeader
        title="New funnel"
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: name, to: paths.workspace(id) },
        ]}
        description="It begins as a draft with one empty page. Nobody sees it until you publish it."
      />
      <LimitNote usage={usage} />
      <Card>
        <FormErrors failure={failure} labels={LABELS} />
        <Form method="post" className="form">
          <InputField
            name="name"
            label={LABELS.name}
            hint="Such as “Spring launch”. Its address is made of it, and can be changed."
            maxLength={200}
            error={failure?.fieldErrors.name}
            defaultValue={failure?.values.name}
          />
          <div className="actions">
            <Button variant="primary" aria-busy={busy}>
              {busy ? 'Making…' : 'Make the funnel'}
            </Button>
            <ButtonLink to={paths.workspace(id)} variant="quiet">
              Cancel
            </ButtonLink>
          </div>
        </Form>
      </Card>
    </div>
  )
}

export default NewFunnel

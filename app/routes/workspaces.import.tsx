import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { Button, ButtonLink, Card, InputField, PageHeader, TextareaField } from '~/components/ui'
import { importUpload } from '~/features/workspace/import-document.server'
import { ImportFaults } from '~/features/workspace/import-faults'
import { UsageNote } from '~/features/workspace/usage-note'
import stylesheet from '~/features/workspace/workspace.css?url'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]
export const meta: MetaFunction = () => pageTitle('Import a document')

export const loader = async (args: LoaderFunctionArgs) =>
  json({ usage: await load(args, (api) => api.workspace.usage()) })

export const action = async (args: ActionFunctionArgs) => {
  // Whoever is not signed in is sent there before a hundred megabytes are read.
  await load(args, (api) => api.workspace.usage())
  const result = await importUpload(args)
  return result.id === null
    ? result.failure
    : redirect(withNotice(paths.workspace(result.id), 'workspace-imported'))
}

const ImportWorkspace = () => {
  const { usage } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <div className="narrow">
      <PageHeader
        title="Import a document"
        breadcrumb={[{ label: 'Workspaces', to: paths.workspaces() }]}
        description="Makes a workspace of yours from a file that was exported here or elsewhere in this format. All of it, or nothing when anything is wrong."
      />
      <UsageNote usage={usage} />
      <ImportFaults failure={failure} />
      <Card>
        <Form method="post" encType="multipart/form-data" className="form">
          <InputField
            name="file"
            label="Workspace document"
            type="file"
            accept=".json,application/json"
            optional
            hint="A .json file in the format offshoot.workspace/1, up to 100 MiB and 2,000 pages."
          />
          <TextareaField
            name="text"
            label="Or paste it"
            optional
            rows={8}
            spellCheck={false}
            defaultValue={failure?.text}
            hint="Read when no file is chosen."
          />
          <div className="actions">
            <Button variant="primary" aria-busy={busy}>
              {busy ? 'Importing…' : 'Import the document'}
            </Button>
            <ButtonLink to={paths.newWorkspace()} variant="quiet">
              Begin with an empty one
            </ButtonLink>
          </div>
        </Form>
      </Card>
    </div>
  )
}

export default ImportWorkspace

import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  type Column,
  Confirm,
  CopyField,
  DataTable,
  EmptyState,
  FormErrors,
  InputField,
  PageHeader,
  TextareaField,
  Time,
} from '~/components/ui'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { TrackingSite } from '../../server/domain/affiliate/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Other sites')

export const loader = async (args: LoaderFunctionArgs) =>
  json(
    await load(args, async (api) => ({
      sites: (await api.affiliates.trackingSites()).items,
      home: args.context.api.config.appUrl,
    })),
  )

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { intent, id, name, origins } = textFields(await request.formData(), [
    'intent',
    'id',
    'name',
    'origins',
  ])
  const { affiliates } = apiOf(context)
  try {
    if (intent === 'revoke') await affiliates.revokeTrackingSite({ id })
    else if (intent === 'add')
      await affiliates.addTrackingSite({ name, origins: origins.split(/[\s,]+/).filter((one) => one !== '') })
    else throw new Response('There is no such button.', { status: 400 })
  } catch (error) {
    return formFailure(error, request, { intent, name, origins })
  }
  return redirect(withNotice(paths.admin('tracking'), intent === 'add' ? 'site-added' : 'site-revoked'))
}

const LABELS = { name: 'Name', origins: 'Its addresses' }

const Tracking = () => {
  const { sites, home } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Other sites"
        description="Let the pages of a site elsewhere record clicks on affiliates’ links, and its server record who signed up."
      />
      <Card flush title="Sites">
        <DataTable
          caption="Sites that record clicks, newest first"
          columns={COLUMNS}
          rows={sites}
          rowKey={({ id }) => id}
          empty={
            <EmptyState title="No site yet" action={<ButtonLink to="#add">Add the first</ButtonLink>}>
              Add one below, and put the line it gets into its pages.
            </EmptyState>
          }
        />
      </Card>
      {sites
        .filter(({ revokedAt }) => revokedAt === null)
        .map(({ id, name, key }) => (
          <Card key={id} title={`For the pages of ${name}`}>
            <CopyField
              label={`The line for ${name}`}
              value={`<script async src="${home}/track.js" data-site="${key}"></script>`}
            />
            <p className="muted">
              It tells of visits with ?ref=CODE and leads on who clicks through to here. Where a visitor has
              to be asked first, add data-consent="wait" and call offshoot.consent(true) or
              offshoot.consent(false). Sign-ups are told by your server, with an API key of the scope “track”:
              POST {home}/api/track/sign-ups with referral and email.
            </p>
          </Card>
        ))}
      <NewSite />
    </>
  )
}

export default Tracking

const COLUMNS: readonly Column<TrackingSite>[] = [
  {
    header: 'Site',
    rowHeader: true,
    cell: ({ name, key }) => (
      <>
        {name}
        <p className="muted">{key}</p>
      </>
    ),
  },
  { header: 'Addresses', cell: ({ origins }) => origins.join(', ') },
  { header: 'Since', cell: ({ createdAt }) => <Time value={createdAt} /> },
  {
    header: 'State',
    cell: ({ revokedAt }) =>
      revokedAt === null ? (
        <Badge tone="good">Records</Badge>
      ) : (
        <>
          <Badge tone="neutral">Ended</Badge> <Time value={revokedAt} />
        </>
      ),
  },
  {
    header: 'End it',
    cell: ({ id, name, revokedAt }) =>
      revokedAt === null && (
        <Confirm
          label="End"
          question={`Clicks on “${name}” are refused at once. What it recorded stays. It cannot be taken back.`}
        >
          <Form method="post">
            <input type="hidden" name="id" value={id} />
            <Button variant="danger" name="intent" value="revoke">
              End its key
            </Button>
          </Form>
        </Confirm>
      ),
  },
]

const NewSite = () => {
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const wrong: Readonly<Record<string, string>> = failure?.fieldErrors ?? {}
  return (
    <div id="add">
      <Card title="Add a site">
        <FormErrors failure={failure} labels={LABELS} />
        <Form method="post" className="form">
          <input type="hidden" name="intent" value="add" />
          <InputField
            name="name"
            label={LABELS.name}
            hint="What you call it."
            maxLength={100}
            error={wrong.name}
            defaultValue={failure?.values.name}
          />
          <TextareaField
            name="origins"
            label={LABELS.origins}
            hint="One a line, such as https://shop.example: exactly as browsers name them, without a path."
            rows={3}
            error={wrong.origins ?? wrong['origins.0']}
            defaultValue={failure?.values.origins}
          />
          <div className="actions">
            <Button variant="primary" aria-busy={busy}>
              {busy ? 'Adding…' : 'Add the site'}
            </Button>
          </div>
        </Form>
      </Card>
    </div>
  )
}

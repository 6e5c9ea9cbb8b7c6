import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData } from '@remix-run/react'
import {
  Badge,
  Button,
  Card,
  type Column,
  DataTable,
  EmptyState,
  FormErrors,
  InputField,
  PageHeader,
  Pagination,
  TextareaField,
  Time,
} from '~/components/ui'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { MaterialView } from '../../server/domain/affiliate/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Materials')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json(await load(args, (api) => api.growth.allMaterials({ limit: 50, cursor })))
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const typed = textFields(await request.formData(), [
    'intent',
    'id',
    'title',
    'body',
    'linkPath',
    'imagePath',
  ])
  const { intent, id, title, body, linkPath, imagePath } = typed
  const { growth } = apiOf(context)
  try {
    if (intent === 'withdraw') await growth.withdraw({ id })
    else await growth.publish({ title, body, linkPath, ...(imagePath === '' ? {} : { imagePath }) })
  } catch (error) {
    return formFailure(error, request, typed)
  }
  const notice = intent === 'withdraw' ? 'material-withdrawn' : 'material-published'
  return redirect(withNotice(paths.admin('materials'), notice))
}

const LABELS = { title: 'Title', body: 'Text', linkPath: 'Where the link leads', imagePath: 'Picture' }

const Materials = () => {
  const { items, nextCursor } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const field = (name: keyof typeof LABELS) => ({
    name,
    label: LABELS[name],
    error: failure?.fieldErrors[name],
    defaultValue: failure?.values[name],
  })
  return (
    <>
      <PageHeader
        title="Materials"
        description="Banners, texts and links for affiliates. Each sees them with their own link filled in."
      />
      <Card flush>
        <DataTable
          caption="Materials, newest first"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState title="Nothing published yet" action={null}>
              Publish a text or a banner below; affiliates have their plain link meanwhile.
            </EmptyState>
          }
        />
        <Pagination nextCursor={nextCursor} />
      </Card>
      <Card title="Publish something">
        <FormErrors failure={failure} labels={LABELS} />
        <Form method="post" className="form">
          <InputField {...field('title')} maxLength={100} />
          <TextareaField
            {...field('body')}
            hint="{link} stands for the affiliate’s own link."
            rows={5}
            maxLength={5_000}
            optional
          />
          <InputField
            {...field('linkPath')}
            defaultValue={failure?.values.linkPath ?? '/'}
            hint="A path of this site, such as /marketplace."
            maxLength={500}
          />
          <InputField
            {...field('imagePath')}
            hint="The path of a picture on this site, such as /banner.png."
            maxLength={500}
            optional
          />
          <div className="actions">
            <Button variant="primary" name="intent" value="publish">
              Publish it
            </Button>
          </div>
        </Form>
      </Card>
    </>
  )
}

export default Materials

const COLUMNS: readonly Column<MaterialView>[] = [
  {
    header: 'Title',
    rowHeader: true,
    cell: ({ title, image }) => (
      <>
        {title}
        {image !== null && <p className="muted">{image}</p>}
      </>
    ),
  },
  { header: 'Text', cell: ({ body }) => body || <span className="muted">–</span> },
  { header: 'Link', cell: ({ link }) => link },
  { header: 'Published', cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  {
    header: 'State',
    cell: ({ id, title, withdrawn }) =>
      withdrawn ? (
        <Badge tone="neutral">Withdrawn</Badge>
      ) : (
        <Form method="post">
          <input type="hidden" name="id" value={id} />
          <Button name="intent" value="withdraw">
            Withdraw<span className="visually-hidden"> {title}</span>
          </Button>
        </Form>
      ),
  },
]

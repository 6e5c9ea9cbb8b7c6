import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useLoaderData } from '@remix-run/react'
import { Button, Card, DescriptionList, PageHeader } from '~/components/ui'
import { apiOf } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () =>
  pageTitle('Cookies', 'What this site keeps on your device, and your say in it.')

export const loader = ({ request }: LoaderFunctionArgs) =>
  json({
    allowed: !/(?:^|; )tracking=no(?:;|$)/.test(request.headers.get('Cookie') ?? ''),
    signal: request.headers.get('Sec-GPC') === '1' || request.headers.get('DNT') === '1',
  })

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const allowed = (await request.formData()).get('allowed') === 'yes'
  await apiOf(context).affiliates.allowTracking({ allowed })
  return redirect(withNotice(paths.privacy(), 'tracking-chosen'))
}

const Privacy = () => {
  const { allowed, signal } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader title="Cookies" description="What this site keeps on your device." />
      <Card title="What there is">
        <DescriptionList
          items={[
            { term: 'Your session', value: 'When you sign in. The site cannot do without it.' },
            {
              term: 'Who sent you here',
              value:
                'When you came by an affiliate’s link: for 30 days, so that they get their share. Only this site can read it.',
            },
          ]}
        />
      </Card>
      <Card
        title="Who sent you here"
        description={
          signal
            ? 'Your browser asks sites not to track you, so nothing is kept. An affiliate’s link still counts for as long as you stay on the pages it led to.'
            : allowed
              ? 'May be kept on this device.'
              : 'Is not kept on this device. An affiliate’s link still counts for as long as you stay on the pages it led to.'
        }
      >
        {!signal && (
          <Form method="post" className="actions">
            <input type="hidden" name="allowed" value={allowed ? 'no' : 'yes'} />
            <Button>{allowed ? 'Keep nothing about it' : 'Let it be kept'}</Button>
          </Form>
        )}
      </Card>
    </>
  )
}

export default Privacy

import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { Card, PageHeader, Steps } from '~/components/ui'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('Dashboard')

export const loader = async (args: LoaderFunctionArgs) => json(await load(args, (api) => api.auth.me()))

const Dashboard = () => {
  const { user } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title={`Hello, ${user.firstName}`}
        description="What happens with your workspaces, links and money."
      />
      <Card title="What to do next">
        <Steps
          steps={[
            {
              title: 'Make a workspace',
              text: 'The funnels and pages you want to sell.',
              done: false,
              to: paths.workspaces(),
            },
            {
              title: 'Make a link',
              text: 'It names the workspace and its price.',
              done: false,
              to: paths.links(),
            },
            {
              title: 'Make the first sale',
              text: 'Send the link to somebody.',
              done: false,
              to: paths.sales(),
            },
          ]}
        />
      </Card>
    </>
  )
}

export default Dashboard

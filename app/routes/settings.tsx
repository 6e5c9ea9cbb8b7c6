import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { ButtonLink, Card, DescriptionList } from '~/components/ui'
import { SettingsHeader } from '~/features/account/settings-header'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Settings')

export const loader = async (args: LoaderFunctionArgs) => json(await load(args, (api) => api.auth.me()))

const Settings = () => {
  const { user } = useLoaderData<typeof loader>()
  return (
    <>
      <SettingsHeader title="Settings" description="Who you are here." />
      <Card title="Account">
        <div className="stack">
          <DescriptionList
            items={[
              { term: 'Name', value: `${user.firstName} ${user.lastName}`.trim() },
              { term: 'E-mail', value: user.email },
            ]}
          />
          <div className="actions">
            <ButtonLink to={paths.closeAccount()}>Close the account</ButtonLink>
          </div>
        </div>
      </Card>
    </>
  )
}

export default Settings

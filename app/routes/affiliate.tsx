import { json, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { paths } from '~/lib/paths'

/** An older form of the address of a link's page. */
export const loader = ({ request }: LoaderFunctionArgs) => {
  const token = new URL(request.url).searchParams.get('affiliate')
  if (token === null || token === '')
    throw json({ code: 'NOT_FOUND', message: 'There is nothing here.' }, { status: 404 })
  return redirect(paths.buy(token))
}

const Affiliate = () => null
export default Affiliate

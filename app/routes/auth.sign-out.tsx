import { type ActionFunctionArgs, redirect } from '@remix-run/node'
import { apiOf } from '~/lib/api.server'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

/** Only a form signs out: an address that did would be opened by prefetching, or by a stranger's picture. */
export const loader = () => redirect(paths.home())

export const action = async ({ context }: ActionFunctionArgs) => {
  await apiOf(context).auth.signOut()
  return redirect(withNotice(paths.home(), 'signed-out'))
}

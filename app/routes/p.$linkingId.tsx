import { json, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { isSignedIn, load } from '~/lib/api.server'
import { paths } from '~/lib/paths'

/** Leads the owner of a page to it by its linking id; for everyone else there is nothing here. */
export const loader = async (args: LoaderFunctionArgs) => {
  if (!isSignedIn(args.context))
    throw json({ code: 'PAGE_NOT_FOUND', message: 'There is no such page.' }, { status: 404 })
  const linkingId = (args.params.linkingId ?? '').slice(0, 100)
  const page = await load(args, (api) => api.workspace.findPage({ linkingId }))
  return redirect(paths.pageEditor(page.workspaceId, page.funnelId, page.pageId))
}

const LinkedPage = () => null
export default LinkedPage

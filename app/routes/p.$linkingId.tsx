import { json, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { apiOf, failureOf, isSignedIn, load } from '~/lib/api.server'
import { paths } from '~/lib/paths'

/** Leads to a page by its linking id: its owner to the editor, everyone else to where it is published, if it is. */
export const loader = async (args: LoaderFunctionArgs) => {
  const linkingId = (args.params.linkingId ?? '').slice(0, 100)
  const own = isSignedIn(args.context) ? await ownPage(args, linkingId) : null
  if (own !== null) return redirect(paths.pageEditor(own.workspaceId, own.funnelId, own.pageId))
  const published = await load(args, (api) => api.workspace.publishedAddress({ linkingId }))
  if (published === null)
    throw json({ code: 'PAGE_NOT_FOUND', message: 'There is no such page.' }, { status: 404 })
  return redirect(paths.published(published.workspace, published.funnel, published.page))
}

const ownPage = async ({ context, request }: LoaderFunctionArgs, linkingId: string) => {
  try {
    return await apiOf(context).workspace.findPage({ linkingId })
  } catch (error) {
    if (failureOf(error, request).status === 404) return null
    throw error
  }
}

const LinkedPage = () => null
export default LinkedPage

import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { ButtonLink, Card, EmptyState, FormErrors, PageHeader, Pagination } from '~/components/ui'
import { changePictures } from '~/features/picture/change-pictures.server'
import { PictureFolders } from '~/features/picture/picture-folders'
import { PictureTile } from '~/features/picture/picture-tile'
import { PictureUpload } from '~/features/picture/picture-upload'
import stylesheet from '~/features/picture/pictures.css?url'
import { load } from '~/lib/api.server'
import { plural } from '~/lib/format'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]
export const meta: MetaFunction = () => pageTitle('Pictures')

const PAGE = 48

export const loader = async (args: LoaderFunctionArgs) => {
  const workspaceId = args.params.id ?? ''
  const search = new URL(args.request.url).searchParams
  const folder = search.get('folder') ?? undefined
  const cursor = search.get('cursor') ?? undefined
  const [workspace, list] = await load(args, (api) =>
    Promise.all([
      api.workspace.get({ id: workspaceId }),
      api.picture.list({ workspaceId, folder, cursor, limit: PAGE }),
    ]),
  )
  const { id, name, status } = workspace
  return json({ workspace: { id, name, frozen: status === 'FROZEN' }, folder: folder ?? null, ...list })
}

export const action = async (args: ActionFunctionArgs) => {
  const workspaceId = args.params.id ?? ''
  // Whoever has no business here is told so before megabytes are read.
  await load(args, (api) => api.workspace.get({ id: workspaceId }))
  const result = await changePictures(args, workspaceId)
  return 'failure' in result
    ? result.failure
    : redirect(withNotice(paths.pictures(workspaceId, result.folder), result.notice))
}

const LABELS = { files: 'Pictures', name: 'Name', folder: 'Folder', content: 'Picture' }

const Pictures = () => {
  const { workspace, folder, folders, items, nextCursor } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const total = folders.reduce((sum, one) => sum + one.count, 0)
  return (
    <>
      <PageHeader
        title="Pictures"
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: workspace.name, to: paths.workspace(workspace.id) },
        ]}
        description="What your pages show. Buyers of a copy get these pictures with it, and keep them whatever you remove here."
      />
      <FormErrors failure={failure} labels={LABELS} />
      {!workspace.frozen && <PictureUpload folder={folder ?? ''} folders={folders} />}
      <Card
        title={folder === null ? plural(total, 'picture') : folder === '' ? 'In no folder' : folder}
        actions={<PictureFolders workspaceId={workspace.id} folders={folders} current={folder} />}
      >
        {items.length === 0 ? (
          <EmptyState
            title={total === 0 ? 'No picture yet' : 'Nothing in this folder'}
            action={
              total === 0 ? (
                <ButtonLink to={paths.workspace(workspace.id)}>To the workspace</ButtonLink>
              ) : (
                <ButtonLink to={paths.pictures(workspace.id)}>All pictures</ButtonLink>
              )
            }
          >
            {total === 0
              ? 'Choose files above: photos of what you offer, of people, of results.'
              : 'What was in it is elsewhere now, or removed.'}
          </EmptyState>
        ) : (
          <ul className="pictures">
            {items.map((picture) => (
              <PictureTile key={picture.id} picture={picture} folders={folders} fixed={workspace.frozen} />
            ))}
          </ul>
        )}
      </Card>
      <Pagination nextCursor={nextCursor} />
    </>
  )
}

export default Pictures

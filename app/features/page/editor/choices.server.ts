import type { Api } from '~/lib/api.server'
import type { WorkspaceTree } from '../../../../server/domain/workspace/schemas'
import type { LinkChoice, PictureChoice } from './fields'

/** The pages of a workspace as links may lead to them, in their order. */
export const pageChoices = ({ funnels }: Pick<WorkspaceTree, 'funnels'>): LinkChoice[] =>
  funnels.flatMap((funnel) =>
    funnel.pages.map((page) => ({
      href: `page:${page.id}`,
      label: funnels.length === 1 ? page.name : `${funnel.name}: ${page.name}`,
    })),
  )

/** Of the library, the newest; older ones can be named by their address. */
const MOST_PICTURES = 300

export const pictureChoices = async (api: Api, workspaceId: string): Promise<PictureChoice[]> => {
  const found: PictureChoice[] = []
  let cursor: string | undefined
  do {
    const { items, nextCursor } = await api.picture.list({ workspaceId, limit: 100, cursor })
    found.push(...items.map(({ address, name }) => ({ address, name })))
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined && found.length < MOST_PICTURES)
  return found
}

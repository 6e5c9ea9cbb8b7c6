import { paths } from '~/lib/paths'
import type { PageAddress, PageView, WorkspaceTree } from '../../../server/domain/workspace/schemas'

interface Neighbour {
  readonly id: string
  readonly name: string
}

interface Neighbours {
  readonly previous: Neighbour | null
  readonly next: Neighbour | null
}

/** The pages before and after one, in the order of its funnel. */
export const neighbours = (
  { funnels }: Pick<WorkspaceTree, 'funnels'>,
  { funnelId, pageId }: PageAddress,
): Neighbours => {
  const pages = funnels.find((funnel) => funnel.id === funnelId)?.pages ?? []
  const place = pages.findIndex((page) => page.id === pageId)
  const at = (index: number): Neighbour | null => {
    const page = place === -1 ? undefined : pages[index]
    return page === undefined ? null : { id: page.id, name: page.name }
  }
  return { previous: at(place - 1), next: at(place + 1) }
}

/** Where each link of a content leads in this workspace, by its key; what leads nowhere is not there. */
export const linkTargets = (
  workspaceId: string,
  links: PageView['links'],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    links.flatMap(({ href, target }) =>
      target === null
        ? []
        : [[href.slice('page:'.length), paths.pageEditor(workspaceId, target.funnelId, target.pageId)]],
    ),
  )

import type { Context } from '../../kit/context'
import { forEachLink } from './contents'
import type { State } from './merge/state'
import { pageNoOf } from './rules'
import { readBodies } from './updates'
import { type Change, stateAfter } from './workspace-state'

const AT_ONCE = 50

/**
 * The names of what would be without its funnel, its theme or a page it links to, were these changes made: the owner
 * built on what would go, or removed what is needed by what would come back.
 */
export const leftWithout = async (
  ctx: Context,
  mine: State,
  changes: readonly Change[],
): Promise<readonly string[]> => {
  const after = stateAfter(mine, changes)
  const [funnels, themes, pages] = [numbersOf(after.funnels), numbersOf(after.themes), numbersOf(after.pages)]
  const names = new Set<string>()
  for (const { name, funnelNo } of after.pages) if (!funnels.has(funnelNo)) names.add(name)
  for (const { name, theme } of after.funnels)
    if (theme?.startsWith('own:') && !themes.has(Number(theme.slice(4)))) names.add(name)

  const now = new Map(mine.pages.map(({ no, hash }) => [no, hash]))
  const goes = [...now.keys()].some((no) => !pages.has(no))
  const looked = after.pages.filter(({ no, hash }) => goes || now.get(no) !== hash)
  // A few bodies at a time: they may be large.
  for (let from = 0; from < looked.length; from += AT_ONCE) {
    const some = looked.slice(from, from + AT_ONCE)
    const bodies = await readBodies(ctx, new Set(some.map(({ hash }) => hash)))
    for (const { no, name, hash } of some)
      forEachLink(bodies.get(hash) ?? {}, [], (key) => {
        const to = pageNoOf(key) ?? 0
        if (!pages.has(to) && (now.has(to) || now.get(no) !== hash)) names.add(name)
      })
  }
  return [...names]
}

const numbersOf = (rows: readonly { readonly no: number }[]): ReadonlySet<number> =>
  new Set(rows.map(({ no }) => no))

import type { ComponentData, Config, Data, Field } from '@puckeditor/core'
import { BLOCKS, readBlock } from '../blocks'
import type { EditedPage, PageSeo, PageSettings } from './page-settings'

/** How a block is held in the editor that it cannot edit: as one piece, given back as it was. */
export const KEPT = 'Kept'
/** Fields of the editor's root that are not part of the content. */
export const PAGE_FIELD = '#page'
export const SEO_FIELD = '#seo'

/**
 * A stored page as the editor takes it: every block has an id of its own, and what the editor does not know, or cannot
 * show in its fields, is one piece.
 */
export const toEditor = (edited: EditedPage, components: Config['components']): Data => {
  const ids = new Set<string>()
  const root = isRecord(edited.content.root) ? edited.content.root : {}
  const props = isRecord(root.props) ? root.props : {}
  return {
    root: { props: { ...props, [PAGE_FIELD]: edited.page, [SEO_FIELD]: edited.seo } },
    content: blocks(edited.content.content, components, ids),
  } as Data
}

/**
 * What is to be saved of what the editor holds. Members of the stored content that the editor did not see stay.
 * @param stored the content that was given to `toEditor`
 */
export const fromEditor = (data: Data, stored: EditedPage['content']): EditedPage => {
  const {
    [PAGE_FIELD]: page,
    [SEO_FIELD]: seo,
    ...props
  } = (data.root.props ?? {}) as Record<string, unknown> & {
    [PAGE_FIELD]: PageSettings
    [SEO_FIELD]: PageSeo
  }
  const root = isRecord(stored.root) ? stored.root : {}
  const hasProps = isRecord(root.props) || Object.keys(props).length > 0
  return {
    content: {
      ...stored,
      root: hasProps ? { ...root, props: withoutAddedId(props, root.props) } : root,
      content: data.content.map(given),
    },
    page,
    seo,
  }
}

const withoutAddedId = (props: Record<string, unknown>, before: unknown): Record<string, unknown> => {
  if (isRecord(before) && 'id' in before) return props
  const { id: _id, ...own } = props
  return own
}

const blocks = (content: unknown, components: Config['components'], ids: Set<string>): ComponentData[] =>
  Array.isArray(content) ? content.map((block) => toBlock(block, components, ids)) : []

const toBlock = (block: unknown, components: Config['components'], ids: Set<string>): ComponentData => {
  const given = isRecord(block) && isRecord(block.props) ? block.props : {}
  const id = freeId(given.id, ids)
  if (!isRecord(block) || !canBeEdited(block, components))
    return { type: KEPT, props: { id, kept: JSON.stringify(block ?? null) } }
  const props = block.type === 'Columns' ? columns(given, components, ids) : given
  return { ...block, type: String(block.type), props: { ...props, id } }
}

const columns = (
  props: Record<string, unknown>,
  components: Config['components'],
  ids: Set<string>,
): Record<string, unknown> => ({
  ...props,
  columns: (Array.isArray(props.columns) ? props.columns : []).map((column: unknown) =>
    isRecord(column) ? { ...column, content: blocks(column.content, components, ids) } : column,
  ),
})

/** The block as it was, or with what was edited. */
const given = (block: ComponentData): unknown => {
  if (block.type === KEPT) return JSON.parse(String(block.props.kept))
  if (block.type !== 'Columns' || !Array.isArray(block.props.columns)) return block
  return {
    ...block,
    props: {
      ...block.props,
      columns: block.props.columns.map((column: unknown) =>
        isRecord(column) && Array.isArray(column.content)
          ? { ...column, content: column.content.map((one) => given(one as ComponentData)) }
          : column,
      ),
    },
  }
}

/** Known, and of a shape its fields can show, be it filled in as it should be or not. */
const canBeEdited = (block: Record<string, unknown>, components: Config['components']): boolean => {
  const { type, props = {} } = block
  if (typeof type !== 'string' || !Object.hasOwn(BLOCKS, type) || !isRecord(props)) return false
  if (type === 'Columns') return readBlock(block).type !== null
  return fits(components[type]?.fields ?? {}, props)
}

const fits = (fields: Readonly<Record<string, unknown>>, value: unknown): boolean =>
  isRecord(value) && Object.entries(fields).every(([name, field]) => fieldFits(field as Field, value[name]))

const fieldFits = (field: Field, value: unknown): boolean => {
  if (value === undefined) return true
  if (field.type === 'array')
    return Array.isArray(value) && value.every((item) => fits(field.arrayFields ?? {}, item))
  if (field.type === 'object') return fits(field.objectFields ?? {}, value)
  // A list of lines is the one custom field whose value is no text.
  if (field.type === 'custom' && Array.isArray(value)) return value.every((one) => typeof one === 'string')
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

const freeId = (wanted: unknown, taken: Set<string>): string => {
  const base = typeof wanted === 'string' && wanted !== '' ? wanted : 'block'
  let id = typeof wanted === 'string' && wanted !== '' ? base : `${base}-1`
  for (let n = 2; taken.has(id); n += 1) id = `${base}-${n}`
  taken.add(id)
  return id
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

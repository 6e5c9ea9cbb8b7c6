import { type ComponentData, createUsePuck, Drawer, Puck } from '@puckeditor/core'
import { type MouseEvent, type ReactNode, useEffect, useState } from 'react'
import { Button } from '~/components/ui'
import { KEPT } from './document'
import type { Saving } from './saver'
import type { Theirs } from './send-page'

const usePuck = createUsePuck()

const PANELS = { blocks: 'Blocks', outline: 'Outline', settings: 'Settings' } as const
type Panel = keyof typeof PANELS

const VIEWPORTS = { desktop: 'Desktop', phone: 'Phone' } as const
type Viewport = keyof typeof VIEWPORTS

interface EditorLayoutProps {
  readonly saving: Saving<Theirs>
  readonly onSave: () => void
  /** To be decided before anything is saved. */
  readonly notice: ReactNode
  /** Where pictures are uploaded. */
  readonly library: string
}

/** The bar, the page, and beside it what can be added and filled in. */
export const EditorLayout = ({ saving, onSave, notice, library }: EditorLayoutProps) => {
  const [panel, setPanel] = useState<Panel>('blocks')
  const [viewport, setViewport] = useState<Viewport>('desktop')
  const selected = usePuck(({ selectedItem }) => selectedItem?.props.id ?? null)
  useEffect(() => {
    if (selected !== null) setPanel('settings')
  }, [selected])
  return (
    <div className="page-editor-inner">
      <div className="page-editor-bar" role="toolbar" aria-label="Editor">
        <History />
        <Choices label="Width" choices={VIEWPORTS} chosen={viewport} onChoose={setViewport} />
        <SavingWords saving={saving} onSave={onSave} />
      </div>
      {notice}
      <div className="page-editor-work">
        <div className={`page-editor-canvas page-editor-${viewport}`} onClickCapture={stayHere}>
          <h2 className="visually-hidden">The page</h2>
          <Puck.Preview />
        </div>
        <div className="page-editor-side">
          <Choices label="Beside the page" choices={PANELS} chosen={panel} onChoose={setPanel} />
          <div className="page-editor-panel">
            {panel === 'blocks' && <BlockList />}
            {panel === 'outline' && <Outline />}
            {panel === 'settings' && <Settings library={library} />}
          </div>
        </div>
      </div>
    </div>
  )
}

const stayHere = (event: MouseEvent) => {
  if (event.target instanceof Element && event.target.closest('a, button[type=submit]') !== null)
    event.preventDefault()
}

const History = () => {
  const history = usePuck(({ history }) => history)
  return (
    <span className="page-editor-group">
      <Button
        type="button"
        size="small"
        onClick={() => history.back()}
        aria-disabled={!history.hasPast || undefined}
      >
        Undo
      </Button>
      <Button
        type="button"
        size="small"
        onClick={() => history.forward()}
        aria-disabled={!history.hasFuture || undefined}
      >
        Redo
      </Button>
    </span>
  )
}

interface ChoicesProps<T extends string> {
  readonly label: string
  readonly choices: Readonly<Record<T, string>>
  readonly chosen: T
  readonly onChoose: (choice: T) => void
}

const Choices = <T extends string>({ label, choices, chosen, onChoose }: ChoicesProps<T>) => (
  <fieldset className="page-editor-choices">
    <legend className="visually-hidden">{label}</legend>
    {(Object.keys(choices) as T[]).map((choice) => (
      <button key={choice} type="button" aria-pressed={choice === chosen} onClick={() => onChoose(choice)}>
        {choices[choice]}
      </button>
    ))}
  </fieldset>
)

const SavingWords = ({
  saving,
  onSave,
}: {
  readonly saving: Saving<Theirs>
  readonly onSave: () => void
}) => (
  <span className="page-editor-saving">
    <span role="status" data-saving={saving.state}>
      {wordsFor(saving)}
    </span>
    {saving.state === 'failed' && (
      <Button type="button" size="small" onClick={onSave}>
        Try again now
      </Button>
    )}
  </span>
)

const wordsFor = (saving: Saving<Theirs>): string => {
  switch (saving.state) {
    case 'saved':
      return 'Saved'
    case 'saving':
      return 'Saving…'
    case 'conflict':
      return 'Not saved: somebody else saved since'
    case 'failed':
      return `Not saved. ${saving.why}${saving.again ? ' It is tried again by itself.' : ''}`
  }
}

const ROOT_ZONE = 'root:default-zone'

/** Every block there is, by category: dragged into the page, or added by its button after the chosen one. */
const BlockList = () => {
  const categories = usePuck(({ config }) => config.categories)
  const components = usePuck(({ config }) => config.components)
  const add = useAdd()
  return (
    <>
      {Object.entries(categories ?? {}).map(([key, { title, components: types = [] }]) => (
        <section key={key} className="page-editor-category" aria-labelledby={`blocks-${key}`}>
          <h2 id={`blocks-${key}`}>{title}</h2>
          <Drawer>
            {types.map((type) => {
              const label = components[type]?.label ?? String(type)
              return (
                <div key={type} className="page-editor-block">
                  <Drawer.Item name={String(type)} label={label}>
                    {() => <div className="page-editor-drag">{label}</div>}
                  </Drawer.Item>
                  <button type="button" onClick={() => add(String(type))} aria-label={`Add ${label}`}>
                    Add
                  </button>
                </div>
              )
            })}
          </Drawer>
        </section>
      ))}
    </>
  )
}

/** Adds a block after the chosen one, else at the end, and chooses it. */
const useAdd = () => {
  const dispatch = usePuck(({ dispatch }) => dispatch)
  const count = usePuck(({ appState }) => appState.data.content.length)
  const chosen = usePuck(({ appState }) => appState.ui.itemSelector)
  return (componentType: string) => {
    const destinationZone = chosen?.zone ?? ROOT_ZONE
    const destinationIndex = chosen === null ? count : chosen.index + 1
    dispatch({ type: 'insert', componentType, destinationIndex, destinationZone })
    dispatch({
      type: 'setUi',
      ui: { itemSelector: { index: destinationIndex, zone: destinationZone } },
    })
  }
}

/** The blocks in their order, those in columns under them, to choose one without a pointer. */
const Outline = () => {
  const content = usePuck(({ appState }) => appState.data.content)
  const isEmpty = content.length === 0
  return isEmpty ? (
    <p className="muted">This page is empty. Add a block from “Blocks”.</p>
  ) : (
    <OutlineList blocks={content} />
  )
}

const OutlineList = ({ blocks }: { readonly blocks: readonly ComponentData[] }) => {
  const components = usePuck(({ config }) => config.components)
  const chosen = usePuck(({ selectedItem }) => selectedItem?.props.id as string | undefined)
  const dispatch = usePuck(({ dispatch }) => dispatch)
  const selectorFor = usePuck(({ getSelectorForId }) => getSelectorForId)
  return (
    <ol className="page-editor-outline">
      {blocks.map(({ type, props }) => (
        <li key={props.id}>
          <button
            type="button"
            aria-current={props.id === chosen || undefined}
            onClick={() => dispatch({ type: 'setUi', ui: { itemSelector: selectorFor(props.id) ?? null } })}
          >
            {components[type]?.label ?? type}
            <span className="muted">{wordsOf(props)}</span>
          </button>
          {columnsOf(props).length > 0 && <OutlineList blocks={columnsOf(props)} />}
        </li>
      ))}
    </ol>
  )
}

/** What tells one block from another of its kind. */
const wordsOf = (props: Readonly<Record<string, unknown>>): string => {
  const words = [props.title, props.text, props.label, props.brand].find(
    (value) => typeof value === 'string' && value !== '',
  )
  return typeof words === 'string' ? ` ${words.slice(0, 40)}` : ''
}

const columnsOf = ({ columns }: Readonly<Record<string, unknown>>): ComponentData[] =>
  Array.isArray(columns)
    ? columns.flatMap(({ content }: { content?: unknown }) =>
        Array.isArray(content) ? (content as ComponentData[]) : [],
      )
    : []

const Settings = ({ library }: { readonly library: string }) => {
  const selected = usePuck(({ selectedItem }) => selectedItem)
  const label = usePuck(({ config }) =>
    selectedItemLabel(config.components[selected?.type ?? '']?.label, selected?.type),
  )
  return (
    <>
      <h2 className="page-editor-title">{selected === null ? 'This page' : label}</h2>
      {selected !== null && <BlockActions />}
      {selected?.type === KEPT && (
        <p className="muted">This block was made elsewhere and cannot be edited here. It is kept as it is.</p>
      )}
      <Puck.Fields />
      <p className="muted">
        <a href={library} target="_blank" rel="noreferrer">
          Upload pictures
        </a>{' '}
        in the library; open the page again to choose them.
      </p>
    </>
  )
}

const selectedItemLabel = (label: string | undefined, type: string | undefined): string => label ?? type ?? ''

/** What a pointer does by dragging, and its overlay's buttons do, for everybody. */
const BlockActions = () => {
  const dispatch = usePuck(({ dispatch }) => dispatch)
  const chosen = usePuck(({ appState }) => appState.ui.itemSelector)
  const id = usePuck(({ selectedItem }) => selectedItem?.props.id as string | undefined)
  const last = usePuck(({ getItemBySelector, appState }) => {
    const at = appState.ui.itemSelector
    return at === null || getItemBySelector({ ...at, index: at.index + 1 }) === undefined
  })
  if (chosen === null || id === undefined) return null
  const { index, zone = ROOT_ZONE } = chosen
  const choose = (itemSelector: { index: number; zone: string } | null) =>
    dispatch({ type: 'setUi', ui: { itemSelector } })
  const move = (to: number) => {
    dispatch({
      type: 'move',
      sourceIndex: index,
      sourceZone: zone,
      destinationIndex: to,
      destinationZone: zone,
    })
    choose({ index: to, zone })
  }
  return (
    <div className="page-editor-actions">
      <Button
        type="button"
        size="small"
        aria-disabled={index === 0 || undefined}
        onClick={() => index > 0 && move(index - 1)}
      >
        Up
      </Button>
      <Button
        type="button"
        size="small"
        aria-disabled={last || undefined}
        onClick={() => !last && move(index + 1)}
      >
        Down
      </Button>
      <Button
        type="button"
        size="small"
        onClick={() => dispatch({ type: 'duplicate', sourceIndex: index, sourceZone: zone })}
      >
        Duplicate
      </Button>
      <Button
        type="button"
        size="small"
        onClick={() => {
          choose(null)
          dispatch({ type: 'remove', index, zone })
        }}
      >
        Remove
      </Button>
      <Button type="button" size="small" variant="quiet" onClick={() => choose(null)}>
        To the page’s settings
      </Button>
    </div>
  )
}

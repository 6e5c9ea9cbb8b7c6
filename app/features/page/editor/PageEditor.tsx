import { type Config, type Data, Puck } from '@puckeditor/core'
import '@puckeditor/core/no-external.css'
import './editor.css'
import { useBlocker, useRevalidator } from '@remix-run/react'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '~/components/ui'
import { useNonce } from '~/lib/nonce'
import { OneBlock } from '../PageContent'
import { PageContext, VIEWED } from '../page-context'
import { pageTheme } from '../theme'
import { blocksConfig } from './blocks-config'
import { Conflict } from './conflict'
import { fromEditor, KEPT, PAGE_FIELD, SEO_FIELD, toEditor } from './document'
import { EditorLayout } from './editor-layout'
import { type LinkChoice, line, oneOf, type PictureChoice, pictureField, words } from './fields'
import { useNoncedStyles } from './nonced-styles'
import { type EditedPage, readSeo } from './page-settings'
import { Saver, type Saving } from './saver'
import { sendPage, type Theirs } from './send-page'

export interface PageEditorProps {
  readonly address: { readonly workspaceId: string; readonly pageId: string }
  readonly edited: EditedPage
  /** Names the content that is edited. */
  readonly version: string
  readonly theme: Readonly<Record<string, unknown>> | undefined
  readonly pages: readonly LinkChoice[]
  readonly pictures: readonly PictureChoice[]
  /** The library, to upload more. */
  readonly library: string
}

/** The visual editor of one page, which saves by itself. */
const PageEditor = (props: PageEditorProps) => {
  const nonce = useNonce()
  const ready = useNoncedStyles(nonce)
  const { className, css } = pageTheme(props.theme ?? {})
  return (
    <section className="page-editor" aria-label="Page editor">
      <style nonce={nonce}>{css}</style>
      {ready && <Editing {...props} themeClass={className} />}
    </section>
  )
}

export default PageEditor

const Editing = ({
  address,
  edited,
  version,
  pages,
  pictures,
  library,
  themeClass,
}: PageEditorProps & { readonly themeClass: string }) => {
  const config = useMemo(() => editorConfig(pages, pictures, themeClass), [pages, pictures, themeClass])
  const [data] = useState(() => toEditor(edited, config.components))
  const { saving, saver, latest } = useSaver({ address, edited, version })
  const shown = useRef(JSON.stringify(data))
  const onChange = useCallback(
    (changed: Data) => {
      const text = JSON.stringify(changed)
      // Opening a page, and looking around in it, is no change.
      if (text === shown.current) return
      shown.current = text
      latest.current = fromEditor(changed, edited.content)
      saver.edited(latest.current)
    },
    [saver, latest, edited.content],
  )
  return (
    <Puck
      config={config}
      data={data}
      onChange={onChange}
      iframe={{ enabled: false }}
      dnd={{ disableAutoScroll: false }}
    >
      <EditorLayout
        saving={saving}
        library={library}
        onSave={() => void saver.flush()}
        notice={
          saving.state === 'conflict' ? (
            <Conflict
              theirs={saving.theirs}
              onKeepMine={() => void saver.keepMine(latest.current)}
              onTakeTheirs={(setData) => {
                const { page } = saving.theirs
                const theirs = {
                  content: page.content,
                  page: { name: page.name, slug: page.slug, type: page.type },
                  seo: readSeo(page.seo),
                }
                const next = toEditor(theirs, config.components)
                latest.current = theirs
                shown.current = JSON.stringify(next)
                saver.takeTheirs(theirs)
                setData(next)
              }}
            />
          ) : null
        }
      />
      <LeaveGuard saving={saving} saver={saver} />
    </Puck>
  )
}

interface Saved {
  readonly address: PageEditorProps['address']
  readonly edited: EditedPage
  readonly version: string
}

/** Saves what is edited: after a moment, when the window loses the focus, and before it is left. */
const useSaver = ({ address, edited, version }: Saved) => {
  const [saving, setSaving] = useState<Saving<Theirs>>({ state: 'saved' })
  const latest = useRef(edited)
  const { revalidate } = useRevalidator()
  const [saver] = useState(() => {
    let base = edited
    return new Saver<EditedPage, Theirs>({
      version,
      onChange: setSaving,
      onBase: (known) => {
        // Name and slug stand around the editor too.
        const settingsChanged = JSON.stringify(known.page) !== JSON.stringify(base.page)
        base = known
        if (settingsChanged) revalidate()
      },
      send: (draft, asked) => sendPage(address, { draft, base }, asked),
    })
  })
  useEffect(() => {
    const flush = () => void saver.flush()
    const hidden = () => document.visibilityState === 'hidden' && flush()
    const leaving = (event: BeforeUnloadEvent) => {
      if (!saver.unsaved) return
      flush()
      event.preventDefault()
    }
    window.addEventListener('blur', flush)
    window.addEventListener('online', flush)
    document.addEventListener('visibilitychange', hidden)
    window.addEventListener('beforeunload', leaving)
    return () => {
      window.removeEventListener('blur', flush)
      window.removeEventListener('online', flush)
      document.removeEventListener('visibilitychange', hidden)
      window.removeEventListener('beforeunload', leaving)
      flush()
    }
  }, [saver])
  return { saving, saver, latest }
}

/** Keeps who goes to another page here until everything is saved, or they say that it may be lost. */
const LeaveGuard = ({
  saving,
  saver,
}: {
  readonly saving: Saving<Theirs>
  readonly saver: Saver<EditedPage, Theirs>
}) => {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      saver.unsaved && currentLocation.pathname !== nextLocation.pathname,
  )
  useEffect(() => {
    if (blocker.state !== 'blocked') return
    if (saver.unsaved) void saver.flush()
    else blocker.proceed()
  }, [blocker, saver])
  useEffect(() => {
    if (blocker.state === 'blocked' && saving.state === 'saved') blocker.proceed()
  }, [blocker, saving])
  if (blocker.state !== 'blocked' || saving.state === 'saving' || saving.state === 'saved') return null
  return (
    <div className="page-editor-leave" role="alertdialog" aria-label="Not saved">
      <p>What you changed last is not saved. If you leave now, it is lost.</p>
      <div className="actions">
        <Button type="button" onClick={() => blocker.reset()}>
          Stay
        </Button>
        <Button type="button" variant="danger" onClick={() => blocker.proceed()}>
          Leave without saving
        </Button>
      </div>
    </div>
  )
}

const editorConfig = (
  pages: readonly LinkChoice[],
  pictures: readonly PictureChoice[],
  themeClass: string,
): Config => {
  const config = blocksConfig({ pages, pictures })
  const known = new Set(pages.map(({ href }) => href.slice('page:'.length)))
  const surroundings = {
    ...VIEWED,
    mode: 'edit' as const,
    // In the editor nothing leads away; what is shown as a link is one.
    hrefOf: (key: string) => (known.has(key) ? '#' : null),
    titleLevel: 2 as const,
    depth: 0,
  }
  return {
    ...config,
    components: {
      ...config.components,
      [KEPT]: {
        label: 'Block of another make',
        fields: {},
        render: ({ kept }) => <OneBlock value={JSON.parse(String(kept)) as unknown} />,
      },
    },
    root: {
      fields: {
        [PAGE_FIELD]: {
          type: 'object',
          label: 'Page',
          objectFields: {
            name: line('Name'),
            slug: line('Slug: its part of the address'),
            type: oneOf('Type', { 'An ordinary page': 'PAGE', 'A result of a quiz': 'RESULT' }),
          },
        },
        [SEO_FIELD]: {
          type: 'object',
          label: 'For search engines and shares',
          objectFields: {
            title: line('Title'),
            description: words('Description'),
            ogImage: pictureField('Social picture', pictures),
            noIndex: {
              type: 'radio',
              label: 'Search engines',
              options: [
                { label: 'May list it', value: false },
                { label: 'Keep it out', value: true },
              ],
            },
          },
        },
        title: line('Title for who cannot see the page'),
      },
      render: ({ children }: { children?: ReactNode }) => (
        <div className={`fp ${themeClass}`}>
          <PageContext.Provider value={surroundings}>{children}</PageContext.Provider>
        </div>
      ),
    },
  }
}

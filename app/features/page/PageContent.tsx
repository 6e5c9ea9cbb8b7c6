import { type ReactNode, useMemo } from 'react'
import { useNonce } from '~/lib/nonce'
import * as basic from './basic-blocks'
import { type Block, blocksOf, readBlock, titleOf } from './blocks'
import { Form } from './FormBlock'
import * as frame from './frame-blocks'
import type { HrefOf } from './links'
import { PageContext, usePage, VIEWED } from './page-context'
import { keyed, Title } from './parts'
import { Quiz } from './QuizBlock'
import * as sections from './section-blocks'
import { pageTheme } from './theme'

export interface PageContentProps {
  /** As it is stored: `{ root, content: [{ type, props }] }`; anything else shows as an empty page. */
  readonly content: unknown
  /** Tells where a page of the workspace is, by its key; null shows a link's words alone. */
  readonly hrefOf: HrefOf
  /** The theme's tokens: background, text, accent, onAccent, radius, spacing, font, headingFont. */
  readonly theme?: Readonly<Record<string, unknown>> | undefined
  /** 2 where the page is shown inside another page. */
  readonly titleLevel?: 1 | 2
  /** The page's name: its title where its content has none, for who cannot see the page. */
  readonly name?: string
}

/** Shows a page's content. Whatever it holds, nothing of it becomes HTML, script, or style. */
export const PageContent = ({ content, hrefOf, theme = {}, titleLevel = 1, name }: PageContentProps) => {
  const nonce = useNonce()
  const { className, css } = pageTheme(theme)
  const surroundings = useMemo(() => ({ ...VIEWED, hrefOf, titleLevel, depth: 0 }), [hrefOf, titleLevel])
  return (
    <div className={`fp ${className}`}>
      {/* The browser hides the nonce in its markup, so it differs there. */}
      <style nonce={nonce} suppressHydrationWarning>
        {css}
      </style>
      <PageContext.Provider value={surroundings}>
        <PageBlocks content={content} name={name} />
      </PageContext.Provider>
    </div>
  )
}

/** The blocks of a page, in surroundings that somebody else provides. */
export const PageBlocks = ({
  content,
  name,
}: Pick<PageContentProps, 'content'> & { readonly name?: string | undefined }) => {
  const blocks = blocksOf(content)
  const title = titleOf(content, name)
  return (
    <>
      {title !== null && (
        <Title below={0} className="fp-hidden">
          {title}
        </Title>
      )}
      {blocks.length === 0 ? (
        <p className="fp-section fp-quiet">This page is empty.</p>
      ) : (
        <Blocks blocks={blocks} />
      )}
    </>
  )
}

const MAX_DEPTH = 4

const Blocks = ({ blocks }: { readonly blocks: readonly unknown[] }) => (
  <>
    {keyed(blocks).map(({ key, item }) => (
      <OneBlock key={key} value={item} />
    ))}
  </>
)

/** One element of a page's content, whatever it is. */
export const OneBlock = ({ value }: { readonly value: unknown }): ReactNode => {
  const block = readBlock(value)
  return block.type === null ? <basic.Unknown name={block.name} texts={block.texts} /> : show(block)
}

const show = (block: Block): ReactNode => {
  switch (block.type) {
    case 'Navigation':
      return <frame.Navigation {...block.props} />
    case 'Hero':
      return <frame.Hero {...block.props} />
    case 'Heading':
      return <basic.Heading {...block.props} />
    case 'Text':
      return <basic.Text {...block.props} />
    case 'Image':
      return <basic.Image {...block.props} />
    case 'Video':
      return <basic.Video {...block.props} />
    case 'Gallery':
      return <basic.Gallery {...block.props} />
    case 'Button':
      return <basic.Button {...block.props} />
    case 'Features':
      return <sections.Features {...block.props} />
    case 'Steps':
      return <sections.Steps {...block.props} />
    case 'Pricing':
      return <sections.Pricing {...block.props} />
    case 'Testimonials':
      return <sections.Testimonials {...block.props} />
    case 'FAQ':
      return <sections.FAQ {...block.props} />
    case 'Form':
      return <Form {...block.props} id={block.id} />
    case 'Countdown':
      return <sections.Countdown {...block.props} />
    case 'Stats':
      return <sections.Stats {...block.props} />
    case 'Logos':
      return <frame.Logos {...block.props} />
    case 'Banner':
      return <frame.Banner {...block.props} />
    case 'Quote':
      return <sections.Quote {...block.props} />
    case 'Quiz':
      return <Quiz {...block.props} id={block.id} />
    case 'Columns':
      return <Columns columns={block.props.columns.map((column) => column.content)} />
    case 'Divider':
      return <basic.Divider />
    case 'Spacer':
      return <basic.Spacer {...block.props} />
    case 'Embed':
      return <basic.Embed {...block.props} />
    case 'Footer':
      return <frame.Footer {...block.props} />
  }
}

/** Blocks side by side, which may hold columns again, but not without end. */
const Columns = ({ columns }: { readonly columns: readonly (readonly unknown[])[] }) => {
  const page = usePage()
  const inside = useMemo(() => ({ ...page, depth: page.depth + 1 }), [page])
  if (page.depth >= MAX_DEPTH) return <basic.Unknown name="Columns" texts={[]} />
  return (
    <PageContext.Provider value={inside}>
      <div className="fp-section fp-columns">
        {keyed(columns).map(({ key, item }) => (
          <div key={key}>
            <Blocks blocks={item} />
          </div>
        ))}
      </div>
    </PageContext.Provider>
  )
}

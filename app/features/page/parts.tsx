import type { ReactNode } from 'react'
import { pictureSizes, readPictureAddress } from '../../../server/domain/picture/schemas'
import { Art } from './Art'
import { checkedHref, checkedSource, isForeign } from './links'
import { usePage } from './page-context'

interface PageLinkProps {
  readonly href: string
  readonly className?: string
  readonly children: ReactNode
}

/** A link, or its words alone where the address is none a page may lead to. */
export const PageLink = ({ href, className, children }: PageLinkProps) => {
  const { hrefOf, mode } = usePage()
  // A preview leads nowhere but to its own pages.
  const address = mode === 'preview' && !href.trim().startsWith('page:') ? null : checkedHref(href, hrefOf)
  if (address === null || mode === 'edit') return <span className={className}>{children}</span>
  const foreign = isForeign(address) ? { rel: 'noopener noreferrer nofollow ugc' } : {}
  return (
    <a href={address} className={className} {...foreign}>
      {children}
    </a>
  )
}

interface PictureProps {
  readonly src: string
  readonly alt?: string | undefined
}

/** A picture of this site, of the web, or (`art:NAME`) drawn from its name. */
export const Picture = ({ src, alt = '' }: PictureProps) => {
  if (src.startsWith('art:')) return <Art name={src.slice(4)} alt={alt} />
  const address = checkedSource(src)
  if (address === null) return alt === '' ? null : <span className="fp-quiet">{alt}</span>
  const own = readPictureAddress(address)
  const sizes =
    own === null
      ? {}
      : {
          width: own.width,
          height: own.height,
          srcSet: pictureSizes(own)
            .map((size) => `${size.address} ${size.width}w`)
            .join(', '),
          sizes: '(min-width: 70rem) 70rem, 100vw',
        }
  return (
    <img
      className="fp-picture"
      src={address}
      alt={alt}
      loading="lazy"
      referrerPolicy="no-referrer"
      {...sizes}
    />
  )
}

interface TitleProps {
  /** 0 is the page's title, 1 a section's, 2 a part's. */
  readonly below: 0 | 1 | 2
  readonly className?: string
  readonly children: ReactNode
}

export const Title = ({ below, className, children }: TitleProps) => {
  const { titleLevel } = usePage()
  const Tag = (['h1', 'h2', 'h3', 'h4'] as const)[titleLevel - 1 + below] ?? 'h4'
  return <Tag className={className ?? `fp-title-${below}`}>{children}</Tag>
}

/** Paragraphs: an empty line begins a new one. */
export const Prose = ({ text, className }: { readonly text: string; readonly className?: string }) => (
  <div className={`fp-prose ${className ?? ''}`.trim()}>
    {keyed(text.split(/\n\s*\n/).filter((part) => part.trim() !== '')).map(({ key, item }) => (
      <p key={key}>{item}</p>
    ))}
  </div>
)

interface SectionProps {
  readonly title?: string | undefined
  readonly text?: string | undefined
  readonly className: string
  readonly children: ReactNode
}

/** A band of the page with an optional heading. */
export const Section = ({ title, text, className, children }: SectionProps) => (
  <section className={`fp-section ${className}`}>
    {(title !== undefined || text !== undefined) && (
      <header className="fp-intro">
        {title !== undefined && <Title below={1}>{title}</Title>}
        {text !== undefined && <Prose text={text} className="fp-quiet" />}
      </header>
    )}
    {children}
  </section>
)

/** Elements that have no identity of their own, with their place as their key: they are never reordered in place. */
export const keyed = <T,>(items: readonly T[]): readonly { readonly key: string; readonly item: T }[] =>
  items.map((item, place) => ({ key: String(place), item }))

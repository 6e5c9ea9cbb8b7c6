import type { BlockProps, UnknownBlock } from './blocks'
import { checkedHref, videoOf } from './links'
import { usePage } from './page-context'
import { keyed, PageLink, Picture, Prose, Section, Title } from './parts'

export const Heading = ({ text, level = 2, align }: BlockProps<'Heading'>) => (
  <div className={`fp-section fp-tight fp-${align ?? 'left'}`}>
    <Title below={level === 2 ? 1 : 2}>{text}</Title>
  </div>
)

export const Text = ({ text, align, lead }: BlockProps<'Text'>) => (
  <div className={`fp-section fp-tight fp-${align ?? 'left'}`}>
    <Prose text={text} className={lead ? 'fp-lead' : 'fp-body'} />
  </div>
)

export const Image = ({ src, alt, caption }: BlockProps<'Image'>) => (
  <figure className="fp-section fp-tight fp-figure">
    <div className="fp-frame">
      <Picture src={src} alt={alt} />
    </div>
    {caption !== undefined && <figcaption className="fp-quiet">{caption}</figcaption>}
  </figure>
)

/** Where players run, the player or the file; else a link with a poster: what is elsewhere stays there until it is asked for. */
export const Video = ({ title, href, poster, length }: BlockProps<'Video'>) => {
  const { mode, players } = usePage()
  const video = mode === 'live' ? videoOf(href) : null
  if (video?.kind === 'file')
    return (
      <div className="fp-section fp-tight">
        {/* biome-ignore lint/a11y/useMediaCaption: whoever made the file put captions in it, or did not */}
        <video className="fp-player" controls preload="none" src={video.src} aria-label={title} />
      </div>
    )
  if (video !== null && players)
    return (
      <div className="fp-section fp-tight">
        <iframe
          className="fp-player"
          src={video.src}
          title={title}
          loading="lazy"
          allow="fullscreen; picture-in-picture"
          referrerPolicy="strict-origin-when-cross-origin"
          sandbox="allow-scripts allow-same-origin allow-presentation allow-popups"
        />
      </div>
    )
  return (
    <div className="fp-section fp-tight">
      <PageLink href={href} className="fp-video">
        <span className="fp-frame">
          <Picture src={poster ?? `art:${title}`} />
          <span className="fp-play" aria-hidden="true" />
        </span>
        <span className="fp-video-title">
          Watch: {title}
          {length !== undefined && <span className="fp-quiet"> ({length})</span>}
        </span>
      </PageLink>
    </div>
  )
}

export const Gallery = ({ title, text, images }: BlockProps<'Gallery'>) => (
  <Section title={title} text={text} className="fp-gallery">
    <ul className="fp-grid">
      {keyed(images).map(({ key, item }) => (
        <li key={key}>
          <figure className="fp-figure">
            <div className="fp-frame">
              <Picture src={item.src} alt={item.alt} />
            </div>
            {item.caption !== undefined && <figcaption className="fp-quiet">{item.caption}</figcaption>}
          </figure>
        </li>
      ))}
    </ul>
  </Section>
)

export const Button = ({ label, href, variant, align }: BlockProps<'Button'>) => (
  <div className={`fp-section fp-tight fp-${align ?? 'left'}`}>
    <PageLink href={href} className={variant === 'secondary' ? 'fp-button fp-button-second' : 'fp-button'}>
      {label ?? 'Continue'}
    </PageLink>
  </div>
)

/** Something of elsewhere, in a frame of its own that may act on nothing outside of it. */
export const Embed = ({ title, href, text }: BlockProps<'Embed'>) => {
  const { mode } = usePage()
  const address = /^https:/i.test(href.trim()) ? checkedHref(href, () => null) : null
  if (mode === 'live' && address !== null)
    return (
      <div className="fp-section fp-tight">
        <iframe
          className="fp-embed"
          src={address}
          title={title}
          loading="lazy"
          referrerPolicy="no-referrer"
          sandbox="allow-scripts allow-forms allow-popups"
        />
        {text !== undefined && <Prose text={text} className="fp-quiet" />}
      </div>
    )
  return (
    <div className="fp-section fp-tight">
      <div className="fp-card">
        <Title below={2}>{title}</Title>
        {text !== undefined && <Prose text={text} className="fp-quiet" />}
        <PageLink href={href} className="fp-link">
          Open {title}
        </PageLink>
      </div>
    </div>
  )
}

export const Divider = () => (
  <div className="fp-section fp-tight">
    <hr className="fp-divider" />
  </div>
)

export const Spacer = ({ size }: BlockProps<'Spacer'>) => <div className={`fp-spacer-${size ?? 'medium'}`} />

/** What this version cannot show, quietly, with what can be read of it. */
export const Unknown = ({ name, texts }: Pick<UnknownBlock, 'name' | 'texts'>) => (
  <div className="fp-section fp-tight">
    <div className="fp-unknown" data-unknown-block="">
      <p>
        <span className="fp-tag">{name}</span> is not shown in this view.
      </p>
      {texts.length > 0 && (
        <dl>
          {texts.map((entry) => (
            <div key={entry.name}>
              <dt>{entry.name}</dt>
              <dd>{entry.text}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  </div>
)

import type { BlockProps, UnknownBlock } from './blocks'
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

/** A link with a poster: what is elsewhere stays elsewhere until somebody asks for it. */
export const Video = ({ title, href, poster, length }: BlockProps<'Video'>) => (
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

export const Embed = ({ title, href, text }: BlockProps<'Embed'>) => (
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

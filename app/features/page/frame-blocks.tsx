import type { BlockProps } from './blocks'
import { keyed, PageLink, Picture, Prose, Title } from './parts'

export const Navigation = ({ brand, links = [], cta }: BlockProps<'Navigation'>) => (
  <header className="fp-navigation">
    <span className="fp-brand">{brand}</span>
    <nav aria-label={brand}>
      <ul>
        {keyed(links).map(({ key, item }) => (
          <li key={key}>
            <PageLink href={item.href} className="fp-nav-link">
              {item.label}
            </PageLink>
          </li>
        ))}
      </ul>
    </nav>
    {cta !== undefined && (
      <PageLink href={cta.href} className="fp-button fp-button-small">
        {cta.label}
      </PageLink>
    )}
  </header>
)

export const Hero = (props: BlockProps<'Hero'>) => (
  <section
    className={`fp-section fp-hero fp-hero-${props.align ?? (props.image === undefined ? 'center' : 'left')}`}
  >
    <div className="fp-hero-words">
      {props.eyebrow !== undefined && <p className="fp-eyebrow">{props.eyebrow}</p>}
      <Title below={0}>{props.title}</Title>
      {props.text !== undefined && <Prose text={props.text} className="fp-lead" />}
      {(props.cta !== undefined || props.secondary !== undefined) && (
        <p className="fp-actions">
          {props.cta !== undefined && (
            <PageLink href={props.cta.href} className="fp-button">
              {props.cta.label}
            </PageLink>
          )}
          {props.secondary !== undefined && (
            <PageLink href={props.secondary.href} className="fp-button fp-button-second">
              {props.secondary.label}
            </PageLink>
          )}
        </p>
      )}
      {props.note !== undefined && <p className="fp-note">{props.note}</p>}
    </div>
    {props.image !== undefined && (
      <div className="fp-frame">
        <Picture src={props.image} alt={props.imageAlt} />
      </div>
    )}
  </section>
)

export const Banner = ({ text, link, tone }: BlockProps<'Banner'>) => (
  <aside className={`fp-banner fp-banner-${tone ?? 'accent'}`}>
    <p>
      {text}{' '}
      {link !== undefined && (
        <PageLink href={link.href} className="fp-banner-link">
          {link.label}
        </PageLink>
      )}
    </p>
  </aside>
)

export const Logos = ({ title, names = [], images = [] }: BlockProps<'Logos'>) => (
  <div className="fp-section fp-tight fp-logos">
    {title !== undefined && <p className="fp-quiet">{title}</p>}
    <ul>
      {keyed(images).map(({ key, item }) => (
        <li key={key}>
          <Picture src={item.src} alt={item.alt} />
        </li>
      ))}
      {keyed(names).map(({ key, item }) => (
        <li key={`name-${key}`}>{item}</li>
      ))}
    </ul>
  </div>
)

export const Footer = ({ brand, text, links = [], legal }: BlockProps<'Footer'>) => (
  <footer className="fp-footer">
    <div>
      {brand !== undefined && <p className="fp-brand">{brand}</p>}
      {text !== undefined && <Prose text={text} className="fp-quiet" />}
    </div>
    {links.length > 0 && (
      <ul>
        {keyed(links).map(({ key, item }) => (
          <li key={key}>
            <PageLink href={item.href} className="fp-nav-link">
              {item.label}
            </PageLink>
          </li>
        ))}
      </ul>
    )}
    {legal !== undefined && <p className="fp-note">{legal}</p>}
  </footer>
)

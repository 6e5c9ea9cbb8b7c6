import type { BlockProps } from './blocks'
import { usePage } from './page-context'
import { keyed, PageLink, Picture, Prose, Section, Title } from './parts'

export const Features = ({ title, text, items }: BlockProps<'Features'>) => (
  <Section title={title} text={text} className="fp-features">
    <ul className="fp-grid">
      {keyed(items).map(({ key, item }) => (
        <li key={key} className="fp-card">
          <Title below={2}>{item.title}</Title>
          {item.text !== undefined && <Prose text={item.text} className="fp-quiet" />}
        </li>
      ))}
    </ul>
  </Section>
)

export const Steps = ({ title, text, items }: BlockProps<'Steps'>) => (
  <Section title={title} text={text} className="fp-steps">
    <ol>
      {keyed(items).map(({ key, item }) => (
        <li key={key}>
          <div>
            <Title below={2}>{item.title}</Title>
            {item.text !== undefined && <Prose text={item.text} className="fp-quiet" />}
          </div>
        </li>
      ))}
    </ol>
  </Section>
)

export const Pricing = ({ title, text, plans }: BlockProps<'Pricing'>) => (
  <Section title={title} text={text} className="fp-pricing">
    <ul className="fp-grid">
      {keyed(plans).map(({ key, item }) => (
        <li key={key} className={item.highlighted ? 'fp-card fp-card-strong' : 'fp-card'}>
          <Title below={2}>{item.name}</Title>
          <p className="fp-price">
            {item.price} {item.period !== undefined && <span className="fp-quiet">{item.period}</span>}
          </p>
          {item.text !== undefined && <Prose text={item.text} className="fp-quiet" />}
          {item.features !== undefined && (
            <ul className="fp-checks">
              {keyed(item.features).map((feature) => (
                <li key={feature.key}>{feature.item}</li>
              ))}
            </ul>
          )}
          {item.cta !== undefined && (
            <PageLink href={item.cta.href} className="fp-button">
              {item.cta.label}
            </PageLink>
          )}
        </li>
      ))}
    </ul>
  </Section>
)

export const Testimonials = ({ title, text, items }: BlockProps<'Testimonials'>) => (
  <Section title={title} text={text} className="fp-testimonials">
    <ul className="fp-grid">
      {keyed(items).map(({ key, item }) => (
        <li key={key}>
          <figure className="fp-card">
            <blockquote>
              <Prose text={item.quote} />
            </blockquote>
            <figcaption>
              <span className="fp-avatar">
                <Picture src={item.image ?? `art:portrait-${item.name}`} />
              </span>
              <span>
                <strong>{item.name}</strong>
                {item.role !== undefined && <span className="fp-note">{item.role}</span>}
              </span>
            </figcaption>
          </figure>
        </li>
      ))}
    </ul>
  </Section>
)

export const Quote = ({ quote, name, role }: BlockProps<'Quote'>) => (
  <div className="fp-section fp-tight">
    <figure className="fp-quote">
      <blockquote>
        <Prose text={quote} className="fp-lead" />
      </blockquote>
      {name !== undefined && (
        <figcaption>
          <strong>{name}</strong>
          {role !== undefined && <span className="fp-quiet">, {role}</span>}
        </figcaption>
      )}
    </figure>
  </div>
)

export const FAQ = ({ title, text, items }: BlockProps<'FAQ'>) => {
  const { mode } = usePage()
  return (
    <Section title={title} text={text} className="fp-faq">
      {keyed(items).map(({ key, item }) =>
        mode === 'edit' ? (
          <div key={key}>
            <strong>{item.question}</strong>
            <Prose text={item.answer} className="fp-quiet" />
          </div>
        ) : (
          <details key={key}>
            <summary>{item.question}</summary>
            <Prose text={item.answer} className="fp-quiet" />
          </details>
        ),
      )}
    </Section>
  )
}

export const Stats = ({ title, text, items }: BlockProps<'Stats'>) => (
  <Section title={title} text={text} className="fp-stats">
    <dl className="fp-grid">
      {keyed(items).map(({ key, item }) => (
        <div key={key}>
          <dt>{item.label}</dt>
          <dd>{item.value}</dd>
        </div>
      ))}
    </dl>
  </Section>
)

/** The day it ends, in words and in UTC: the same for whoever looks, on the server and in the browser. */
export const Countdown = ({ title, until, text }: BlockProps<'Countdown'>) => (
  <Section title={title} text={text} className="fp-countdown">
    <p>
      Until{' '}
      <time dateTime={until} data-countdown="">
        {dayOf(until)}
      </time>
    </p>
  </Section>
)

const dayOf = (moment: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
    .format(new Date(moment))
    .concat(' UTC')

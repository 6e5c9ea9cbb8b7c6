import { useId } from 'react'
import { Card } from '~/components/ui'
import { paths } from '~/lib/paths'
import type { PreviewTree } from '../../../server/domain/affiliate/schemas'

interface LivePreviewProps {
  /** A live listing's slug, or a link's token. */
  readonly offer: string
  /** As `affiliate.preview` tells it. */
  readonly funnels: PreviewTree
}

/** Every page of what is offered, live, at the width of a desktop or a phone. Works without scripts. */
export const LivePreview = ({ offer, funnels }: LivePreviewProps) => {
  const id = useId()
  const frame = `preview-${id.replaceAll(':', '')}`
  if (funnels.length === 0) return null
  return (
    <Card
      title="Look at every page"
      description="This is what you get, live. Links lead from page to page; forms and payments do nothing here."
    >
      <div className="preview">
        <fieldset className="preview-widths">
          <legend>Width</legend>
          <label>
            <input type="radio" name={`${frame}-width`} value="desktop" defaultChecked /> Desktop
          </label>
          <label>
            <input type="radio" name={`${frame}-width`} value="phone" className="preview-phone" /> Phone
          </label>
        </fieldset>
        <div className="preview-window">
          <iframe
            name={frame}
            title="Preview of the page"
            src={paths.preview(offer)}
            sandbox="allow-scripts"
            referrerPolicy="no-referrer"
            loading="lazy"
          />
        </div>
        <nav aria-label="Pages to look at" className="preview-pages">
          {funnels.map((funnel) => (
            <details key={funnel.slug} open={funnels.length === 1}>
              <summary>
                {funnel.name} <span className="muted">({funnel.pages.length})</span>
              </summary>
              <ul>
                {funnel.pages.map((page) => (
                  <li key={page.slug}>
                    <a href={paths.preview(offer, funnel.slug, page.slug)} target={frame}>
                      {page.name}
                    </a>
                  </li>
                ))}
              </ul>
            </details>
          ))}
        </nav>
      </div>
    </Card>
  )
}

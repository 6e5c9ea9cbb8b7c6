import { Link } from '@remix-run/react'
import { Alert } from '~/components/ui'
import { paths } from '~/lib/paths'
import type { FoundTrace, TraceReport } from '../../../server/domain/workspace/schemas'

const KINDS: Readonly<Record<FoundTrace['kind'], string>> = {
  TRACKING: 'Tracking id',
  KEY: 'Key or password',
  MAIL: 'Mail address',
  WEBHOOK: 'Webhook',
  OWN_SITE: 'Link to your own site',
}

/** What a seller may have left in what they offer, each with its place; nothing when nothing was found. */
export const TraceList = ({
  workspaceId,
  report: { found, more },
}: {
  readonly workspaceId: string
  readonly report: TraceReport
}) =>
  found.length === 0 ? null : (
    <Alert tone="warning" title="Look at this before you offer it: buyers would get it too">
      <ul className="traces">
        {found.slice(0, 20).map((trace) => (
          <li key={`${trace.where} ${trace.path} ${trace.excerpt}`}>
            {KINDS[trace.kind]} <code>{trace.excerpt}</code> in{' '}
            <Place workspaceId={workspaceId} trace={trace} />
          </li>
        ))}
      </ul>
      {(found.length > 20 || more) && <p>… and more. Mend these first.</p>}
    </Alert>
  )

const Place = ({ workspaceId, trace }: { readonly workspaceId: string; readonly trace: FoundTrace }) =>
  trace.funnelId !== null && trace.pageId !== null ? (
    <Link to={paths.pageEditor(workspaceId, trace.funnelId, trace.pageId)}>{trace.where}</Link>
  ) : (
    <span>{trace.where}</span>
  )

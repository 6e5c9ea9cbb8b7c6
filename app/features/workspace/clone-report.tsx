import { Alert, Card, Time } from '~/components/ui'
import { plural } from '~/lib/format'
import type { CloneReport } from '../../../server/domain/workspace/schemas'

/** What the owner of a copy should know of it: where it is from, what came with it, what they have to enter. */
export const CloneReportCard = ({ report }: { readonly report: CloneReport }) => (
  <Card
    title="Where this copy came from"
    description={
      <>
        {report.bought ? 'Bought from' : 'Given to you; made by'} {report.from || 'a seller'} on{' '}
        <Time value={report.copiedAt} />. It is yours alone: no later change of either side shows on the
        other.
      </>
    }
  >
    <div className="stack">
      {report.needsInput.length > 0 && (
        <Alert tone="warning" title="Needs your input">
          <List lines={report.needsInput} />
        </Alert>
      )}
      <p>
        Copied with {plural(report.funnels, 'funnel')} and {plural(report.pages, 'page')}.
      </p>
      <details className="clone-report">
        <summary>What was copied, set anew and left out</summary>
        <div className="columns">
          <Part title="Copied as it was" lines={report.copied} />
          <Part title="Set anew" lines={report.reset} />
          <Part title="Not copied" lines={report.notCopied} />
        </div>
      </details>
    </div>
  </Card>
)

const Part = ({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) => (
  <div>
    <h3>{title}</h3>
    <List lines={lines} />
  </div>
)

const List = ({ lines }: { readonly lines: readonly string[] }) => (
  <ul className="plain">
    {lines.map((line) => (
      <li key={line}>{line}</li>
    ))}
  </ul>
)

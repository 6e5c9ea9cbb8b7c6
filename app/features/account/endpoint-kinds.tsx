import type { EndpointKind } from '../../../server/domain/endpoint/schemas'

/** What each kind of message tells, for whoever chooses. */
export const ENDPOINT_KINDS: Readonly<Record<EndpointKind, string>> = {
  'sale.created': 'You sold a copy, or the next period of one was paid',
  'sale.reversed': 'A sale was refunded or disputed, or that was undone',
  'commission.created': 'A payment earned you a commission',
  'commission.credited': 'A commission came onto your balance after its hold',
  'withdrawal.updated': 'A withdrawal of yours went on',
  'workspace.cloned': 'A copy you bought is there',
  'release.available': 'There is a new version of a copy you own',
}

interface EndpointKindsProps {
  readonly chosen: readonly string[]
  readonly error?: string | undefined
}

/** The kinds as boxes to tick, in a form. */
export const EndpointKinds = ({ chosen, error }: EndpointKindsProps) => (
  <fieldset className="field" aria-describedby={error === undefined ? undefined : 'kinds-error'}>
    <legend>Announce there</legend>
    {Object.entries(ENDPOINT_KINDS).map(([kind, words]) => (
      <label key={kind} className="check">
        <input type="checkbox" name="kinds" value={kind} defaultChecked={chosen.includes(kind)} />{' '}
        <span>
          {words} <code className="muted">{kind}</code>
        </span>
      </label>
    ))}
    {error !== undefined && (
      <p className="field-error" id="kinds-error">
        {error}
      </p>
    )}
  </fieldset>
)

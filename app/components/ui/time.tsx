import { formatDate } from '../../lib/format'
import { useHydrated } from './use-hydrated'

interface TimeProps {
  /** A moment, ISO 8601. */
  readonly value: string
  /** With the time of day. */
  readonly withTime?: boolean
}

/** A moment: in UTC on the server, in the viewer's zone once the page lives. */
export const Time = ({ value, withTime = false }: TimeProps) => {
  const hydrated = useHydrated()
  const zone = hydrated ? Intl.DateTimeFormat().resolvedOptions().timeZone : 'UTC'
  return <time dateTime={value}>{formatDate(value, zone, withTime)}</time>
}

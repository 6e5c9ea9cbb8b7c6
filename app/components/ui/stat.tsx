import type { ReactNode } from 'react'

interface StatProps {
  readonly label: string
  readonly value: ReactNode
  readonly note?: ReactNode
}

/** One figure with its name. Stats stand in a `StatGroup`. */
export const Stat = ({ label, value, note }: StatProps) => (
  <div className="stat">
    <dt>{label}</dt>
    <dd className="stat-value">{value}</dd>
    {note !== undefined && <dd className="stat-note">{note}</dd>}
  </div>
)

export const StatGroup = ({ children }: { readonly children: ReactNode }) => (
  <dl className="stats">{children}</dl>
)
